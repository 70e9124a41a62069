package coupons

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	protocodec "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// caller adds to every call what the service wants of it: a deadline unless it is a stream,
// a request_id, and the headers of a credential.
type caller struct {
	credential Credential
	timeout    time.Duration
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
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	body, err := marshal(withRequestID(request.(proto.Message)))
	if err != nil {
		return err
	}
	if ctx, err = c.authenticate(ctx, method, body); err != nil {
		return err
	}
	var trailer metadata.MD
	opts = append(opts, grpc.ForceCodecV2(bytesCodec), grpc.Trailer(&trailer))
	if err := invoke(ctx, method, body, response, connection, opts...); err != nil {
		return newError(err, trailer)
	}
	return nil
}

// authenticate returns the context with the headers of the credential.
func (c *caller) authenticate(ctx context.Context, method string, body []byte) (context.Context, error) {
	headers, err := c.credential.Headers(ctx, method, body)
	if err != nil {
		return nil, fmt.Errorf("coupons: the credential failed: %w", err)
	}
	for key, value := range headers {
		ctx = metadata.AppendToOutgoingContext(ctx, key, value)
	}
	return ctx, nil
}

func marshal(request proto.Message) ([]byte, error) {
	body, err := proto.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("coupons: the request can't be sent: %w", err)
	}
	return body, nil
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
