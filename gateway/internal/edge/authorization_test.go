package edge_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
)

func header(name, value string) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{Header: &corev3.HeaderValue{Key: name, Value: value}}
}

func TestTheServiceIsAskedAboutTheRequestAsItWasOnTheWire(t *testing.T) {
	for _, target := range []string{
		"/v1/coupons/T/redeem/a%2541",
		"/v1/coupons/T/redeem/%57ELCOME?user_id=a%20b",
		"//v1/../coupons?x=;",
	} {
		service := &testsupport.Service{}
		start(t, service).call(t, "POST", target, `{"user_id": "ada"}`)
		asked := service.Checks()[0]
		if asked.GetMethod() != "POST" || asked.GetPath() != target || string(asked.GetRawBody()) != `{"user_id": "ada"}` {
			t.Errorf("%s became %s %s %s", target, asked.GetMethod(), asked.GetPath(), asked.GetRawBody())
		}
	}
}

func TestTheServiceSeesCredentialsAndNothingForged(t *testing.T) {
	service := &testsupport.Service{}
	start(t, service).call(t, "POST", redeem, "",
		"X-Tenant-Id", "T", "X-Timestamp", "1", "X-Signature", "hmac-sha256=00", "X-Signature", "hmac-sha256=11",
		"Idempotency-Key", "k", "X-Request-Id", "id-1",
		"X-Coupons-Assertion", "forged", "Grpc-Metadata-X-Coupons-Assertion", "forged", "Cookie", "a=b",
		"X-Forwarded-For", "10.0.0.1", "Grpc-Timeout", "1n")
	want := map[string]string{
		"x-tenant-id": "T", "x-timestamp": "1", "x-signature": "hmac-sha256=00,hmac-sha256=11",
		"idempotency-key": "k", "x-request-id": "id-1", "x-forwarded-for": "10.0.0.1, 127.0.0.1",
	}
	if got := service.Checks()[0].GetHeaders(); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestTheAddressOfWhoeverConnectsIsAppended(t *testing.T) {
	long := strings.Repeat("a", 5000)
	for _, each := range []struct {
		sent []string
		want string
	}{
		{nil, "127.0.0.1"},
		{[]string{"192.0.2.1"}, "192.0.2.1, 127.0.0.1"},
		{[]string{"192.0.2.1, 192.0.2.2", "192.0.2.3"}, "192.0.2.1, 192.0.2.2, 192.0.2.3, 127.0.0.1"},
		{[]string{"\xff"}, "unknown, 127.0.0.1"},
		{[]string{"192.0.2.1, \xff, 192.0.2.3"}, "192.0.2.1, unknown, 192.0.2.3, 127.0.0.1"},
		{[]string{long}, long[:1024] + ", 127.0.0.1"},
	} {
		service := &testsupport.Service{}
		var headers []string
		for _, value := range each.sent {
			headers = append(headers, "X-Forwarded-For", value)
		}
		start(t, service).call(t, "POST", redeem, "", headers...)
		if got := service.Checks()[0].GetHeaders()["x-forwarded-for"]; got != each.want {
			t.Errorf("%q became %q", each.sent, got)
		}
	}
}

func TestADenialIsPassedOnAsItIs(t *testing.T) {
	service := &testsupport.Service{OnCheck: func(*authv3.CheckRequest) (*authv3.CheckResponse, error) {
		return &authv3.CheckResponse{
			Status: &rpcstatus.Status{Code: 7},
			HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{
				Status:  &typev3.HttpStatus{Code: typev3.StatusCode_MethodNotAllowed},
				Headers: []*corev3.HeaderValueOption{header("allow", "GET"), header("content-type", "application/json")},
				Body:    `{"code": "METHOD_NOT_ALLOWED"}`,
			}},
		}, nil
	}}
	got := start(t, service).call(t, "PUT", redeem, "")
	got.wantStatus(t, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
	if got.Header.Get("Allow") != "GET" || got.body != `{"code": "METHOD_NOT_ALLOWED"}` {
		t.Errorf("got %v %s", got.Header, got.body)
	}
	if len(service.Calls()) != 0 {
		t.Error("the call was made")
	}
}

func TestWithoutTheServicesWordNothingPasses(t *testing.T) {
	for name, onCheck := range map[string]func(*authv3.CheckRequest) (*authv3.CheckResponse, error){
		"error": func(*authv3.CheckRequest) (*authv3.CheckResponse, error) {
			return nil, errors.New("no")
		},
		"neither": func(*authv3.CheckRequest) (*authv3.CheckResponse, error) {
			return &authv3.CheckResponse{}, nil
		},
		"contradiction": func(*authv3.CheckRequest) (*authv3.CheckResponse, error) {
			answer := testsupport.Allow(&authv3.OkHttpResponse{})
			answer.Status = &rpcstatus.Status{Code: 7}
			return answer, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			service := &testsupport.Service{OnCheck: onCheck}
			got := start(t, service).call(t, "POST", redeem, "")
			got.wantStatus(t, http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
			if got.Header.Get("Retry-After") != "1" {
				t.Errorf("Retry-After is %q", got.Header.Get("Retry-After"))
			}
			if len(service.Calls()) != 0 {
				t.Error("the call was made")
			}
		})
	}
}

func TestTheCallCarriesWhatTheServiceWants(t *testing.T) {
	service := &testsupport.Service{OnCheck: func(*authv3.CheckRequest) (*authv3.CheckResponse, error) {
		return testsupport.Allow(&authv3.OkHttpResponse{
			Headers:         []*corev3.HeaderValueOption{header("x-coupons-assertion", "genuine")},
			HeadersToRemove: []string{"x-signature", "x-tenant-id", "x-timestamp"},
		}), nil
	}}
	start(t, service).call(t, "POST", redeem, "",
		"X-Tenant-Id", "T", "X-Timestamp", "1", "X-Signature", "s", "X-Coupons-Assertion", "forged",
		"Authorization", "Bearer a", "Authorization", "Bearer b", "X-Api-Key", "pk_1",
		"Idempotency-Key", "k", "X-Request-Id", "id-1", "X-Forwarded-For", "10.0.0.1", "Cookie", "a=b")
	metadata := service.Calls()[0]
	for name, want := range map[string][]string{
		"x-coupons-assertion": {"genuine"},
		"authorization":       {"Bearer a", "Bearer b"},
		"x-api-key":           {"pk_1"},
		"idempotency-key":     {"k"},
		"x-request-id":        {"id-1"},
	} {
		if got := metadata.Get(name); !slices.Equal(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
		metadata.Delete(name)
	}
	// What gRPC itself adds.
	for _, name := range []string{":authority", "content-type", "user-agent", "grpc-accept-encoding"} {
		metadata.Delete(name)
	}
	if len(metadata) != 0 {
		t.Errorf("more came along: %v", metadata)
	}
}

func TestTheServiceAddsHeadersToTheAnswer(t *testing.T) {
	service := &testsupport.Service{OnCheck: func(*authv3.CheckRequest) (*authv3.CheckResponse, error) {
		return testsupport.Allow(&authv3.OkHttpResponse{
			ResponseHeadersToAdd: []*corev3.HeaderValueOption{header("ratelimit", `"redeem";r=1;t=1`)},
		}), nil
	}}
	gateway := start(t, service)
	for _, target := range []string{redeem, redeem + "?unknown=1"} {
		if got := gateway.call(t, "POST", target, "").Header.Get("RateLimit"); got != `"redeem";r=1;t=1` {
			t.Errorf("RateLimit of %s is %q", target, got)
		}
	}
}

func TestTheServiceSetsQueryParameters(t *testing.T) {
	var got *couponsv1.UpdateRewardItemRequest
	service := &testsupport.Service{
		OnCheck: func(*authv3.CheckRequest) (*authv3.CheckResponse, error) {
			return testsupport.Allow(&authv3.OkHttpResponse{
				QueryParametersToSet: []*corev3.QueryParameter{{Key: "update_mask", Value: "name%2Creward_type"}},
			}), nil
		},
		OnUpdate: func(request *couponsv1.UpdateRewardItemRequest) (*couponsv1.UpdateRewardItemResponse, error) {
			got = request
			return &couponsv1.UpdateRewardItemResponse{}, nil
		},
	}
	start(t, service).call(t, "PATCH", "/v1/tenants/T/reward-items/1?request_id=r;1", `{"name": "new"}`).wantStatus(t, 200, "")
	if want := []string{"name", "reward_type"}; !slices.Equal(got.GetUpdateMask().GetPaths(), want) {
		t.Errorf("the mask is %v", got.GetUpdateMask())
	}
	if got.GetRequestId() != "r;1" || got.GetRewardItem().GetName() != "new" || got.GetItemId() != "1" {
		t.Errorf("got %v", got)
	}
}
