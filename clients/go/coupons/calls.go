package coupons

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	protocodec "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxRequestBytes is the largest message that the service takes.
const maxRequestBytes = 4 << 20

// caller adds to every call what the service wants of it: a deadline unless it is a stream,
// a request_id, and the headers of a credential.
type caller struct {
	credential Credential
	timeout    time.Duration
	retries    RetryPolicy
	closed     chan struct{}
}

// intercept is a grpc.UnaryClientInterceptor. A signature has to cover the bytes that are
// sent, so they are made here, once, and handed to gRPC in place of the message.
func (c *caller) intercept(
	ctx context.Context,
	method string,
	request, response any,
	connection *grpc.ClientConn,
	invoke grpc.UnaryInvoker,
	opts ...grpc.CallOption,
) error {
	message := request.(proto.Message)
	if c.isClosed() {
		return closedError(requestID(message))
	}
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	message = withRequestID(message)
	body, err := marshal(message)
	if err != nil {
		return err
	}
	call := c.attempts()
	for {
		proof, err := c.prove(ctx, method, body)
		if err != nil {
			return err
		}
		var trailer metadata.MD
		// Not by append: others may hold the caller's slice.
		own := slices.Concat(opts, []grpc.CallOption{grpc.ForceCodecV2(bytesCodec), grpc.Trailer(&trailer)})
		err = invoke(withHeaders(ctx, proof), method, body, response, connection, own...)
		if err == nil {
			return nil
		}
		failure := c.failure(err, trailer, requestID(message))
		if err := call.next(ctx, failure, trailer, proof); err != nil {
			return err
		}
	}
}

func (c *caller) attempts() *attempts {
	return &attempts{policy: c.retries, credential: c.credential, closed: c.closed}
}

func (c *caller) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

// failure returns the error of an attempt.
func (c *caller) failure(err error, trailer metadata.MD, requestID string) *Error {
	failure := newError(err, trailer, requestID)
	if failure.Code == codes.Canceled && c.isClosed() {
		return closedError(requestID)
	}
	return failure
}

// prove returns the headers of the credential.
func (c *caller) prove(ctx context.Context, method string, body []byte) (map[string]string, error) {
	headers, err := c.credential.Headers(ctx, method, body)
	if err != nil {
		return nil, fmt.Errorf("coupons: the credential failed: %w", err)
	}
	return headers, nil
}

func withHeaders(ctx context.Context, headers map[string]string) context.Context {
	for key, value := range headers {
		ctx = metadata.AppendToOutgoingContext(ctx, key, value)
	}
	return ctx
}

func marshal(request proto.Message) ([]byte, error) {
	body, err := proto.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("coupons: the request can't be sent: %w", err)
	}
	if len(body) > maxRequestBytes {
		return nil, tooLarge(len(body), requestID(request))
	}
	return body, nil
}

func requestID(request proto.Message) string {
	fields := request.ProtoReflect()
	field := fields.Descriptor().Fields().ByName("request_id")
	if field == nil {
		return ""
	}
	return fields.Get(field).String()
}

// withRequestID makes a mutation safe to retry, without touching the caller's message.
func withRequestID(request proto.Message) proto.Message {
	fields := request.ProtoReflect()
	field := fields.Descriptor().Fields().ByName("request_id")
	if field == nil || fields.Has(field) {
		return request
	}
	identified := proto.Clone(request)
	if !fields.IsValid() {
		// A nil message is an empty one, as for bare stubs.
		identified = fields.New().Interface()
	}
	identified.ProtoReflect().Set(field, protoreflect.ValueOfString(uuid.NewString()))
	return identified
}

// bytesCodec sends bytes as they are, and parses answers as usual.
var bytesCodec = passThrough{encoding.GetCodecV2(protocodec.Name)}

type passThrough struct{ encoding.CodecV2 }

func (passThrough) Marshal(body any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(body.([]byte))}, nil
}
