package edge

import (
	"net/http"
	"regexp"

	"github.com/google/uuid"
)

const requestID = "X-Request-Id"

// What the service, too, takes for an id of a request.
var fitRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// The prefixes of secrets, as of words: an id with one of them would be logged, and given back.
var secret = regexp.MustCompile(`(?:^|[^A-Za-z0-9])(?:pk_|ts_|whsec_|eyJ)`)

// named assigns each request an id, the client's own if it can be logged and is no secret, and sets the
// headers that all responses have.
func named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestID)
		if !fitRequestID.MatchString(id) || secret.MatchString(id) {
			id = uuid.Must(uuid.NewV7()).String()
		}
		header := w.Header()
		header.Set(requestID, id)
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}
