package edge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/authorization"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/failure"
)

const maxBodyBytes = 1 << 20

// gRPC servers take 8 KiB of metadata, in which the gateway needs some room as well.
const maxHeaderBytes = 7 << 10

const (
	maxHeaders = 200
	// Of all headers, and of the path and query.
	maxHeadBytes = 16 << 10
)

// Of X-Forwarded-For, whose end alone can be believed.
const maxForwardedBytes = 1 << 10

// The headers that mean something to the service. All others end here: those by which the
// gateway vouches for something, those that steer gRPC or proxies, cookies.
var meaningful = []string{
	"Authorization",
	"X-Api-Key",
	"X-Tenant-Id",
	"X-Timestamp",
	"X-Signature",
	"Idempotency-Key",
	ifMatch,
	// Which the service refuses (RFC 9110, section 8.4).
	"Content-Encoding",
}

// How long the service may wait for something to tell (PollGrants), beside the time that any request has.
const longPoll = 30 * time.Second

const (
	// Bodies of most calls are smaller than this; up to largeBodies of others are held at a time.
	smallBodyBytes = 16 << 10
	largeBodies    = 128
)

// bounded gives a request a deadline, and its body a limit. Of large bodies it lets in a few, as
// each is in memory from its beginning on; others wait.
func bounded(timeout time.Duration, next http.Handler) http.Handler {
	places := make(chan struct{}, largeBodies)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > maxBodyBytes {
			failure.Write(w, failure.BodyTooLarge)
			return
		}
		if len(r.TransferEncoding) > 0 {
			// There may have been a Content-Length as well, which net/http has forgotten: what
			// follows on the connection could be meant as part of this body (RFC 9112, 6.1).
			w.Header().Set("Connection", "close")
		}
		patience := timeout
		if isLongPoll(r) {
			patience += longPoll
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		if r.ContentLength > smallBodyBytes || r.ContentLength < 0 {
			select {
			case places <- struct{}{}:
				defer func() { <-places }()
			case <-ctx.Done():
				failure.Write(w, failure.Unavailable)
				return
			}
		}
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
		next.ServeHTTP(w, r)
	})
}

func isLongPoll(r *http.Request) bool {
	tenant, ok := strings.CutPrefix(r.URL.Path, "/v1/grants/")
	return ok && !strings.Contains(tenant, "/")
}

// headAsGet makes the call of a GET for HEAD, whose answer net/http sends without its body.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// cleaned passes on a request of its own, with nothing in it but what the service is to know.
func cleaned(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept := http.Header{
			requestID:                  {w.Header().Get(requestID)},
			authorization.ForwardedFor: {forwardedFor(r)},
		}
		size := 0
		for _, name := range meaningful {
			for _, value := range r.Header.Values(name) {
				if !isMetadata(value) {
					failure.Write(w, failure.Malformed("the header "+name+" is not printable ASCII"))
					return
				}
				size += len(name) + len(value)
				kept.Add(name, value)
			}
		}
		if size > maxHeaderBytes {
			failure.Write(w, failure.Malformed(fmt.Sprintf("its headers have more than %d bytes", maxHeaderBytes)))
			return
		}
		clean := &http.Request{
			Method: r.Method,
			URL:    &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery},
			Header: kept,
			Body:   r.Body,
		}
		next.ServeHTTP(w, clean.WithContext(r.Context()))
	})
}

// wellFormed refuses what no path takes: too many headers, and another protocol (RFC 9110, section 7.8).
func wellFormed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch count, size := sizeOf(r.Header); {
		case count > maxHeaders || size+len(r.RequestURI) > maxHeadBytes:
			failure.WriteAs(w, failure.TooManyHeaders, http.StatusRequestHeaderFieldsTooLarge)
		case asksForAnotherProtocol(r.Header):
			failure.Write(w, failure.Malformed("it asks for another protocol"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func sizeOf(headers http.Header) (count, size int) {
	for name, values := range headers {
		count += len(values)
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return count, size
}

// asksForAnotherProtocol is false of HTTP/2, which clients offer on the chance.
func asksForAnotherProtocol(headers http.Header) bool {
	asks := strings.Contains(strings.ToLower(strings.Join(headers.Values("Connection"), ",")), "upgrade")
	protocol := headers.Get("Upgrade")
	return asks && protocol != "" && !strings.EqualFold(protocol, "h2c")
}

// forwardedFor is the header with the address of whoever connected appended. How much of it can be
// believed, the service knows. What is no text stands in its place as unknown.
func forwardedFor(r *http.Request) string {
	addresses := strings.Join(r.Header.Values(authorization.ForwardedFor), ", ")
	if len(addresses) > maxForwardedBytes {
		addresses = addresses[len(addresses)-maxForwardedBytes:]
	}
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		peer = "unknown"
	}
	if addresses == "" {
		return peer
	}
	hops := strings.Split(addresses, ",")
	for i, hop := range hops {
		if !isMetadata(hop) {
			hops[i] = " unknown"
		}
	}
	return strings.TrimSpace(strings.Join(hops, ",")) + ", " + peer
}

// isMetadata tells whether gRPC metadata can have this value.
func isMetadata(value string) bool {
	return !strings.ContainsFunc(value, func(char rune) bool { return char < ' ' || char > '~' })
}
