package coupons

import (
	"context"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// interceptStream is a grpc.StreamClientInterceptor. With one request, the call is opened
// when that is sent, because the headers may have to sign it; with a stream of requests at
// once, and the headers sign nothing.
func (c *caller) interceptStream(
	ctx context.Context,
	description *grpc.StreamDesc,
	connection *grpc.ClientConn,
	method string,
	open grpc.Streamer,
	opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{ctx: ctx, cancel: cancel}
	s.open = func(body []byte) error {
		ctx, err := c.authenticate(ctx, method, body)
		if err != nil {
			return err
		}
		opts := append(opts, grpc.ForceCodecV2(bytesCodec), grpc.OnFinish(func(error) { cancel() }))
		s.ClientStream, err = open(ctx, description, connection, method, opts...)
		return translated(err, nil)
	}
	if !description.ClientStreams {
		return s, nil
	}
	if err := s.open(nil); err != nil {
		cancel()
		return nil, err
	}
	return s, nil
}

// stream is a call with a stream on either side.
type stream struct {
	// ClientStream is nil until the call is opened. Generated code sends the request before
	// it hands a stream on, so that nobody sees it nil but an interceptor, which may ask for
	// the context.
	grpc.ClientStream
	open   func(body []byte) error
	ctx    context.Context
	cancel context.CancelFunc
	begun  bool
}

// Context implements [grpc.ClientStream].
func (s *stream) Context() context.Context {
	if s.ClientStream == nil {
		return s.ctx
	}
	return s.ClientStream.Context()
}

// SendMsg implements [grpc.ClientStream]: an error other than io.EOF ends the call.
func (s *stream) SendMsg(request any) error {
	body, err := s.body(request.(proto.Message))
	if err == nil && s.ClientStream == nil {
		err = s.open(body)
	}
	if err != nil {
		s.cancel()
		return err
	}
	return translated(s.ClientStream.SendMsg(body), nil)
}

// body returns the bytes of a request; the first one names the call.
func (s *stream) body(request proto.Message) ([]byte, error) {
	if !s.begun {
		request = withRequestID(request)
		s.begun = true
	}
	return marshal(request)
}

// RecvMsg implements [grpc.ClientStream].
func (s *stream) RecvMsg(answer any) error {
	err := s.ClientStream.RecvMsg(answer)
	if err == nil {
		return nil
	}
	return translated(err, s.Trailer())
}

// translated returns the error of a stream as an [*Error]; io.EOF, which says that the stream
// is over, as it is.
func translated(err error, trailer metadata.MD) error {
	if err == nil || err == io.EOF {
		return err
	}
	return newError(err, trailer)
}
