package authorization

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
)

var errQuery = errors.New("the query has a malformed escape")

// deny answers as the service says.
func deny(w http.ResponseWriter, denied *authv3.DeniedHttpResponse) {
	set(w.Header(), denied.GetHeaders())
	status := int(denied.GetStatus().GetCode())
	if status < 400 || status > 599 {
		status = http.StatusForbidden // As Envoy has it when none is given.
	}
	w.WriteHeader(status)
	// An error means that the client is gone.
	_, _ = io.WriteString(w, denied.GetBody())
}

// grant makes the changes to a request that come with the service's permission.
func grant(r *http.Request, granted *authv3.OkHttpResponse) error {
	// The service takes a semicolon for itself (WHATWG URL), net/url for a mistake.
	query, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	if err != nil {
		return errQuery
	}
	for _, parameter := range granted.GetQueryParametersToSet() {
		// Envoy puts values into the query as they are, so the service has escaped them.
		value, err := url.PathUnescape(parameter.GetValue())
		if err != nil {
			return errQuery
		}
		query.Set(parameter.GetKey(), value)
	}
	r.URL.RawQuery = query.Encode()
	for _, name := range granted.GetHeadersToRemove() {
		r.Header.Del(name)
	}
	set(r.Header, granted.GetHeaders())
	return nil
}

// set overwrites headers, which is the one action that the service asks for.
func set(header http.Header, options []*corev3.HeaderValueOption) {
	for _, option := range options {
		header.Set(option.GetHeader().GetKey(), option.GetHeader().GetValue())
	}
}
