package edge_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
)

func TestACodeArrivesAsItWasMeant(t *testing.T) {
	for _, code := range []string{"WELCOME", "Über 100%?", "a%41", "a+b", "AB:pause", "ﬁ#&=;@'\"\\", "日本"} {
		var got string
		service := &testsupport.Service{OnValidate: func(request *couponsv1.ValidateCouponRequest) (*couponsv1.ValidateCouponResponse, error) {
			got = request.GetCode() + "|" + request.GetUserId()
			return &couponsv1.ValidateCouponResponse{}, nil
		}}
		target := "/v1/coupons/T/validate/" + url.PathEscape(code) + "?user_id=" + url.QueryEscape(code)
		start(t, service).call(t, "GET", target, "").wantStatus(t, 200, "")
		if got != code+"|"+code {
			t.Errorf("%q became %q", code, got)
		}
	}
}

func TestAnswersPrintEveryField(t *testing.T) {
	service := &testsupport.Service{OnValidate: func(*couponsv1.ValidateCouponRequest) (*couponsv1.ValidateCouponResponse, error) {
		return &couponsv1.ValidateCouponResponse{
			Valid:         true,
			Coupon:        &couponsv1.Coupon{Status: couponsv1.Coupon_active, RedemptionCount: 2},
			RemainingUses: wrapperspb.Int32(3),
		}, nil
	}}
	got := start(t, service).call(t, "GET", "/v1/coupons/T/validate/X?user_id=a", "").json(t)
	if got["valid"] != true || got["reason"] != "" || got["remaining_uses"] != 3.0 || got["reward_item"] != nil {
		t.Errorf("got %v", got)
	}
	coupon := got["coupon"].(map[string]any)
	expiry, printed := coupon["expires_at"]
	if coupon["status"] != "active" || coupon["redemption_count"] != 2.0 || coupon["user_id"] != "" || !printed || expiry != nil {
		t.Errorf("got %v", coupon)
	}
}

func TestAResponseBodyIsUnwrapped(t *testing.T) {
	service := &testsupport.Service{OnUpdate: func(*couponsv1.UpdateRewardItemRequest) (*couponsv1.UpdateRewardItemResponse, error) {
		return &couponsv1.UpdateRewardItemResponse{RewardItem: &couponsv1.RewardItem{Name: "<coffee>"}}, nil
	}}
	got := start(t, service).call(t, "PATCH", "/v1/tenants/T/rewards/1", "{}").json(t)
	if payload, printed := got["payload"]; got["name"] != "<coffee>" || !printed || payload != nil {
		t.Errorf("got %v", got)
	}
}

func TestAnswersHaveTheHeadersOfAllAnswers(t *testing.T) {
	gateway := start(t, &testsupport.Service{})
	for _, target := range []string{redeem, "/health", "/nowhere"} {
		got := gateway.call(t, "POST", target, "", "X-Request-Id", "id-1", "Te", "trailers")
		want := map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Content-Type": "application/json", "X-Request-Id": "id-1",
		}
		for name, value := range want {
			if got.Header.Get(name) != value {
				t.Errorf("%s: %s is %q", target, name, got.Header.Get(name))
			}
		}
		for name := range got.Header {
			if strings.HasPrefix(name, "Grpc-") || len(got.Trailer) > 0 {
				t.Errorf("%s: %v and %v leak", target, got.Header, got.Trailer)
			}
		}
	}
}

func TestAnUnfitRequestIDIsReplaced(t *testing.T) {
	gateway := start(t, &testsupport.Service{})
	for _, unfit := range []string{"", "a b", strings.Repeat("a", 65), "\xff", "pk_" + strings.Repeat("A", 43), "a.ts_b", "whsec_c", "eyJhbGciOi"} {
		got := gateway.call(t, "POST", redeem, "", "X-Request-Id", unfit).Header.Get("X-Request-Id")
		if len(got) != 36 || got == unfit {
			t.Errorf("%q became %q", unfit, got)
		}
	}
}

func TestErrorsOfTheServiceArePassedOn(t *testing.T) {
	refused, err := status.New(codes.FailedPrecondition, "Coupon has <expired>").WithDetails(
		&errdetails.ErrorInfo{Reason: "COUPON_EXPIRED", Domain: "coupons.phoenix", Metadata: map[string]string{"a": "b"}},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "code", Description: "old"}}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)},
	)
	if err != nil {
		t.Fatal(err)
	}
	service := &testsupport.Service{OnRedeem: func(context.Context, *couponsv1.RedeemCouponRequest) (*couponsv1.RedeemCouponResponse, error) {
		return nil, refused.Err()
	}}
	got := start(t, service).call(t, "POST", redeem, "{}")
	got.wantStatus(t, http.StatusBadRequest, "COUPON_EXPIRED")
	if got.Header.Get("Retry-After") != "2" || !strings.Contains(got.body, "<expired>") {
		t.Errorf("got %v %s", got.Header, got.body)
	}
	var want map[string]any
	_ = json.Unmarshal([]byte(`{"error": "Coupon has <expired>", "code": "COUPON_EXPIRED", "details": [
		{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "COUPON_EXPIRED", "domain": "coupons.phoenix", "metadata": {"a": "b"}},
		{"@type": "type.googleapis.com/google.rpc.BadRequest", "field_violations":
			[{"field": "code", "description": "old", "reason": ""}]},
		{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retry_delay": "1.500s"}]}`), &want)
	if !reflect.DeepEqual(got.json(t), want) {
		t.Errorf("got %s", got.body)
	}
}

