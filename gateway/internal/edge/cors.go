package edge

import (
	"net/http"
	"time"

	"github.com/rs/cors"
)

// How long a browser need not ask again.
const preflightAge = 10 * time.Minute

// crossOrigin lets pages of the given origins call. It never allows cookies, which no call uses.
func crossOrigin(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next // The library takes none for all.
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Idempotency-Key", ifMatch, requestID},
		ExposedHeaders: []string{requestID, "ETag", "Retry-After", "RateLimit", "RateLimit-Policy"},
		MaxAge:         int(preflightAge.Seconds()),
	}).Handler(next)
}
