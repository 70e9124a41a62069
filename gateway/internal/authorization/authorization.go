// Package authorization asks the coupon service about each request before it is transcoded, over
// Envoy's external authorisation protocol (ext_authz). The service rejects requests that are
// not of the contract, and verifies a signature over the request's own bytes, which transcoding changes.
package authorization

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/accesslog"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/failure"
)

// How long to wait for the service's word.
const patience = 5 * time.Second

// ForwardedFor tells the service which proxies and which client a request comes from. It is for the
// service's word alone: no call carries it.
const ForwardedFor = "X-Forwarded-For"

var errNoAnswer = errors.New("the answer to Check neither allows nor denies")

// Handler forwards requests that the service allows to next, with the service's changes of headers.
// A denied request gets the service's response. Without an answer of the service it fails closed.
func Handler(service authv3.AuthorizationClient, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			refuseBody(w, r, err)
			return
		}
		answer, err := check(r.Context(), service, requestOf(r, body))
		if err != nil {
			accesslog.Cause(r.Context(), err)
			if r.Context().Err() == nil {
				// Whatever the matter is, the caller is not to blame.
				err = status.Error(codes.Unavailable, err.Error())
			}
			told, _ := failure.Of(err)
			failure.Write(w, told)
			return
		}
		if denied := answer.GetDeniedResponse(); denied != nil {
			deny(w, denied)
			return
		}
		r.Header.Del(ForwardedFor)
		if err := grant(r, answer.GetOkResponse()); err != nil {
			failure.Write(w, failure.Malformed(err.Error()))
			return
		}
		// Whatever comes of the call.
		set(w.Header(), answer.GetOkResponse().GetResponseHeadersToAdd())
		// Where the transcoder would not read the one that was sent.
		if rewritten, ok := answer.GetDynamicMetadata().GetFields()["body"]; ok {
			body = []byte(rewritten.GetStringValue())
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		next.ServeHTTP(w, r)
	})
}

func refuseBody(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		failure.Write(w, failure.BodyTooLarge)
		return
	}
	accesslog.Cause(r.Context(), err)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		failure.WriteAs(w, failure.TooSlow, http.StatusRequestTimeout)
		return
	}
	failure.Write(w, failure.Malformed("the body did not arrive as a whole"))
}

// check returns an answer that either denies or is of status OK and allows.
func check(ctx context.Context, service authv3.AuthorizationClient, request *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := service.Check(ctx, request)
	if err != nil {
		return nil, err
	}
	allowed := codes.Code(answer.GetStatus().GetCode()) == codes.OK
	if allowed && answer.GetOkResponse() != nil || !allowed && answer.GetDeniedResponse() != nil {
		return answer, nil
	}
	return nil, errNoAnswer
}
