package settings

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reader reads variables by their names without the prefix, and gathers what is wrong with them.
type reader struct {
	getenv func(string) string
	faults []error
}

func (r *reader) err() error {
	return errors.Join(r.faults...)
}

func (r *reader) refuse(name, rule string) {
	r.faults = append(r.faults, fmt.Errorf("%s%s: %s", prefix, name, rule))
}

func (r *reader) text(name string) string {
	if value := r.getenv(prefix + name); value != "" {
		return value
	}
	return initial(name)
}

func (r *reader) number(name string, least, most int) int {
	value := r.text(name)
	number, err := strconv.Atoi(value)
	if err != nil || number < least || number > most {
		r.refuse(name, fmt.Sprintf("must be between %d and %d, is %q", least, most, value))
	}
	return number
}

func (r *reader) seconds(name string, least, most int) time.Duration {
	return time.Duration(r.number(name, least, most)) * time.Second
}

func (r *reader) choice(name string, choices ...string) string {
	value := r.text(name)
	if !slices.Contains(choices, value) {
		r.refuse(name, fmt.Sprintf("must be one of %s, is %q", strings.Join(choices, ", "), value))
	}
	return value
}

// addressUse tells what an address is for, and so what it may leave open.
type addressUse struct {
	example   string
	emptyHost bool
	leastPort uint64
}

var (
	mayListen = addressUse{example: "127.0.0.1:8080", emptyHost: true, leastPort: 0}
	mayDial   = addressUse{example: "coupons.internal:50051", emptyHost: false, leastPort: 1}
)

func (r *reader) address(name string, use addressUse) string {
	value := r.text(name)
	host, port, err := net.SplitHostPort(value)
	if err == nil {
		var number uint64
		number, err = strconv.ParseUint(port, 10, 16)
		if err == nil && number >= use.leastPort && (host != "" || use.emptyHost) {
			return value
		}
	}
	r.refuse(name, fmt.Sprintf("must look like %s, is %q", use.example, value))
	return value
}

func (r *reader) origins(name string) []string {
	value := r.text(name)
	if value == "" {
		return nil
	}
	var origins []string
	for origin := range strings.SplitSeq(value, ",") {
		origin = strings.TrimSpace(origin)
		if !isOrigin(origin) {
			r.refuse(name, fmt.Sprintf("must be origins such as https://app.example.com, or *, has %q", origin))
		}
		origins = append(origins, origin)
	}
	return origins
}

// isOrigin tells whether a browser could send text as an Origin (RFC 6454, section 6.2).
func isOrigin(text string) bool {
	if text == "*" {
		return true
	}
	parsed, err := url.Parse(text)
	if err != nil || strings.Contains(parsed.Host, "*") {
		return false
	}
	return (parsed.Scheme == "https" || parsed.Scheme == "http") &&
		parsed.Hostname() != "" && text == parsed.Scheme+"://"+parsed.Host
}
