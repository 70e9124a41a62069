// Package serving runs the gateway from its start to its end.
package serving

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/edge"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/upstream"
)

const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	// What a slow client gets to take its answer, beyond the time that the answer may take.
	writeTimeout = time.Minute
	// Less than this, and more than the edge takes, it refuses in the contract's words; net/http
	// refuses the rest.
	maxHeaderBytes = 64 << 10
	// Requests in flight on one connection of HTTP/2.
	maxStreams = 100
	// How long /ready says no before connections are turned away, so that balancers notice.
	lameDuck = 500 * time.Millisecond
)

// Run serves until ctx is done, then lets requests in flight finish. It returns an error when it
// cannot serve.
func Run(ctx context.Context, s settings.Settings, version string, log *slog.Logger) error {
	connections, err := upstream.Dial(s.UpstreamAddress, s.UpstreamConnections, s.UpstreamTLS, "coupons-gateway/"+version)
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", s.UpstreamAddress, err)
	}
	defer connections.Close()
	handler, err := edge.New(s, connections, log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.ListenAddress)
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	listener = newLimitListener(listener, s.MaxConnections)
	log.Info("serving", "address", listener.Addr().String(), "upstream", s.UpstreamAddress, "version", version)

	server := newServer(s, handler, log)
	ended := make(chan error, 1)
	go func() { ended <- serve(server, listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		drain(server, handler, s.Drain, log)
		return nil
	}
}

func newServer(s settings.Settings, handler http.Handler, log *slog.Logger) *http.Server {
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	// With prior knowledge, from balancers and meshes (RFC 9113, section 3.3).
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Protocols:         protocols,
		Handler:           handler,
		TLSConfig:         s.TLS,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      s.RequestTimeout + writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		// `OPTIONS *` is no path of the contract either.
		DisableGeneralOptionsHandler: true,
		// What it has to say is of clients that break off.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func serve(server *http.Server, listener net.Listener) error {
	if server.TLSConfig != nil {
		return server.ServeTLS(listener, "", "")
	}
	return server.Serve(listener)
}

func drain(server *http.Server, handler *edge.Edge, patience time.Duration, log *slog.Logger) {
	log.Info("stopping")
	handler.Drain()
	time.Sleep(lameDuck)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := server.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		log.Warn("requests were cut off", "drain_seconds", patience.Seconds())
		server.Close()
	}
}
