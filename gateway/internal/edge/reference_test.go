package edge_test

import (
	"net/http"
	"testing"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
)

func TestTheContractIsServedToEverybody(t *testing.T) {
	service := &testsupport.Service{}
	gateway := start(t, service)
	for _, target := range []string{"/openapi.json", "/openapi-3.0.json", "/docs", "/docs/"} {
		gateway.call(t, "GET", target, "").wantStatus(t, http.StatusOK, "")
	}
	if len(service.Checks()) != 0 {
		t.Error("the service was asked for permission")
	}
}
