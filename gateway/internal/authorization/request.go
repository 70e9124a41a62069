package authorization

import (
	"net/http"
	"net/url"
	"strings"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
)

// requestOf describes a request as Envoy does: what was signed is the path and the body as they
// were on the wire.
func requestOf(r *http.Request, body []byte) *authv3.CheckRequest {
	described := &authv3.AttributeContext_HttpRequest{
		Method:  r.Method,
		Path:    target(r.URL),
		Headers: make(map[string]string, len(r.Header)),
		RawBody: body,
	}
	for name, values := range r.Header {
		described.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Request: &authv3.AttributeContext_Request{Http: described},
	}}
}

// target is the path and the query as the client wrote them.
func target(u *url.URL) string {
	path := u.RawPath
	if path == "" {
		// It is empty when escaping the path anew gives what the client wrote.
		path = u.EscapedPath()
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path
}
