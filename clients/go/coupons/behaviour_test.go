package coupons_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/coupons"
	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
)

// after returns the gaps between the attempts of a call that fails so often, and then succeeds.
func after(t *testing.T, count int, fail func(int) (proto.Message, error), trailer metadata.MD) []time.Duration {
	t.Helper()
	var times []time.Time
	s := serveTrailer(t, trailer, func(attempt int) (proto.Message, error) {
		times = append(times, time.Now())
		if attempt <= count {
			return fail(attempt)
		}
		return empty(attempt)
	})
	redeem(t, t.Context(), open(t, s.address, apiKey), &couponsv1.RedeemCouponRequest{Code: "X"})
	var gaps []time.Duration
	for i := range len(times) - 1 {
		gaps = append(gaps, times[i+1].Sub(times[i]))
	}
	return gaps
}

func in(pause time.Duration) func(int) (proto.Message, error) {
	return refuse(codes.Unavailable, "down", &errdetails.RetryInfo{RetryDelay: durationpb.New(pause)})
}

func TestTheServicesWordOnWhenIsKept(t *testing.T) {
	for name, gaps := range map[string][]time.Duration{
		"RetryInfo": after(t, 2, in(600*time.Millisecond), nil),
		"pushback":  after(t, 2, in(time.Hour), metadata.Pairs("grpc-retry-pushback-ms", "600")),
	} {
		// Without it there is a second at most between all attempts.
		if len(gaps) != 2 || slices.Min(gaps) < 600*time.Millisecond {
			t.Errorf("%s: the pauses were %v", name, gaps)
		}
	}
}

func TestNoAttemptIsMadeThatTheServiceForbidsOrTheDeadline(t *testing.T) {
	for name, s := range map[string]*service{
		"negative":      serveTrailer(t, metadata.Pairs("grpc-retry-pushback-ms", "-1"), unavailable),
		"unreadable":    serveTrailer(t, metadata.Pairs("grpc-retry-pushback-ms", "never"), unavailable),
		"past deadline": serve(t, in(time.Minute)),
	} {
		found := failure(t, open(t, s.address, apiKey, coupons.WithTimeout(30*time.Second)))
		if found.Code != codes.Unavailable || len(s.calls()) != 1 {
			t.Errorf("%s: %v after %d attempts", name, found, len(s.calls()))
		}
	}
}

func TestTheRetryPolicyIsTheClients(t *testing.T) {
	for _, attempts := range []int{1, 6} {
		s := serve(t, unavailable)
		policy := coupons.RetryPolicy{Attempts: attempts, InitialBackoff: time.Millisecond, MaxBackoff: time.Millisecond}
		failure(t, open(t, s.address, apiKey, coupons.WithRetries(policy)))
		if got := len(s.calls()); got != attempts {
			t.Errorf("%d attempts, want %d", got, attempts)
		}
	}
}

var refusedCredential = refuse(codes.Unauthenticated, "No", &errdetails.ErrorInfo{Reason: "CREDENTIAL_INVALID"})

func TestATokenThatIsRefusedIsMintedAnewOnce(t *testing.T) {
	s := serve(t, func(attempt int) (proto.Message, error) {
		// The next token is of another second.
		time.Sleep(1100 * time.Millisecond)
		if attempt == 1 {
			return refusedCredential(attempt)
		}
		return empty(attempt)
	})
	client := open(t, s.address, must(coupons.NewTenantToken(tenant, secret)))
	redeem(t, t.Context(), client, &couponsv1.RedeemCouponRequest{Code: "X"})
	calls := s.calls()
	if len(calls) != 2 || !slices.Equal(calls[0].body, calls[1].body) ||
		slices.Equal(calls[0].metadata.Get("authorization"), calls[1].metadata.Get("authorization")) {
		t.Errorf("%d attempts, or with one token", len(calls))
	}
}

func TestACredentialIsRefusedInTheEnd(t *testing.T) {
	for credential, want := range map[coupons.Credential]int{
		must(coupons.NewTenantToken(tenant, secret)): 2,
		must(coupons.NewHMAC(tenant, secret)):        1,
		apiKey:                                       1,
	} {
		s := serve(t, refusedCredential)
		found := failure(t, open(t, s.address, credential))
		if found.Reason != coupons.ReasonCredentialInvalid || len(s.calls()) != want {
			t.Errorf("%v: %v after %d attempts, want %d", credential, found, len(s.calls()), want)
		}
	}
}

// kinds are the ways to call.
var kinds = map[string]func(ctx context.Context, client *coupons.Client) error{
	"unary": func(ctx context.Context, client *coupons.Client) error {
		_, err := client.Query.ValidateCoupon(ctx, &couponsv1.ValidateCouponRequest{})
		return err
	},
	"server stream": func(ctx context.Context, client *coupons.Client) error {
		stream, err := client.Grants.WatchGrants(ctx, &couponsv1.WatchGrantsRequest{})
		for err == nil {
			_, err = stream.Recv()
		}
		return err
	},
	"client stream": func(ctx context.Context, client *coupons.Client) error {
		stream, err := client.Jobs.StartGeneration(ctx)
		if err == nil {
			_, err = stream.CloseAndRecv()
		}
		return err
	},
	"both": func(ctx context.Context, client *coupons.Client) error {
		stream, err := client.Events.StreamEvents(ctx)
		for err == nil {
			_, err = stream.Recv()
		}
		return err
	},
}