func TestErrorsOnTheWayGetAReasonAndTellNothingElse(t *testing.T) {
	for code, want := range map[codes.Code]struct {
		status int
		reason string
	}{
		codes.Unavailable:       {503, "SERVICE_UNAVAILABLE"},
		codes.Canceled:          {503, "SERVICE_UNAVAILABLE"},
		codes.DeadlineExceeded:  {504, "DEADLINE_EXCEEDED"},
		codes.InvalidArgument:   {400, "MALFORMED_MESSAGE"},
		codes.Unknown:           {500, "INTERNAL_FAULT"},
		codes.ResourceExhausted: {500, "INTERNAL_FAULT"},
	} {
		service := &testsupport.Service{OnRedeem: func(context.Context, *couponsv1.RedeemCouponRequest) (*couponsv1.RedeemCouponResponse, error) {
			return nil, status.Error(code, "dial tcp 10.1.2.3:50051")
		}}
		gateway := start(t, service)
		got := gateway.call(t, "POST", redeem, "")
		got.wantStatus(t, want.status, want.reason)
		if strings.Contains(got.body, "10.1.2.3") || !strings.Contains(gateway.log.String(), "10.1.2.3") {
			t.Errorf("%s: the cause belongs into the log alone: %s", code, got.body)
		}
	}
}

func TestACallTakesNoLongerThanARequestMay(t *testing.T) {
	service := &testsupport.Service{OnRedeem: func(ctx context.Context, _ *couponsv1.RedeemCouponRequest) (*couponsv1.RedeemCouponResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	gateway := start(t, service, func(s *settings.Settings) { s.RequestTimeout = 200 * time.Millisecond })
	gateway.call(t, "POST", redeem, "").wantStatus(t, http.StatusGatewayTimeout, "DEADLINE_EXCEEDED")
}

func TestAServiceThatIsDownIsUnavailable(t *testing.T) {
	service := &testsupport.Service{}
	gateway := start(t, service)
	service.Stop()
	gateway.call(t, "POST", redeem, "").wantStatus(t, http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
	gateway.call(t, "GET", "/ready", "").wantStatus(t, http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
	gateway.call(t, "GET", "/health", "").wantStatus(t, http.StatusOK, "")
}

func TestUnknownFieldsAndOtherNonsenseAreRefused(t *testing.T) {
	gateway := start(t, &testsupport.Service{})
	for _, body := range []string{`{"nope": 1}`, `{"user_id": 1}`, `[]`, `{`} {
		gateway.call(t, "POST", redeem, body).wantStatus(t, http.StatusBadRequest, "MALFORMED_MESSAGE")
	}
	gateway.call(t, "GET", "/v1/coupons/T/validate/X?user_id=%zz", "").wantStatus(t, http.StatusBadRequest, "MALFORMED_MESSAGE")
	gateway.call(t, "GET", "/v1/nowhere", "").wantStatus(t, http.StatusNotFound, "PATH_NOT_FOUND")
}

func TestHeadersThatNoCallCanCarryAreRefused(t *testing.T) {
	service := &testsupport.Service{}
	gateway := start(t, service)
	for _, value := range []string{"ü", "a\tb", strings.Repeat("a", 8000)} {
		got := gateway.call(t, "POST", redeem, "", "Idempotency-Key", value)
		got.wantStatus(t, http.StatusBadRequest, "MALFORMED_MESSAGE")
		if strings.Contains(got.body, value) {
			t.Errorf("the value is in %s", got.body)
		}
	}
	if len(service.Checks()) != 0 {
		t.Error("the service was asked")
	}
}

func TestABodyHasALimit(t *testing.T) {
	service := &testsupport.Service{}
	gateway := start(t, service)
	tooLarge := strings.Repeat(" ", 1<<20+1)
	gateway.call(t, "POST", redeem, tooLarge[1:]).wantStatus(t, http.StatusOK, "")
	gateway.call(t, "POST", redeem, tooLarge).wantStatus(t, http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")

	// A body of unknown length is sent in chunks.
	response, err := http.Post(gateway.url+redeem, "", io.MultiReader(strings.NewReader(tooLarge)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d", response.StatusCode)
	}
	if len(service.Checks()) != 1 {
		t.Errorf("the service was asked %d times", len(service.Checks()))
	}
}

func TestMethodsAreNotOverridden(t *testing.T) {
	service := &testsupport.Service{}
	got := start(t, service).call(t, "POST", "/v1/coupons/T/definitions", "",
		"X-Http-Method-Override", "GET", "Content-Type", "application/x-www-form-urlencoded")
	if got.StatusCode == http.StatusOK || service.Checks()[0].GetMethod() != "POST" {
		t.Errorf("got %d %s", got.StatusCode, got.body)
	}
}
