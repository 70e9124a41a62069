package edge_test

import (
	"net/http"
	"testing"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
)

func TestHealthNeedsNobody(t *testing.T) {
	service := &testsupport.Service{}
	gateway := start(t, service)
	for _, target := range []string{"/health", "/ready"} {
		got := gateway.call(t, "GET", target, "")
		if got.StatusCode != http.StatusOK || got.body != `{"status":"ok"}` {
			t.Errorf("%s: %d %s", target, got.StatusCode, got.body)
		}
		head := gateway.call(t, "HEAD", target, "")
		if head.StatusCode != http.StatusOK || head.body != "" {
			t.Errorf("HEAD %s: %d %s", target, head.StatusCode, head.body)
		}
	}
	if len(service.Checks()) != 0 {
		t.Error("the service was asked for permission")
	}
}

func TestHealthTakesGetAlone(t *testing.T) {
	gateway := start(t, &testsupport.Service{})
	for _, target := range []string{"/health", "/ready"} {
		got := gateway.call(t, "POST", target, "")
		got.wantStatus(t, http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
		if got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("Allow is %q", got.Header.Get("Allow"))
		}
	}
}

func TestReadyIsWhatTheServiceSays(t *testing.T) {
	service := &testsupport.Service{}
	gateway := start(t, service)
	service.Health.SetServingStatus("", healthv1.HealthCheckResponse_NOT_SERVING)
	gateway.call(t, "GET", "/ready", "").wantStatus(t, http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
	service.Health.SetServingStatus("", healthv1.HealthCheckResponse_SERVING)
	gateway.call(t, "GET", "/ready", "").wantStatus(t, http.StatusOK, "")
}

func TestADrainingGatewayIsNotReadyAndStillServes(t *testing.T) {
	gateway := start(t, &testsupport.Service{})
	gateway.Drain()
	gateway.call(t, "GET", "/ready", "").wantStatus(t, http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
	gateway.call(t, "GET", "/health", "").wantStatus(t, http.StatusOK, "")
	gateway.call(t, "POST", redeem, "").wantStatus(t, http.StatusOK, "")
}
