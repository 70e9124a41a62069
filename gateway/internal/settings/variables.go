package settings

import (
	"fmt"
	"io"
)

const prefix = "COUPONS_GATEWAY_"

// variable is one setting as people see it.
type variable struct {
	name string
	// initial is the value of a variable that is unset or empty.
	initial string
	meaning string
}

var variables = []variable{
	{"LISTEN_ADDRESS", "127.0.0.1:8080", "Where to listen, host:port; port 0 takes a free one, an empty host every interface."},
	{"UPSTREAM_ADDRESS", "127.0.0.1:50051", "Where the coupon service is, host:port. Calls are spread over all addresses of the host's name."},
	{"UPSTREAM_CONNECTIONS", "4", "How many connections to open to each of these addresses, 1 to 64. Those to one server are spread over its workers."},
	{"UPSTREAM_CA_FILE", "", "Certificate authorities (PEM), one of which must have signed the service's certificate. Unset: no TLS towards the service."},
	{"UPSTREAM_CERTIFICATE_FILE", "", "The certificate chain (PEM) to show to a service that wants one. Set together with its private key."},
	{"UPSTREAM_PRIVATE_KEY_FILE", "", "The private key of that certificate (PEM)."},
	{"TLS_CERTIFICATE_FILE", "", "The gateway's certificate chain (PEM). Set together with its private key; none of the two means plaintext."},
	{"TLS_PRIVATE_KEY_FILE", "", "The private key of the gateway's certificate (PEM)."},
	{"TLS_CLIENT_CA_FILE", "", "Certificate authorities (PEM), one of which must have signed each client's certificate (mutual TLS). Unset: clients need no certificate."},
	{"MAX_CONNECTIONS", "2000", "The most connections of clients at a time, 1 to 100000; further ones wait until one is closed."},
	{"CORS_ORIGINS", "", "Origins whose pages may call, separated by commas, each a scheme, a host and perhaps a port; * for all. Unset: none."},
	{"REQUEST_TIMEOUT_SECONDS", "30", "How long a request may take before it is answered with 504, 1 to 600; a long poll (PollGrants) 30 more."},
	{"DRAIN_SECONDS", "20", "How long a stopping gateway lets requests in flight finish, 0 to 3600."},
	{"LOG_LEVEL", "info", "The least severe events to log: debug, info, warning or error."},
	{"ACCESS_LOG", "errors", "Which requests to log: none, errors (those answered with 400 or above) or all."},
}

// Describe writes what can be set: each variable, its default and its meaning.
func Describe(w io.Writer) {
	for _, each := range variables {
		fmt.Fprintf(w, "  %s%s", prefix, each.name)
		if each.initial != "" {
			fmt.Fprintf(w, " (%s)", each.initial)
		}
		fmt.Fprintf(w, "\n      %s\n", each.meaning)
	}
}

func initial(name string) string {
	for _, each := range variables {
		if each.name == name {
			return each.initial
		}
	}
	panic("no such setting: " + name)
}
