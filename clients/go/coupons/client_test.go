package coupons_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/coupons"
	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
)

const tenant = "0198c2f0-0000-7000-8000-000000000001"

var (
	secret = "ts_" + strings.Repeat("s", 43)
	key    = "pk_" + strings.Repeat("k", 43)
	apiKey = must(coupons.NewAPIKey(key))
)

func empty(int) (proto.Message, error) { return &couponsv1.RedeemCouponResponse{}, nil }

// refuse answers with a status that carries the details.
func refuse(code codes.Code, message string, details ...protoadapt.MessageV1) func(int) (proto.Message, error) {
	return func(int) (proto.Message, error) {
		return nil, must(status.New(code, message).WithDetails(details...)).Err()
	}
}

var unavailable = refuse(codes.Unavailable, "The service cannot answer now",
	&errdetails.ErrorInfo{Reason: "SERVICE_UNAVAILABLE", Domain: "coupons.phoenix"})

// failure redeems a code in vain.
func failure(t *testing.T, client *coupons.Client) *coupons.Error {
	t.Helper()
	answer, err := client.Query.RedeemCoupon(t.Context(), &couponsv1.RedeemCouponRequest{Code: "X"})
	found, ok := errors.AsType[*coupons.Error](err)
	if !ok {
		t.Fatalf("got %v and %#v, want an *Error", answer, err)
	}
	return found
}

func redeem(t *testing.T, ctx context.Context, client *coupons.Client, request *couponsv1.RedeemCouponRequest) {
	t.Helper()
	if _, err := client.Query.RedeemCoupon(ctx, request); err != nil {
		t.Fatal(err)
	}
}

