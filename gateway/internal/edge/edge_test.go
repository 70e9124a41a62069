package edge_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/edge"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/upstream"
)

const redeem = "/v1/coupons/T/redeem/WELCOME"

// gateway is an edge on a real socket in front of a service.
type gateway struct {
	*edge.Edge
	url string
	log *bytes.Buffer
}

// start serves in front of service, which it starts unless that was done.
func start(t *testing.T, service *testsupport.Service, change ...func(*settings.Settings)) gateway {
	t.Helper()
	if service.Address == "" {
		service.Start(t, "127.0.0.1:0")
	}
	s := settings.Settings{RequestTimeout: 5 * time.Second, AccessLog: settings.AccessLogAll}
	for _, each := range change {
		each(&s)
	}
	connections, err := upstream.Dial(service.Address, 1, nil, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connections.Close() })
	log := &bytes.Buffer{}
	handler, err := edge.New(s, connections, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return gateway{handler, server.URL, log}
}

// answer is what came back, with its body read.
type answer struct {
	*http.Response
	body string
}

// call sends a request with headers given as pairs of name and value.
func (g gateway) call(t *testing.T, method, target, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(method, g.url+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, string(text)}
}

// wantStatus fails the test unless the answer has this HTTP status and, if there is one, reason.
func (a answer) wantStatus(t *testing.T, status int, reason string) {
	t.Helper()
	if a.StatusCode != status || reason != "" && a.json(t)["code"] != reason {
		t.Fatalf("want %d %s, got %d %s", status, reason, a.StatusCode, a.body)
	}
	if reason != "" && a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("an error is JSON, not %q", a.Header.Get("Content-Type"))
	}
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var parsed map[string]any
	if err := json.Unmarshal([]byte(a.body), &parsed); err != nil {
		t.Fatalf("%q: %v", a.body, err)
	}
	return parsed
}

func TestABodyThatDoesNotArriveInTimeIs408(t *testing.T) {
	gateway := start(t, &testsupport.Service{})
	server := httptest.NewUnstartedServer(gateway.Edge)
	server.Config.ReadTimeout = 100 * time.Millisecond
	server.Config.ReadHeaderTimeout = time.Minute
	server.Start()
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{", redeem)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer{response, string(text)}.wantStatus(t, http.StatusRequestTimeout, "DEADLINE_EXCEEDED")
}
