package coupons

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Error is a call that failed. After UNAVAILABLE and DEADLINE_EXCEEDED a mutation may have
// happened; sent again with the same request_id it happens once.
type Error struct {
	// Code is the gRPC status code.
	Code codes.Code
	// Reason is the service's, which may be newer than this client's constants. Empty when
	// the call never got an answer from the service.
	Reason Reason
	// Message is for people: the service's sentence, or gRPC's.
	Message string
	// Metadata is what the reason is about, such as "field" or "coupon_id".
	Metadata map[string]string
	// FieldViolations are the request fields that broke a rule; at most 20 are named.
	FieldViolations []FieldViolation
	// RetryDelay is how long to wait before another try. 0 where the service says nothing.
	RetryDelay time.Duration
	// CallID names the call in the service's logs, which is what support asks for. Empty when
	// the call never got an answer from the service. The x-request-id of the answer.
	CallID string
	// RequestID is the request_id that was sent, chosen by you or by the client; empty if the
	// request has none. Sent again with the same request it has one effect.
	RequestID string

	status        *status.Status
	hasRetryDelay bool
	closed        bool
}

// FieldViolation is a request field that broke a rule.
type FieldViolation struct {
	// Field is the path of the field.
	Field string
	// Description says what the rule is.
	Description string
}

// Error returns the message, and the reason or else the code.
func (e *Error) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("%s (%s)", e.Message, e.Code)
	}
	return fmt.Sprintf("%s (%s)", e.Message, e.Reason)
}

// GRPCStatus lets package status of gRPC read the error.
func (e *Error) GRPCStatus() *status.Status {
	if e.status == nil {
		// Not from a call, but made by a test of yours.
		return status.New(e.Code, e.Message)
	}
	return e.status
}

// Is lets [errors.Is] find what ended the call, if that was its context: [context.Canceled],
// or [context.DeadlineExceeded], which is also what the client's own timeout is.
func (e *Error) Is(target error) bool {
	switch target {
	case context.Canceled:
		return e.Code == codes.Canceled && !e.closed
	case context.DeadlineExceeded:
		return e.Code == codes.DeadlineExceeded
	}
	return false
}

// closedError is the error of a call of a client that is closed, before the call or during it.
func closedError(requestID string) *Error {
	return &Error{Code: codes.Canceled, Message: "The client is closed", RequestID: requestID, closed: true}
}

// tooLarge is the error of a request that the service would not take, and that is not sent.
func tooLarge(size int, requestID string) *Error {
	message := fmt.Sprintf("The request has %d bytes; the service takes at most %d", size, maxRequestBytes)
	return &Error{Code: codes.ResourceExhausted, Message: message, RequestID: requestID}
}

func newError(err error, trailer metadata.MD, requestID string) *Error {
	answer := uncontradicted(statusOf(err))
	failure := &Error{
		Code: answer.Code(), Message: answer.Message(), RequestID: requestID, status: answer,
	}
	if failure.Message == "" {
		failure.Message = answer.Code().String()
	}
	for _, detail := range answer.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			failure.Reason = Reason(detail.GetReason())
			failure.Metadata = detail.GetMetadata()
		case *errdetails.BadRequest:
			failure.FieldViolations = violations(detail)
		case *errdetails.RetryInfo:
			delay := detail.GetRetryDelay().AsDuration()
			failure.hasRetryDelay = detail.RetryDelay != nil && delay >= 0
			failure.RetryDelay = max(delay, 0)
		}
	}
	if ids := trailer.Get("x-request-id"); len(ids) > 0 {
		failure.CallID = ids[0]
	}
	return failure
}

// contradicted is what gRPC makes of a status whose details have another code.
var contradicted = regexp.MustCompile(
	`^grpc-status-details-bin mismatch: grpc-status=(\w+), grpc-message=("(?:[^"\\]|\\.)*"), `)

// uncontradicted returns the status as it was before gRPC replaced it by Internal because its
// details contradict it; without these.
func uncontradicted(answer *status.Status) *status.Status {
	parts := contradicted.FindStringSubmatch(answer.Message())
	if answer.Code() != codes.Internal || parts == nil {
		return answer
	}
	message, err := strconv.Unquote(parts[2])
	if err != nil {
		return answer
	}
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		if code.String() == parts[1] {
			return status.New(code, message)
		}
	}
	return status.New(codes.Unknown, message)
}

// statusOf finds the status below what gRPC wraps around it after the last retry;
// status.FromError would put the wrapping's words into the message.
func statusOf(err error) *status.Status {
	type carrier interface {
		error
		GRPCStatus() *status.Status
	}
	if found, ok := errors.AsType[carrier](err); ok {
		return found.GRPCStatus()
	}
	return status.Convert(err)
}

func violations(request *errdetails.BadRequest) []FieldViolation {
	var found []FieldViolation
	for _, violation := range request.GetFieldViolations() {
		found = append(found, FieldViolation{violation.GetField(), violation.GetDescription()})
	}
	return found
}
