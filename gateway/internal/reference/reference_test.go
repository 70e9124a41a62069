package reference

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWhatIsServed(t *testing.T) {
	edge := httptest.NewServer(Handler())
	defer edge.Close()
	for _, one := range []struct {
		method, path string
		status       int
		contentType  string
	}{
		{http.MethodGet, "/openapi.json", 200, "application/json"},
		{http.MethodHead, "/openapi.json", 200, "application/json"},
		{http.MethodGet, "/openapi-3.0.json", 200, "application/json"},
		{http.MethodGet, "/docs", 200, "text/html; charset=utf-8"},
		{http.MethodGet, "/docs/", 200, "text/html; charset=utf-8"},
		{http.MethodGet, "/docs/page.js", 200, "application/javascript"},
		{http.MethodGet, "/docs/page.css", 200, "text/css; charset=utf-8"},
		{http.MethodGet, "/docs/swagger-ui-bundle.js", 200, "application/javascript"},
		{http.MethodGet, "/docs/swagger-ui.css", 200, "text/css; charset=utf-8"},
		{http.MethodGet, "/docs/other", 404, "application/json"},
		{http.MethodPost, "/openapi.json", 405, "application/json"},
		{http.MethodDelete, "/docs/", 405, "application/json"},
	} {
		t.Run(one.method+" "+one.path, func(t *testing.T) {
			answer := ask(t, one.method, edge.URL+one.path)
			if answer.StatusCode != one.status {
				t.Errorf("status %d, not %d", answer.StatusCode, one.status)
			}
			if got := answer.Header.Get("Content-Type"); got != one.contentType {
				t.Errorf("content type %q, not %q", got, one.contentType)
			}
			if policy := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") {
				t.Errorf("content security policy %q", policy)
			}
			if one.status == http.StatusMethodNotAllowed && answer.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("allow %q", answer.Header.Get("Allow"))
			}
		})
	}
}

func TestTheDocumentIsJSON(t *testing.T) {
	edge := httptest.NewServer(Handler())
	defer edge.Close()
	for path, version := range map[string]string{"/openapi.json": "3.1.0", "/openapi-3.0.json": "3.0.3"} {
		var document struct{ OpenAPI string }
		if err := json.NewDecoder(ask(t, http.MethodGet, edge.URL+path).Body).Decode(&document); err != nil {
			t.Fatal(err)
		}
		if document.OpenAPI != version {
			t.Errorf("version of %s: %q", path, document.OpenAPI)
		}
	}
}

func ask(t *testing.T, method, url string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}
