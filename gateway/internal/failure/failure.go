// Package failure tells callers that something went wrong, in the contract's words: a gRPC status
// with ErrorInfo, and over REST an HTTP status with `{"error": …, "code": …, "details": […]}`.
package failure

import (
	"time"

	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// domain is google.rpc.ErrorInfo.domain of every error of the service.
const domain = "coupons.phoenix"

// What the gateway refuses or finds by itself.
var (
	BodyTooLarge     = failure(codes.ResourceExhausted, couponsv1.ErrorReason_BODY_TOO_LARGE, "A body has at most 1048576 bytes")
	TooManyHeaders   = Malformed("it has more than 200 headers, or more than 16 KiB of them")
	MethodNotAllowed = failure(codes.Unimplemented, couponsv1.ErrorReason_METHOD_NOT_ALLOWED, "The path does not take this HTTP method")
	Unavailable      = failure(codes.Unavailable, couponsv1.ErrorReason_SERVICE_UNAVAILABLE, "The service is not available now",
		&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)})
	TooSlow = failure(codes.DeadlineExceeded, couponsv1.ErrorReason_DEADLINE_EXCEEDED, "The request did not arrive in time")
	Fault   = failure(codes.Internal, couponsv1.ErrorReason_INTERNAL_FAULT, "An unexpected fault occurred")

	pathNotFound     = failure(codes.NotFound, couponsv1.ErrorReason_PATH_NOT_FOUND, "There is no such path")
	malformed        = failure(codes.InvalidArgument, couponsv1.ErrorReason_MALFORMED_MESSAGE, "The request is malformed")
	deadlineExceeded = failure(codes.DeadlineExceeded, couponsv1.ErrorReason_DEADLINE_EXCEEDED, "The service took too long")
)

// Malformed refuses a request that breaks a rule.
func Malformed(rule string) *status.Status {
	return failure(codes.InvalidArgument, couponsv1.ErrorReason_MALFORMED_MESSAGE, "The request is malformed: "+rule)
}

// Of returns the status that a caller gets for err, the error of a call. The service's own errors are
// passed on: they always have a reason. An error without one comes from the connection to the service,
// and its text may name addresses, which must not leave the gateway: then asIs is false.
func Of(err error) (reported *status.Status, asIs bool) {
	reported = status.Convert(err)
	if infoOf(reported) != nil {
		return reported, true
	}
	switch reported.Code() {
	case codes.InvalidArgument:
		return malformed, false
	case codes.NotFound:
		return pathNotFound, false
	case codes.DeadlineExceeded:
		return deadlineExceeded, false
	case codes.Unavailable, codes.Canceled:
		return Unavailable, false
	default:
		return Fault, false
	}
}

func failure(code codes.Code, reason couponsv1.ErrorReason, message string, more ...protoadapt.MessageV1) *status.Status {
	info := &errdetails.ErrorInfo{Reason: reason.String(), Domain: domain}
	detailed, err := status.New(code, message).WithDetails(append([]protoadapt.MessageV1{info}, more...)...)
	if err != nil {
		panic(err) // Only a status that is OK has no room for details.
	}
	return detailed
}

func infoOf(s *status.Status) *errdetails.ErrorInfo {
	return detailOf[*errdetails.ErrorInfo](s)
}

// detailOf is the status's first detail of a type; nil if there is none.
func detailOf[T any](s *status.Status) T {
	for _, detail := range s.Details() {
		if found, ok := detail.(T); ok {
			return found
		}
	}
	var none T
	return none
}
