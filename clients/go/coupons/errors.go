package coupons

import (
	"errors"
	"fmt"
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
	// RequestID names the call in the service's logs; quote it to support.
	RequestID string

	status *status.Status
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

func newError(err error, trailer metadata.MD) *Error {
	answer := statusOf(err)
	failure := &Error{Code: answer.Code(), Message: answer.Message(), status: answer}
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
			failure.RetryDelay = detail.GetRetryDelay().AsDuration()
		}
	}
	if ids := trailer.Get("x-request-id"); len(ids) > 0 {
		failure.RequestID = ids[0]
	}
	return failure
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
