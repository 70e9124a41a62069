package edge_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
)

func logging(which settings.AccessLog) func(*settings.Settings) {
	return func(s *settings.Settings) { s.AccessLog = which }
}

func TestARequestIsLoggedByItsRouteAndWithoutSecrets(t *testing.T) {
	gateway := start(t, &testsupport.Service{})
	gateway.call(t, "POST", "/v1/coupons/T/redeem/GUESSME", `{"user_id": "ada"}`, "X-Api-Key", "pk_secret", "X-Request-Id", "id-1")
	var line map[string]any
	if err := json.Unmarshal(gateway.log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["route"] != "/v1/coupons/{tenant_id}/redeem/{code}" || line["status"] != 200.0 ||
		line["method"] != "POST" || line["request_id"] != "id-1" {
		t.Errorf("got %v", line)
	}
	for _, secret := range []string{"GUESSME", "ada", "pk_secret"} {
		if strings.Contains(gateway.log.String(), secret) {
			t.Errorf("%s is in the log", secret)
		}
	}
}

func TestWhichRequestsAreLoggedCanBeSet(t *testing.T) {
	for which, want := range map[settings.AccessLog]int{
		settings.AccessLogNone: 0, settings.AccessLogErrors: 1, settings.AccessLogAll: 2,
	} {
		gateway := start(t, &testsupport.Service{}, logging(which))
		gateway.call(t, "POST", redeem, "")
		gateway.call(t, "POST", redeem, "{")
		if got := strings.Count(gateway.log.String(), "\n"); got != want {
			t.Errorf("%s: %d lines", which, got)
		}
	}
}