func assertClosed(t *testing.T, name string, err error) {
	t.Helper()
	found := asError(t, err)
	if found.Code != codes.Canceled || found.Message != "The client is closed" || found.Reason != "" {
		t.Errorf("%s: got %v", name, found)
	}
	if errors.Is(err, context.Canceled) {
		t.Errorf("%s: nobody cancelled the context", name)
	}
}

func TestACallOfAClosedClientFails(t *testing.T) {
	for name, call := range kinds {
		client := must(coupons.New("127.0.0.1:1", apiKey))
		for range 2 {
			if err := client.Close(); err != nil {
				t.Errorf("closing gives %v", err)
			}
		}
		assertClosed(t, name, call(t.Context(), client))
	}
}

func TestClosingEndsCallsUnderWayAndPauses(t *testing.T) {
	for name, call := range kinds {
		arrived := make(chan struct{}, 1)
		held := serveStreams(t, func(stream grpc.ServerStream) error {
			arrived <- struct{}{}
			<-stream.Context().Done()
			return stream.Context().Err()
		})
		pausing := serveStreams(t, func(stream grpc.ServerStream) error {
			arrived <- struct{}{}
			_, err := in(time.Hour)(1)
			return err
		})
		addresses := []string{held}
		if name == "unary" || name == "server stream" {
			addresses = append(addresses, pausing)
		}
		for _, address := range addresses {
			client := must(coupons.New(address, apiKey, coupons.WithTimeout(10*time.Hour)))
			go func() {
				<-arrived
				time.Sleep(50 * time.Millisecond)
				client.Close()
			}()
			assertClosed(t, name, call(t.Context(), client))
		}
	}
}

func TestErrorsIsFindsTheEndOfTheContext(t *testing.T) {
	for name, call := range kinds {
		arrived := make(chan struct{}, 9)
		client := open(t, serveStreams(t, func(stream grpc.ServerStream) error {
			arrived <- struct{}{}
			<-stream.Context().Done()
			return stream.Context().Err()
		}), apiKey)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-arrived
			cancel()
		}()
		if err := call(ctx, client); !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", name, err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := call(ctx, client); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	silent := serve(t, func(attempt int) (proto.Message, error) {
		time.Sleep(200 * time.Millisecond)
		return empty(attempt)
	})
	if found := failure(t, open(t, silent.address, apiKey, coupons.WithTimeout(time.Millisecond))); !errors.Is(found, context.DeadlineExceeded) {
		t.Errorf("the client's own timeout gives %v", found)
	}
}

func TestErrorsIsFindsTheContextsEndInAPause(t *testing.T) {
	client := open(t, serve(t, in(time.Hour)).address, apiKey)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Hour)
	time.AfterFunc(200*time.Millisecond, cancel)
	if err := kinds["unary"](ctx, client); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestARequestAboveTheServicesLimitIsNotSent(t *testing.T) {
	s := serve(t, empty)
	client := open(t, s.address, apiKey)
	request := &couponsv1.RedeemCouponRequest{RequestId: "once", Code: strings.Repeat("x", 4<<20)}
	_, err := client.Query.RedeemCoupon(t.Context(), request)
	found := asError(t, err)
	want := "The request has 4194315 bytes; the service takes at most 4194304"
	if found.Code != codes.ResourceExhausted || found.Reason != "" || found.Message != want || found.RequestID != "once" {
		t.Errorf("got %+v", found)
	}
	stream, err := client.Events.StreamEvents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = stream.Send(&couponsv1.StreamEventsRequest{TenantId: strings.Repeat("x", 4<<20)})
	if asError(t, err).Code != codes.ResourceExhausted {
		t.Errorf("got %v", err)
	}
	if got := len(s.calls()); got != 0 {
		t.Errorf("%d calls arrived", got)
	}
	request.Code = strings.Repeat("x", 4<<20-11)
	redeem(t, t.Context(), client, request)
}

func TestErrorsNameTheCallAndTheRequest(t *testing.T) {
	s := serve(t, refuse(codes.NotFound, "No"))
	client := open(t, s.address, apiKey)
	_, err := client.Query.RedeemCoupon(t.Context(), &couponsv1.RedeemCouponRequest{RequestId: "mine"})
	if found := asError(t, err); found.CallID != "req-1" || found.RequestID != "mine" {
		t.Errorf("got %q and %q", found.CallID, found.RequestID)
	}
	found := failure(t, client)
	if sent := redemption(t, s.calls()[1]).RequestId; sent == "" || found.RequestID != sent {
		t.Errorf("got %q, sent %q", found.RequestID, sent)
	}
	_, err = client.Query.ValidateCoupon(t.Context(), &couponsv1.ValidateCouponRequest{})
	if found := asError(t, err); found.RequestID != "" {
		t.Errorf("got %q", found.RequestID)
	}
}

