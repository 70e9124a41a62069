// Package edge serves the coupon service over HTTP.
package edge

import (
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/accesslog"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/authorization"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/reference"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
)

// Edge is the HTTP handler of everything.
type Edge struct {
	http.Handler
	draining atomic.Bool
}

// New makes an edge in front of the service at the other end of upstream.
func New(s settings.Settings, upstream grpc.ClientConnInterface, log *slog.Logger) (*Edge, error) {
	calls, err := transcoder(upstream)
	if err != nil {
		return nil, err
	}
	calls = authorization.Handler(authv3.NewAuthorizationClient(upstream), headAsGet(calls))
	calls = bounded(s.RequestTimeout, cleaned(calls))

	edge := &Edge{}
	contract := reference.Handler()
	edge.Handler = routes(map[string]http.Handler{
		"/health":           onlyGet(http.HandlerFunc(writeOK)),
		"/ready":            onlyGet(edge.ready(healthv1.NewHealthClient(upstream))),
		"/openapi.json":     contract,
		"/openapi-3.0.json": contract,
		"/docs":             contract,
		"/docs/":            contract,
	}, calls)
	edge.Handler = wellFormed(compressed(edge.Handler))
	edge.Handler = crossOrigin(s.CORSOrigins, edge.Handler)
	edge.Handler = named(accesslog.Handler(log, s.AccessLog, edge.Handler))
	return edge, nil
}

// Drain makes /ready fail, so that load balancers stop sending requests; everything else goes on.
func (e *Edge) Drain() {
	e.draining.Store(true)
}

// routes sends requests that are not calls to own, by the path as the client wrote it. (http.ServeMux
// would clean the path first, and the service would check another one.)
func routes(own map[string]http.Handler, calls http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		if strings.HasPrefix(path, "/docs/") {
			path = "/docs/"
		}
		handler, ok := own[path]
		if !ok {
			calls.ServeHTTP(w, r)
			return
		}
		accesslog.Route(r.Context(), path)
		handler.ServeHTTP(w, r)
	})
}
