package coupons_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/coupons"
	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
)

const streamMethod = "/phoenix_coupons.v1.CouponQuery/Stream"

type (
	request = couponsv1.RedeemCouponRequest
	answer  = couponsv1.Redemption
	generic = grpc.GenericClientStream[request, answer]
)

// What generated code does for a method of each kind, here of one that no service has.

func beginStream(ctx context.Context, client *coupons.Client, requests, answers bool) (*generic, error) {
	description := &grpc.StreamDesc{ClientStreams: requests, ServerStreams: answers}
	stream, err := client.Connection().NewStream(ctx, description, streamMethod)
	if err != nil {
		return nil, err
	}
	return &generic{ClientStream: stream}, nil
}

func serverStream(ctx context.Context, client *coupons.Client, in *request) (*generic, error) {
	stream, err := beginStream(ctx, client, false, true)
	if err != nil {
		return nil, err
	}
	if err := stream.ClientStream.SendMsg(in); err != nil {
		return nil, err
	}
	return stream, stream.CloseSend()
}

func clientStream(ctx context.Context, client *coupons.Client) (*generic, error) {
	return beginStream(ctx, client, true, false)
}

func bidiStream(ctx context.Context, client *coupons.Client) (*generic, error) {
	return beginStream(ctx, client, true, true)
}

// codesOf returns what the rest of the answers say, and the error that ended them.
func codesOf(stream *generic) (said []string, err error) {
	for {
		got, err := stream.Recv()
		if err != nil {
			return said, err
		}
		said = append(said, got.GetCode())
	}
}

func say(stream grpc.ServerStream, texts ...string) error {
	for _, text := range texts {
		if err := stream.SendMsg(&answer{Code: text}); err != nil {
			return err
		}
	}
	return nil
}

// hear returns the next request as its bytes and as a message.
func hear(stream grpc.ServerStream) ([]byte, *request, error) {
	var body []byte
	if err := stream.RecvMsg(&body); err != nil {
		return nil, nil, err
	}
	message := &request{}
	return body, message, proto.Unmarshal(body, message)
}

func hearAll(stream grpc.ServerStream) (heard []*request, err error) {
	for {
		_, message, err := hear(stream)
		if err == io.EOF {
			return heard, nil
		}
		if err != nil {
			return nil, err
		}
		heard = append(heard, message)
	}
}

func header(stream grpc.ServerStream, name string) string {
	values := metadata.ValueFromIncomingContext(stream.Context(), name)
	return strings.Join(values, ", ")
}

func asError(t *testing.T, err error) *coupons.Error {
	t.Helper()
	failure, ok := errors.AsType[*coupons.Error](err)
	if !ok {
		t.Fatalf("got %#v, want an *Error", err)
	}
	return failure
}

func TestAServerStreamIsSignedAndNamed(t *testing.T) {
	address := serveStreams(t, func(stream grpc.ServerStream) error {
		body, got, err := hear(stream)
		if err != nil {
			return err
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte("POST\n" + streamMethod + "\n" + header(stream, "x-timestamp") + "\n"))
		mac.Write(body)
		if header(stream, "x-signature") != "hmac-sha256="+hex.EncodeToString(mac.Sum(nil)) {
			return status.Error(codes.Unauthenticated, "the signature is another one")
		}
		if got.GetRequestId() == "" {
			return status.Error(codes.InvalidArgument, "there is no request id")
		}
		return say(stream, got.GetCode(), "B")
	})
	client := open(t, address, must(coupons.NewHMAC(tenant, secret)))
	stream, err := serverStream(t.Context(), client, &request{Code: "A"})
	if err != nil {
		t.Fatal(err)
	}
	said, err := codesOf(stream)
	if err != io.EOF || !slices.Equal(said, []string{"A", "B"}) {
		t.Errorf("got %q, %v", said, err)
	}
}

func TestTheFirstMessageOfAClientStreamNamesIt(t *testing.T) {
	for _, own := range []string{"", "mine"} {
		var heard []*request
		address := serveStreams(t, func(stream grpc.ServerStream) (err error) {
			if heard, err = hearAll(stream); err != nil {
				return err
			}
			return say(stream, header(stream, "x-api-key"))
		})
		stream, err := clientStream(t.Context(), open(t, address, apiKey))
		if err != nil {
			t.Fatal(err)
		}
		sent := []*request{{Code: "A", RequestId: own}, {Code: "B"}}
		for _, message := range sent {
			if err := stream.Send(message); err != nil {
				t.Fatal(err)
			}
		}
		got, err := stream.CloseAndRecv()
		if err != nil || got.GetCode() != key {
			t.Errorf("got %v, %v", got, err)
		}
		if len(heard) != 2 || heard[0].RequestId == "" || heard[1].RequestId != "" {
			t.Fatalf("sent %v", heard)
		}
		if own != "" && heard[0].RequestId != own || sent[0].RequestId != own {
			t.Errorf("the request id %q became %q", own, heard[0].RequestId)
		}
	}
}