func TestDetailsThatMakeNoSenseLeaveTheStatus(t *testing.T) {
	undecodable := &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.ErrorInfo", Value: []byte{0xff}}
	for name, details := range map[string]string{
		"another code": string(must(proto.Marshal(&statuspb.Status{Code: 14, Message: "\"down\""}))),
		"no status":    "\xff",
		"no detail":    string(must(proto.Marshal(&statuspb.Status{Code: 5, Message: "a \"b\" \\ c", Details: []*anypb.Any{undecodable}}))),
	} {
		s := serveTrailer(t, metadata.Pairs("grpc-status-details-bin", details), func(int) (proto.Message, error) {
			return nil, status.Error(codes.NotFound, "a \"b\" \\ c")
		})
		found := failure(t, open(t, s.address, apiKey))
		if found.Code != codes.NotFound || found.Message != "a \"b\" \\ c" || found.Reason != "" {
			t.Errorf("%s: got %v, %q, %q", name, found.Code, found.Message, found.Reason)
		}
		if got := status.Code(found); got != codes.NotFound {
			t.Errorf("%s: package status sees %v", name, got)
		}
	}
}

func TestTheCallersOptionsAreNotWrittenTo(t *testing.T) {
	shared := make([]grpc.CallOption, 1, 16)
	shared[0] = grpc.WaitForReady(false)
	unary := func(ctx context.Context, method string, request, response any,
		connection *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
	) error {
		return invoke(ctx, method, request, response, connection, shared...)
	}
	streaming := func(ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn,
		method string, begin grpc.Streamer, opts ...grpc.CallOption,
	) (grpc.ClientStream, error) {
		return begin(ctx, description, connection, method, shared...)
	}
	address := serveStreams(t, func(grpc.ServerStream) error { return status.Error(codes.NotFound, "No") })
	client := open(t, address, apiKey, coupons.WithDialOptions(
		grpc.WithChainUnaryInterceptor(unary), grpc.WithChainStreamInterceptor(streaming)))
	for name, call := range kinds {
		call(t.Context(), client)
		for _, option := range shared[1:cap(shared)] {
			if option != nil {
				t.Fatalf("%s: the caller's options were written to", name)
			}
		}
	}
}

func TestTheUserAgentNamesTheClient(t *testing.T) {
	s := serve(t, empty)
	redeem(t, t.Context(), open(t, s.address, apiKey), &couponsv1.RedeemCouponRequest{})
	if got := s.calls()[0].metadata.Get("user-agent")[0]; !strings.HasPrefix(got, "phoenix-coupons-go/0.") {
		t.Errorf("it is %q", got)
	}
}

func TestAProxyOfTheEnvironmentIsAnOption(t *testing.T) {
	var asked atomic.Int32
	proxy := must(net.Listen("tcp", "127.0.0.1:0"))
	defer proxy.Close()
	go func() {
		for {
			connection, err := proxy.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			connection.Close()
		}
	}()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "http://"+proxy.Addr().String())
	}
	// A name that is not of this machine, for which alone package net/http would use a proxy.
	failure(t, open(t, "192.0.2.1:1", apiKey, coupons.WithTimeout(200*time.Millisecond)))
	if got := asked.Load(); got != 0 {
		t.Errorf("the proxy was asked %d times", got)
	}
	failure(t, open(t, "192.0.2.1:1", apiKey, coupons.WithProxyFromEnvironment()))
	if asked.Load() == 0 {
		t.Error("the proxy was not asked")
	}
}

func TestAddresses(t *testing.T) {
	s := serve(t, empty)
	for _, form := range []string{"%s", "dns:///%s", "passthrough:///%s"} {
		client := open(t, fmt.Sprintf(form, s.address), apiKey)
		redeem(t, t.Context(), client, &couponsv1.RedeemCouponRequest{})
	}
}

func TestAFailedConnectionSaysWhereAndWhy(t *testing.T) {
	found := failure(t, open(t, "127.0.0.1:1", apiKey))
	if !strings.Contains(found.Message, "127.0.0.1:1") || !strings.Contains(found.Message, "connection refused") {
		t.Errorf("it says %q", found.Message)
	}
}

func TestOptionsWithoutSenseAreRefused(t *testing.T) {
	for want, option := range map[string]coupons.Option{
		"the timeout must be above 0":           coupons.WithTimeout(-1),
		"the reconnect backoff must be above 0": coupons.WithReconnectBackoff(0),
		"keepalive must be at least 10 s":       coupons.WithKeepalive(time.Second, time.Second),
		"Attempts must be at least 1":           coupons.WithRetries(coupons.RetryPolicy{}),
		"InitialBackoff must be above 0":        coupons.WithRetries(coupons.RetryPolicy{Attempts: 1}),
	} {
		if _, err := coupons.New("a:1", apiKey, option); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