func TestCallReturnsTheTypedAnswer(t *testing.T) {
	want := &couponsv1.RedeemCouponResponse{Redemption: &couponsv1.Redemption{Id: "r1"}}
	s := serve(t, func(int) (proto.Message, error) { return want, nil })
	client := open(t, s.address, apiKey)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-trace", "7")
	var trailer metadata.MD
	got, err := client.Query.RedeemCoupon(ctx, &couponsv1.RedeemCouponRequest{}, grpc.Trailer(&trailer))
	if err != nil || !proto.Equal(got, want) {
		t.Fatalf("got %v, %v", got, err)
	}
	call := s.calls()[0]
	if call.method != couponsv1.CouponQuery_RedeemCoupon_FullMethodName {
		t.Errorf("called %s", call.method)
	}
	for name, want := range map[string]string{"x-api-key": key, "x-trace": "7"} {
		if got := call.metadata.Get(name); !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := trailer.Get("x-request-id"); !slices.Equal(got, []string{"req-1"}) {
		t.Errorf("the caller's trailer has the request id %q", got)
	}
}

func TestHMACCoversTheBytesOnTheWire(t *testing.T) {
	s := serve(t, empty)
	client := open(t, s.address, must(coupons.NewHMAC(tenant, secret)))
	// A map has another order each time that it is serialized.
	request := &couponsv1.RedeemCouponRequest{Code: "X", Metadata: map[string]string{}}
	for n := range 20 {
		request.Metadata[strconv.Itoa(n)] = "v"
	}
	redeem(t, t.Context(), client, request)
	call := s.calls()[0]
	timestamp := call.metadata.Get("x-timestamp")[0]
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("POST\n/phoenix_coupons.v1.CouponQuery/RedeemCoupon\n" + timestamp + "\n"))
	mac.Write(call.body)
	want := "hmac-sha256=" + hex.EncodeToString(mac.Sum(nil))
	if got := call.metadata.Get("x-signature"); !slices.Equal(got, []string{want}) {
		t.Errorf("the signature is %q, want %q", got, want)
	}
	if got := call.metadata.Get("x-tenant-id"); !slices.Equal(got, []string{tenant}) {
		t.Errorf("the tenant is %q", got)
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Second {
		t.Errorf("the timestamp is %q", timestamp)
	}
}

func TestMutationsGetARequestIDOfTheirOwn(t *testing.T) {
	s := serve(t, empty)
	client := open(t, s.address, apiKey)
	request := &couponsv1.RedeemCouponRequest{Code: "X"}
	redeem(t, t.Context(), client, request)
	redeem(t, t.Context(), client, request)
	first, second := redemption(t, s.calls()[0]), redemption(t, s.calls()[1])
	if first.RequestId == "" || second.RequestId == "" || first.RequestId == second.RequestId {
		t.Errorf("the request ids are %q and %q", first.RequestId, second.RequestId)
	}
	if request.RequestId != "" {
		t.Errorf("the caller's request was given the id %q", request.RequestId)
	}
}

func TestGivenRequestIDIsKept(t *testing.T) {
	s := serve(t, empty)
	client := open(t, s.address, apiKey)
	request := &couponsv1.RedeemCouponRequest{Code: "X", RequestId: "mine"}
	redeem(t, t.Context(), client, request)
	if got := redemption(t, s.calls()[0]); !proto.Equal(got, request) {
		t.Errorf("sent %v", got)
	}
}

func TestANilRequestIsAnEmptyOne(t *testing.T) {
	s := serve(t, empty)
	client := open(t, s.address, apiKey)
	redeem(t, t.Context(), client, nil)
	sent := redemption(t, s.calls()[0])
	if want := (&couponsv1.RedeemCouponRequest{RequestId: sent.RequestId}); sent.RequestId == "" || !proto.Equal(sent, want) {
		t.Errorf("sent %v", sent)
	}
	if _, err := client.Query.ValidateCoupon(t.Context(), nil); err != nil || len(s.calls()[1].body) != 0 {
		t.Errorf("a read sent %q, got %v", s.calls()[1].body, err)
	}
}

func redemption(t *testing.T, call received) *couponsv1.RedeemCouponRequest {
	t.Helper()
	request := &couponsv1.RedeemCouponRequest{}
	if err := proto.Unmarshal(call.body, request); err != nil {
		t.Fatal(err)
	}
	return request
}

func TestUnavailableIsRetriedWithOneRequestID(t *testing.T) {
	s := serve(t, func(attempt int) (proto.Message, error) {
		if attempt < 3 {
			return unavailable(attempt)
		}
		return empty(attempt)
	})
	redeem(t, t.Context(), open(t, s.address, apiKey), &couponsv1.RedeemCouponRequest{Code: "X"})
	calls := s.calls()
	if len(calls) != 3 {
		t.Fatalf("%d calls arrived, want 3", len(calls))
	}
	for _, call := range calls {
		if !slices.Equal(call.body, calls[0].body) || redemption(t, call).RequestId == "" {
			t.Errorf("the bodies %q and %q differ, or have no request id", call.body, calls[0].body)
		}
	}
}

func TestTheLargestGenerationIsRetried(t *testing.T) {
	s := serve(t, func(attempt int) (proto.Message, error) {
		if attempt < 2 {
			return unavailable(attempt)
		}
		return &couponsv1.GenerateCouponsResponse{}, nil
	})
	userIDs := make([]string, 10_000)
	for n := range userIDs {
		userIDs[n] = fmt.Sprintf("%0128d", n)
	}
	client := open(t, s.address, apiKey)
	_, err := client.Admin.GenerateCoupons(t.Context(), &couponsv1.GenerateCouponsRequest{UserIds: userIDs})
	if err != nil {
		t.Fatal(err)
	}
	if calls := s.calls(); len(calls) != 2 || !slices.Equal(calls[0].body, calls[1].body) {
		t.Errorf("%d calls arrived, want two equal ones", len(calls))
	}
}

func TestRetriesEnd(t *testing.T) {
	s := serve(t, unavailable)
	found := failure(t, open(t, s.address, apiKey))
	if got := len(s.calls()); got != 4 {
		t.Errorf("%d calls arrived, want 4", got)
	}
	if found.Reason != coupons.ReasonServiceUnavailable || found.Code != codes.Unavailable {
		t.Errorf("got %v, %v", found.Code, found.Reason)
	}
	if want := "The service cannot answer now"; found.Message != want {
		t.Errorf("the message is %q, want %q", found.Message, want)
	}
}

func TestOtherFailuresAreNotRetried(t *testing.T) {
	for _, code := range []codes.Code{codes.Internal, codes.Aborted, codes.FailedPrecondition} {
		s := serve(t, refuse(code, "No"))
		if got := failure(t, open(t, s.address, apiKey)).Code; got != code {
			t.Errorf("got %v, want %v", got, code)
		}
		if got := len(s.calls()); got != 1 {
			t.Errorf("%v: %d calls arrived, want 1", code, got)
		}
	}
}

func TestDeadlines(t *testing.T) {
	s := serve(t, empty)
	usual, patient := open(t, s.address, apiKey), open(t, s.address, apiKey, coupons.WithTimeout(time.Minute))
	own, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	request := &couponsv1.RedeemCouponRequest{Code: "X"}
	redeem(t, t.Context(), usual, request)
	redeem(t, t.Context(), patient, request)
	redeem(t, own, usual, request)
	for i, want := range []time.Duration{5 * time.Second, time.Minute, 30 * time.Second} {
		if got := s.calls()[i].remaining; (got - want).Abs() > time.Second {
			t.Errorf("call %d has %v, want %v", i, got, want)
		}
	}
}

func TestDeadlineBoundsAllAttempts(t *testing.T) {
	s := serve(t, func(attempt int) (proto.Message, error) {
		time.Sleep(200 * time.Millisecond)
		return unavailable(attempt)
	})
	started := time.Now()
	found := failure(t, open(t, s.address, apiKey, coupons.WithTimeout(300*time.Millisecond)))
	if took := time.Since(started); took > 800*time.Millisecond {
		t.Errorf("the call took %v", took)
	}
	// The deadline ends the second attempt, or the first one left no time for a second.
	if found.Code != codes.DeadlineExceeded && found.Code != codes.Unavailable {
		t.Errorf("got %v, %q", found.Code, found.Reason)
	}
}

func TestErrorCarriesWhatTheServiceSaid(t *testing.T) {
	s := serve(t, refuse(codes.InvalidArgument, "No",
		&errdetails.ErrorInfo{
			Reason: "NEWER_THAN_THIS_CLIENT", Metadata: map[string]string{"field": "max_uses"},
		},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "code", Description: "must not be empty"},
		}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(500 * time.Millisecond)}))
	found := failure(t, open(t, s.address, apiKey))
	if found.Code != codes.InvalidArgument || found.Reason != "NEWER_THAN_THIS_CLIENT" ||
		found.Message != "No" || found.Metadata["field"] != "max_uses" ||
		found.RetryDelay != 500*time.Millisecond || found.CallID != "req-1" || found.RequestID == "" {
		t.Errorf("got %+v", found)
	}
	want := []coupons.FieldViolation{{Field: "code", Description: "must not be empty"}}
	if !slices.Equal(found.FieldViolations, want) {
		t.Errorf("the violations are %v", found.FieldViolations)
	}
	if got := found.Error(); got != "No (NEWER_THAN_THIS_CLIENT)" {
		t.Errorf("it reads %q", got)
	}
	if got := status.Code(found); got != codes.InvalidArgument {
		t.Errorf("package status sees %v", got)
	}
}

