package coupons

import (
	"context"
	"errors"
	"io"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
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
	if c.isClosed() {
		return nil, closedError("")
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{caller: c, ctx: ctx, cancel: cancel, method: method, call: c.attempts()}
	s.open = func(ctx context.Context) (grpc.ClientStream, error) {
		own := []grpc.CallOption{grpc.ForceCodecV2(bytesCodec)}
		if description.ClientStreams {
			own = append(own, grpc.OnFinish(func(error) { cancel() }))
		}
		// Not by append: others may hold the caller's slice.
		return open(ctx, description, connection, method, slices.Concat(opts, own)...)
	}
	if !description.ClientStreams {
		return s, nil
	}
	s.sendsMany = true
	if err := s.begin(nil); err != nil {
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
	caller *caller
	method string
	open   func(ctx context.Context) (grpc.ClientStream, error)
	ctx    context.Context
	cancel context.CancelFunc
	call   *attempts
	// proof is the credential's, of the last attempt.
	proof     map[string]string
	requestID string
	begun     bool

	sendsMany bool
	// request is the only one, kept for another attempt, and answered says that there is none.
	request  []byte
	answered bool
}

// begin makes an attempt: it opens the call and sends the request, if that is the only one.
func (s *stream) begin(body []byte) error {
	proof, err := s.caller.prove(s.ctx, s.method, body)
	if err != nil {
		return err
	}
	s.proof = proof
	opened, err := s.open(withHeaders(s.ctx, proof))
	if err != nil {
		return s.translated(err, nil)
	}
	s.ClientStream = opened
	if s.sendsMany {
		return nil
	}
	return s.translated(opened.SendMsg(body), nil)
}

// attempt begins the call, as often as that fails and may be done again.
func (s *stream) attempt() error {
	for {
		err := s.begin(s.request)
		if err = s.next(err, nil); err != errAgain {
			return err
		}
	}
}

// errAgain says that another attempt is due.
var errAgain = errors.New("coupons: another attempt is due")

// next returns errAgain when another attempt is due, or else the error of this one.
func (s *stream) next(err error, trailer metadata.MD) error {
	failure, failed := errors.AsType[*Error](err)
	if !failed {
		return err
	}
	if s.sendsMany {
		// The messages are gone; the next call has another token.
		if failure.Code == codes.Unauthenticated {
			s.call.renew(s.proof)
		}
		return err
	}
	if s.answered {
		return err
	}
	if err := s.call.next(s.ctx, failure, trailer, s.proof); err != nil {
		return err
	}
	return errAgain
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
	switch {
	case err != nil:
	case s.sendsMany:
		return s.translated(s.ClientStream.SendMsg(body), nil)
	default:
		s.request = body
		err = s.attempt()
	}
	if err != nil {
		s.cancel()
	}
	return err
}

// body returns the bytes of a request; the first one names the call.
func (s *stream) body(request proto.Message) ([]byte, error) {
	if !s.begun {
		request = withRequestID(request)
		s.requestID = requestID(request)
		s.begun = true
	}
	return marshal(request)
}

// RecvMsg implements [grpc.ClientStream].
func (s *stream) RecvMsg(answer any) error {
	for {
		err := s.ClientStream.RecvMsg(answer)
		if err == nil {
			s.answered = true
			return nil
		}
		trailer := s.Trailer()
		if err = s.next(s.translated(err, trailer), trailer); err == errAgain {
			if err = s.attempt(); err == nil {
				err = s.ClientStream.CloseSend()
			}
		}
		if err != nil {
			if !s.sendsMany {
				s.cancel()
			}
			return err
		}
	}
}

// translated returns the error of a stream as an [*Error]; io.EOF, which says that the stream
// is over, as it is.
func (s *stream) translated(err error, trailer metadata.MD) error {
	if err == nil || err == io.EOF {
		return err
	}
	return s.caller.failure(err, trailer, s.requestID)
}
