// Package reference serves the REST contract: /openapi.json and /openapi-3.0.json for programs,
// /docs/ for people.
package reference

import (
	"embed"
	"net/http"

	"github.com/swaggest/swgui/v5/static"
	"github.com/vearutop/statigz"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/failure"
)

// The page is ours, in docs/; Swagger UI, which draws it, comes with its module.
//
//go:embed openapi.json openapi-3.0.json docs
var files embed.FS

// The page loads nothing from elsewhere and sends requests to its own origin alone. (The icons of
// Swagger UI are data URLs in its style sheet.)
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves GET and HEAD of /openapi.json, /openapi-3.0.json, /docs and what is below /docs/.
func Handler() http.Handler {
	swaggerUI := http.StripPrefix("/docs/", statigz.FileServer(static.FS))
	mux := http.NewServeMux()
	mux.Handle("/docs/swagger-ui.css", swaggerUI)
	mux.Handle("/docs/swagger-ui-bundle.js", swaggerUI)
	mux.Handle("/", statigz.FileServer(files, statigz.EncodeOnInit, func(s *statigz.Server) {
		s.OnNotFound = notFound
	}))
	return guarded(mux)
}

func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		// Nothing here is secret, but a new version shall be seen at once.
		header.Set("Cache-Control", "no-cache")
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			failure.Write(w, failure.MethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	told, _ := failure.Of(status.Error(codes.NotFound, ""))
	failure.Write(w, told)
}
