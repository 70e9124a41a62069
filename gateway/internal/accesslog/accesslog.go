// Package accesslog logs how requests ended. A line names the route, never the path, which has
// codes and users in it, and no header but the request's id.
package accesslog

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/failure"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
)

// The status that is logged when the client closed the connection first, as nginx has it.
const clientClosedRequest = 499

// entry collects the fields of a request's log event.
type entry struct {
	http.ResponseWriter
	status int
	route  string
	cause  error
}

type entryKey struct{}

// Route records the path template that a request matched, such as /v1/coupons/{tenant_id}/definitions.
func Route(ctx context.Context, route string) {
	if noted, ok := ctx.Value(entryKey{}).(*entry); ok {
		noted.route = route
	}
}

// Cause records the error behind a response that does not reveal it.
func Cause(ctx context.Context, cause error) {
	if noted, ok := ctx.Value(entryKey{}).(*entry); ok {
		noted.cause = cause
	}
}

// Handler logs those requests to next that which selects. A panic is logged always, and
// answered as a fault.
func Handler(log *slog.Logger, which settings.AccessLog, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		noted := &entry{ResponseWriter: w}
		ctx := context.WithValue(r.Context(), entryKey{}, noted)
		serve(log, next, noted, r.WithContext(ctx))
		if ctx.Err() != nil {
			noted.status = clientClosedRequest
		}
		if which == settings.AccessLogAll || which == settings.AccessLogErrors && noted.status >= 400 {
			noted.log(log, r.Method, time.Since(started))
		}
	})
}

func serve(log *slog.Logger, next http.Handler, noted *entry, r *http.Request) {
	defer func() {
		thrown := recover()
		if thrown == nil {
			return
		}
		log.Error("fault", "panic", thrown, "stack", string(debug.Stack()), "request_id", noted.requestID())
		if noted.status != 0 {
			panic(http.ErrAbortHandler) // Half an answer must not look whole.
		}
		failure.Write(noted, failure.Fault)
	}()
	next.ServeHTTP(noted, r)
}

func (e *entry) log(log *slog.Logger, method string, took time.Duration) {
	fields := []any{
		"request_id", e.requestID(),
		"method", nameOf(method),
		"route", e.route,
		"status", e.status,
		"milliseconds", float64(took.Microseconds()) / 1000,
	}
	if e.cause != nil {
		fields = append(fields, "cause", e.cause.Error())
	}
	log.Info("request", fields...)
}

// nameOf keeps out of the log what a client may write in a method's place.
func nameOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return "other"
}

func (e *entry) requestID() string {
	return e.Header().Get("X-Request-Id")
}

// WriteHeader implements http.ResponseWriter.
func (e *entry) WriteHeader(status int) {
	if e.status == 0 {
		e.status = status
	}
	e.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (e *entry) Write(body []byte) (int, error) {
	if e.status == 0 {
		e.status = http.StatusOK
	}
	return e.ResponseWriter.Write(body)
}

// Unwrap is for http.ResponseController.
func (e *entry) Unwrap() http.ResponseWriter {
	return e.ResponseWriter
}
