package edge

import (
	"context"
	"io"
	"net/http"
	"time"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/accesslog"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/failure"
)

// How long /ready waits for the service.
const healthPatience = 2 * time.Second

// ready tells whether calls would reach a service that serves.
func (e *Edge) ready(service healthv1.HealthClient) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.draining.Load() {
			failure.Write(w, failure.Unavailable)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), healthPatience)
		defer cancel()
		answer, err := service.Check(ctx, &healthv1.HealthCheckRequest{})
		if err != nil {
			accesslog.Cause(ctx, err)
		}
		if answer.GetStatus() != healthv1.HealthCheckResponse_SERVING {
			failure.Write(w, failure.Unavailable)
			return
		}
		writeOK(w, r)
	})
}

func writeOK(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	// An error means that the client is gone.
	_, _ = io.WriteString(w, `{"status":"ok"}`)
}

func onlyGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			failure.Write(w, failure.MethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}
