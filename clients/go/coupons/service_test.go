package coupons_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/coupons"
)

// service is a gRPC server that records the bytes of every request and answers each
// method with what answer returns.
type service struct {
	address string
	answer  func(attempt int) (proto.Message, error)
	trailer metadata.MD

	mutex    sync.Mutex
	received []received
}

type received struct {
	method    string
	body      []byte
	metadata  metadata.MD
	remaining time.Duration
}

func serve(t *testing.T, answer func(attempt int) (proto.Message, error), opts ...grpc.ServerOption) *service {
	t.Helper()
	s := &service{answer: answer}
	s.address = listen(t, s.handle, opts...)
	return s
}

// serveTrailer is serve with more in the trailer of every answer.
func serveTrailer(t *testing.T, trailer metadata.MD, answer func(attempt int) (proto.Message, error)) *service {
	t.Helper()
	s := &service{answer: answer, trailer: trailer}
	s.address = listen(t, s.handle)
	return s
}

// serveStreams returns the address of a gRPC server that handles each call, of any method, as
// it is told.
func serveStreams(t *testing.T, handle func(stream grpc.ServerStream) error) string {
	t.Helper()
	return listen(t, func(_ any, stream grpc.ServerStream) error { return handle(stream) })
}

func listen(t *testing.T, handler grpc.StreamHandler, opts ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(append(opts,
		grpc.MaxRecvMsgSize(8<<20), grpc.ForceServerCodecV2(rawCodec{}), grpc.UnknownServiceHandler(handler))...)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func (s *service) handle(_ any, stream grpc.ServerStream) error {
	var body []byte
	if err := stream.RecvMsg(&body); err != nil {
		return err
	}
	attempt := s.record(stream.Context(), body)
	stream.SetTrailer(metadata.Pairs("x-request-id", "req-1"))
	stream.SetTrailer(s.trailer)
	answer, err := s.answer(attempt)
	if err != nil {
		return err
	}
	return stream.SendMsg(answer)
}

// record returns how many calls there were, with this one.
func (s *service) record(ctx context.Context, body []byte) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	method, _ := grpc.Method(ctx)
	headers, _ := metadata.FromIncomingContext(ctx)
	deadline, _ := ctx.Deadline()
	s.received = append(s.received, received{method, body, headers, time.Until(deadline)})
	return len(s.received)
}

// calls returns what was received up to now.
func (s *service) calls() []received {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.received
}

// rawCodec hands over the bytes of requests as they came.
type rawCodec struct{}

func (rawCodec) Name() string { return "raw" }

func (rawCodec) Marshal(answer any) (mem.BufferSlice, error) {
	body, err := proto.Marshal(answer.(proto.Message))
	return mem.BufferSlice{mem.SliceBuffer(body)}, err
}

func (rawCodec) Unmarshal(data mem.BufferSlice, into any) error {
	*into.(*[]byte) = data.Materialize()
	return nil
}

func open(t *testing.T, address string, credential coupons.Credential, opts ...coupons.Option) *coupons.Client {
	t.Helper()
	client, err := coupons.New(address, credential, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// must returns what a constructor makes of legal arguments.
func must[T any](made T, err error) T {
	if err != nil {
		panic(err)
	}
	return made
}