func TestBothSidesOfABidiStreamTakeTurns(t *testing.T) {
	address := serveStreams(t, func(stream grpc.ServerStream) error {
		for {
			_, got, err := hear(stream)
			if err != nil {
				return ignoreEOF(err)
			}
			if err := say(stream, got.GetCode()); err != nil {
				return err
			}
		}
	})
	stream, err := bidiStream(t.Context(), open(t, address, apiKey))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"A", "B", "C"} {
		if err := stream.Send(&request{Code: text}); err != nil {
			t.Fatal(err)
		}
		if got, err := stream.Recv(); err != nil || got.GetCode() != text {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != io.EOF {
		t.Errorf("it ends with %v", err)
	}
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

func TestAStreamThatFailsMidwayTellsWhy(t *testing.T) {
	address := serveStreams(t, func(stream grpc.ServerStream) error {
		stream.SetTrailer(metadata.Pairs("x-request-id", "req-1"))
		if err := say(stream, "A"); err != nil {
			return err
		}
		_, err := unavailable(1)
		return err
	})
	client := open(t, address, apiKey)
	for name, begin := range map[string]func() (*generic, error){
		"server": func() (*generic, error) { return serverStream(t.Context(), client, &request{}) },
		"bidi":   func() (*generic, error) { return bidiStream(t.Context(), client) },
	} {
		stream, err := begin()
		if err != nil {
			t.Fatal(err)
		}
		said, err := codesOf(stream)
		failure := asError(t, err)
		if !slices.Equal(said, []string{"A"}) || failure.Code != codes.Unavailable ||
			failure.Reason != coupons.ReasonServiceUnavailable || failure.CallID != "req-1" {
			t.Errorf("%s: got %q, %+v", name, said, failure)
		}
		if err := stream.SendMsg(&request{}); name == "bidi" && err != io.EOF {
			t.Errorf("sending on gives %v", err)
		}
	}
}

func TestAClientStreamThatIsRefusedTellsWhy(t *testing.T) {
	address := serveStreams(t, func(stream grpc.ServerStream) error {
		return must(status.New(codes.PermissionDenied, "No").WithDetails(
			&errdetails.ErrorInfo{Reason: "CREDENTIAL_NOT_ALLOWED"})).Err()
	})
	stream, err := clientStream(t.Context(), open(t, address, apiKey))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		err = stream.Send(&request{})
	}
	if err != io.EOF {
		t.Errorf("sending gives %v", err)
	}
	_, err = stream.CloseAndRecv()
	if got := asError(t, err).Reason; got != coupons.ReasonCredentialNotAllowed {
		t.Errorf("got %v", got)
	}
}

func TestAStreamHasNoDeadlineButItsContexts(t *testing.T) {
	deadlines := make(chan bool, 1)
	address := serveStreams(t, func(stream grpc.ServerStream) error {
		_, limited := stream.Context().Deadline()
		deadlines <- limited
		<-stream.Context().Done()
		return status.FromContextError(stream.Context().Err()).Err()
	})
	client := open(t, address, apiKey, coupons.WithTimeout(time.Millisecond))
	unlimited, err := serverStream(t.Context(), client, &request{})
	if err != nil || <-deadlines {
		t.Fatalf("there is a deadline, or %v", err)
	}
	time.Sleep(50 * time.Millisecond)
	if err := unlimited.Context().Err(); err != nil {
		t.Errorf("it ended: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	limited, err := bidiStream(ctx, client)
	if err != nil || !<-deadlines {
		t.Fatalf("there is no deadline, or %v", err)
	}
	if _, err := limited.Recv(); asError(t, err).Code != codes.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
}

func TestCancellingTheContextEndsAStream(t *testing.T) {
	ended := make(chan struct{})
	address := serveStreams(t, func(stream grpc.ServerStream) error {
		defer close(ended)
		if err := say(stream, "A"); err != nil {
			return err
		}
		<-stream.Context().Done()
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := serverStream(ctx, open(t, address, apiKey), &request{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := stream.Recv(); asError(t, err).Code != codes.Canceled {
		t.Errorf("got %v", err)
	}
	<-ended
}

func TestAStreamOfAnswersIsAttemptedUntilTheFirst(t *testing.T) {
	ids := make(chan string, 8)
	address := serveStreams(t, func(stream grpc.ServerStream) error {
		_, got, err := hear(stream)
		if err != nil {
			return err
		}
		ids <- got.GetRequestId()
		if len(ids) == 3 {
			if err := say(stream, got.GetCode()); err != nil {
				return err
			}
		}
		_, err = unavailable(1)
		return err
	})
	stream, err := serverStream(t.Context(), open(t, address, apiKey), &request{Code: "A"})
	if err != nil {
		t.Fatal(err)
	}
	said, err := codesOf(stream)
	if got := asError(t, err).Code; got != codes.Unavailable || !slices.Equal(said, []string{"A"}) {
		t.Errorf("got %q, %v", said, err)
	}
	if first := <-ids; first == "" || first != <-ids || first != <-ids || len(ids) != 0 {
		t.Errorf("%d attempts more than 3, or of several names", len(ids))
	}
}

func TestAStreamOfRequestsIsSentOnce(t *testing.T) {
	var attempts atomic.Int32
	address := serveStreams(t, func(stream grpc.ServerStream) error {
		attempts.Add(1)
		_, err := unavailable(1)
		return err
	})
	client := open(t, address, apiKey)
	stream, err := bidiStream(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); asError(t, err).Code != codes.Unavailable {
		t.Errorf("got %v", err)
	}
	if got := attempts.Load(); got != 1 {
		t.Errorf("%d attempts", got)
	}
}

func TestAMessageThatCannotBeSentEndsTheCall(t *testing.T) {
	ended := make(chan struct{})
	address := serveStreams(t, func(stream grpc.ServerStream) error {
		defer close(ended)
		_, err := hearAll(stream)
		return err
	})
	client := open(t, address, apiKey)
	stream, err := bidiStream(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&request{Code: "A"}); err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&request{Code: "\xff"}); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("got %v", err)
	}
	<-ended
	if _, err := stream.Recv(); asError(t, err).Code != codes.Canceled {
		t.Errorf("got %v", err)
	}
	if _, err := serverStream(t.Context(), client, &request{Code: "\xff"}); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("got %v", err)
	}
}

func TestAFailedCredentialFailsAStream(t *testing.T) {
	address := serveStreams(t, func(grpc.ServerStream) error {
		t.Error("a call arrived")
		return nil
	})
	broken := brokenCredential{errors.New("no token today")}
	client := open(t, address, broken)
	if _, err := serverStream(t.Context(), client, &request{}); !errors.Is(err, broken.err) {
		t.Errorf("got %v", err)
	}
	if _, err := clientStream(t.Context(), client); !errors.Is(err, broken.err) {
		t.Errorf("got %v", err)
	}
}

func TestAStreamOfAnUnreachableServiceIsUnavailable(t *testing.T) {
	client := open(t, "127.0.0.1:1", apiKey)
	if _, err := serverStream(t.Context(), client, &request{}); asError(t, err).Code != codes.Unavailable {
		t.Errorf("got %v", err)
	}
	if _, err := bidiStream(t.Context(), client); asError(t, err).Code != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestStreamInterceptorsOfTheCallerSeeMessagesAndErrors(t *testing.T) {
	address := serveStreams(t, func(grpc.ServerStream) error {
		return status.Error(codes.NotFound, "No")
	})
	seen := &watched{}
	watch := func(ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn,
		method string, begin grpc.Streamer, opts ...grpc.CallOption,
	) (grpc.ClientStream, error) {
		stream, err := begin(ctx, description, connection, method, opts...)
		if err == nil && stream.Context().Err() != nil {
			t.Error("it is over before it began")
		}
		seen.ClientStream = stream
		return seen, err
	}
	client := open(t, address, apiKey, coupons.WithDialOptions(grpc.WithChainStreamInterceptor(watch)))
	stream, err := serverStream(t.Context(), client, &request{Code: "A"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	if failure := asError(t, err); seen.failed != error(failure) {
		t.Errorf("saw the error %v", seen.failed)
	}
	if _, ok := seen.request.(*request); !ok {
		t.Errorf("saw %T", seen.request)
	}
}

type watched struct {
	grpc.ClientStream
	request any
	failed  error
}

func (w *watched) SendMsg(message any) error {
	w.request = message
	return w.ClientStream.SendMsg(message)
}

func (w *watched) RecvMsg(into any) error {
	w.failed = w.ClientStream.RecvMsg(into)
	return w.failed
}
