package failure

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
)

// Reasons whose HTTP status is closer than that of their gRPC code.
var ownStatuses = map[string]int{
	couponsv1.ErrorReason_METHOD_NOT_ALLOWED.String(): http.StatusMethodNotAllowed,
	couponsv1.ErrorReason_BODY_TOO_LARGE.String():     http.StatusRequestEntityTooLarge,
}

// Of error details `localized_message` is never set, and not printed: as in what the service
// itself words, and in OpenAPI.
var printing = protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}

type body struct {
	Error   string            `json:"error"`
	Code    string            `json:"code"`
	Details []json.RawMessage `json:"details"`
}

// Write answers with a failure, which has ErrorInfo as those of this package do.
func Write(w http.ResponseWriter, failed *status.Status) {
	WriteAs(w, failed, httpStatus(failed))
}

// WriteAs answers with a failure and an HTTP status of the caller's.
func WriteAs(w http.ResponseWriter, failed *status.Status, code int) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	if retry := detailOf[*errdetails.RetryInfo](failed); retry != nil {
		seconds := math.Ceil(retry.GetRetryDelay().AsDuration().Seconds())
		header.Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	if code == http.StatusUnauthorized {
		// Of the kinds of credential the one with a registered scheme (RFC 6750).
		header.Set("WWW-Authenticate", `Bearer realm="coupons"`)
	}
	w.WriteHeader(code)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	// An error means that the client is gone.
	_ = encoder.Encode(body{failed.Message(), ReasonOf(failed), details(failed)})
}

// ReasonOf is the reason of a failure.
func ReasonOf(failed *status.Status) string {
	return infoOf(failed).GetReason()
}

func httpStatus(failed *status.Status) int {
	if own, ok := ownStatuses[ReasonOf(failed)]; ok {
		return own
	}
	return runtime.HTTPStatusFromCode(failed.Code())
}

// details prints those whose types are known here: an Any of another type has no JSON form.
func details(failed *status.Status) []json.RawMessage {
	printed := []json.RawMessage{}
	for _, detail := range failed.Proto().GetDetails() {
		if text, err := printing.Marshal(detail); err == nil {
			printed = append(printed, text)
		}
	}
	return printed
}
