package accesslog_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/accesslog"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
)

// serve starts a server whose handler panics after it has written what is given.
func serve(t *testing.T, written string) (url string, log *bytes.Buffer) {
	t.Helper()
	log = &bytes.Buffer{}
	server := httptest.NewServer(accesslog.Handler(
		slog.New(slog.NewJSONHandler(log, nil)),
		settings.AccessLogNone,
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if written != "" {
				_, _ = io.WriteString(w, written)
			}
			panic("the roof is on fire")
		}),
	))
	t.Cleanup(server.Close)
	return server.URL, log
}

func TestAPanicIsLoggedAndAnsweredAsAFault(t *testing.T) {
	url, log := serve(t, "")
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if response.StatusCode != 500 || !strings.Contains(string(body), "INTERNAL_FAULT") || strings.Contains(string(body), "roof") {
		t.Errorf("got %d %s", response.StatusCode, body)
	}
	if !strings.Contains(log.String(), "roof") {
		t.Errorf("the log has %s", log)
	}
}

func TestAPanicWithinAnAnswerBreaksItOff(t *testing.T) {
	url, _ := serve(t, "half")
	response, err := http.Get(url)
	if err != nil {
		return // Broken off before the status line was sent.
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("%q looks whole", body)
	}
}
