package edge_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
)

const page = "https://app.example.com"

func allowing(origins ...string) func(*settings.Settings) {
	return func(s *settings.Settings) { s.CORSOrigins = origins }
}

func preflight(t *testing.T, gateway gateway, origin string) answer {
	t.Helper()
	return gateway.call(t, "OPTIONS", redeem, "", "Origin", origin,
		"Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "authorization,content-type,idempotency-key,if-match,x-request-id")
}

func TestAPreflightOfAnAllowedOriginIsAnswered(t *testing.T) {
	service := &testsupport.Service{}
	got := preflight(t, start(t, service, allowing(page)), page)
	got.wantStatus(t, http.StatusNoContent, "")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":      page,
		"Access-Control-Allow-Methods":     "POST",
		"Access-Control-Allow-Headers":     "authorization,content-type,idempotency-key,if-match,x-request-id",
		"Access-Control-Max-Age":           "600",
		"Access-Control-Allow-Credentials": "",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q", name, got.Header.Get(name))
		}
	}
	if !strings.Contains(got.Header.Get("Vary"), "Origin") || len(service.Checks()) != 0 {
		t.Errorf("Vary is %q, the service was asked %d times", got.Header.Get("Vary"), len(service.Checks()))
	}
}

func TestAnswersAreForAllowedOriginsAlone(t *testing.T) {
	gateway := start(t, &testsupport.Service{}, allowing(page))
	got := gateway.call(t, "POST", redeem, "", "Origin", page)
	if got.Header.Get("Access-Control-Allow-Origin") != page || got.Header.Get("Vary") != "Origin" ||
		got.Header.Get("Access-Control-Expose-Headers") != "X-Request-Id, Etag, Retry-After, Ratelimit, Ratelimit-Policy" {
		t.Errorf("got %v", got.Header)
	}
	for _, got := range []answer{
		gateway.call(t, "POST", redeem, "", "Origin", "https://evil.example"),
		preflight(t, gateway, "https://evil.example"),
	} {
		if got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("got %v", got.Header)
		}
	}
}

func TestAllOriginsCanBeAllowed(t *testing.T) {
	got := preflight(t, start(t, &testsupport.Service{}, allowing("*")), page)
	if got.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("got %v", got.Header)
	}
}

func TestWithoutAllowedOriginsThereIsNoCORS(t *testing.T) {
	service := &testsupport.Service{}
	got := preflight(t, start(t, service), page)
	if got.Header.Get("Access-Control-Allow-Origin") != "" || len(service.Checks()) != 1 {
		t.Errorf("got %v", got.Header)
	}
}