func TestErrorOfATestDouble(t *testing.T) {
	double := &coupons.Error{Code: codes.NotFound, Message: "No"}
	if got := double.Error(); got != "No (NotFound)" {
		t.Errorf("it reads %q", got)
	}
	if got := status.Convert(double); got.Code() != codes.NotFound || got.Message() != "No" {
		t.Errorf("package status sees %v", got)
	}
}

func TestUnreachableServiceIsUnavailable(t *testing.T) {
	found := failure(t, open(t, "127.0.0.1:1", apiKey))
	if found.Code != codes.Unavailable || found.Reason != "" || found.CallID != "" {
		t.Errorf("got %+v", found)
	}
	if strings.Contains(found.Error(), key) {
		t.Error("the error shows the credential")
	}
}

func TestIllegalMetadataIsRefusedWithoutShowingTheCredential(t *testing.T) {
	s := serve(t, empty)
	client := open(t, s.address, apiKey)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "ok", "line\nbreak")
	_, err := client.Query.ValidateCoupon(ctx, &couponsv1.ValidateCouponRequest{})
	if err == nil || !strings.Contains(err.Error(), `"ok"`) || strings.Contains(err.Error(), key) {
		t.Errorf("got %v", err)
	}
}

func TestTextThatIsNotUTF8IsRefused(t *testing.T) {
	s := serve(t, empty)
	client := open(t, s.address, apiKey)
	_, err := client.Query.ValidateCoupon(t.Context(), &couponsv1.ValidateCouponRequest{Code: "\xff"})
	if err == nil || !strings.Contains(err.Error(), "UTF-8") || len(s.calls()) != 0 {
		t.Errorf("got %v after %d calls", err, len(s.calls()))
	}
}

type brokenCredential struct{ err error }

func (b brokenCredential) Headers(context.Context, string, []byte) (map[string]string, error) {
	return nil, b.err
}

func TestFailedCredentialFailsTheCall(t *testing.T) {
	s := serve(t, empty)
	broken := brokenCredential{errors.New("no token today")}
	client := open(t, s.address, broken)
	_, err := client.Query.ValidateCoupon(t.Context(), &couponsv1.ValidateCouponRequest{})
	if !errors.Is(err, broken.err) || len(s.calls()) != 0 {
		t.Errorf("got %v after %d calls", err, len(s.calls()))
	}
}

func TestAnswerLargerThan4MiB(t *testing.T) {
	code := strings.Repeat("X", 5<<20)
	s := serve(t, func(int) (proto.Message, error) {
		return &couponsv1.RedeemCouponResponse{Redemption: &couponsv1.Redemption{Code: code}}, nil
	})
	redeem(t, t.Context(), open(t, s.address, apiKey), &couponsv1.RedeemCouponRequest{})
}

func TestTLS(t *testing.T) {
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	s := serve(t, empty, grpc.Creds(credentials.NewServerTLSFromCert(&web.TLS.Certificates[0])))
	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate())
	client := open(t, s.address, apiKey, coupons.WithTLS(&tls.Config{RootCAs: trusted}))
	redeem(t, t.Context(), client, &couponsv1.RedeemCouponRequest{})
	if got := failure(t, open(t, s.address, apiKey, coupons.WithTLS(nil))); got.Code != codes.Unavailable {
		t.Errorf("an unknown authority gives %v", got)
	}
}

func TestInterceptorsOfTheCallerSeeMessagesAndErrors(t *testing.T) {
	s := serve(t, refuse(codes.NotFound, "No"))
	var seen any
	var failed error
	watch := func(ctx context.Context, method string, request, response any,
		connection *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
	) error {
		seen = request
		failed = invoke(ctx, method, request, response, connection, opts...)
		return failed
	}
	client := open(t, s.address, apiKey, coupons.WithDialOptions(grpc.WithChainUnaryInterceptor(watch)))
	found := failure(t, client)
	if _, ok := seen.(*couponsv1.RedeemCouponRequest); !ok || failed != error(found) {
		t.Errorf("saw %T and %v", seen, failed)
	}
}

func TestClosingCancelsCallsUnderWay(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	s := serve(t, func(attempt int) (proto.Message, error) {
		close(arrived)
		<-release
		return empty(attempt)
	})
	defer close(release)
	client := must(coupons.New(s.address, apiKey))
	done := make(chan error)
	go func() {
		_, err := client.Query.ValidateCoupon(t.Context(), &couponsv1.ValidateCouponRequest{})
		done <- err
	}()
	<-arrived
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; status.Code(err) != codes.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for want, attempt := range map[string]func() (*coupons.Client, error){
		"a credential is needed":      func() (*coupons.Client, error) { return coupons.New("a:1", nil) },
		"the timeout must be above 0": func() (*coupons.Client, error) { return coupons.New("a:1", apiKey, coupons.WithTimeout(0)) },
		"invalid control character":   func() (*coupons.Client, error) { return coupons.New("a\n:1", apiKey) },
	} {
		if _, err := attempt(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
