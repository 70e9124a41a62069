package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestHelpTellsWhatCanBeSet(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run([]string{"--help"}, &stdout, &stderr); code != 0 || stderr.Len() != 0 {
		t.Errorf("got %d %s", code, stderr.String())
	}
	for _, want := range []string{"Usage: coupons-gateway", "COUPONS_GATEWAY_LISTEN_ADDRESS (127.0.0.1:8080)"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, stdout.String())
		}
	}
}

func TestVersion(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run([]string{"--version"}, &stdout, &stderr); code != 0 || stdout.String() != version+"\n" {
		t.Errorf("got %d %s", code, stdout.String())
	}
}

func TestBadUsageAndBadSettingsAreTold(t *testing.T) {
	t.Setenv("COUPONS_GATEWAY_LOG_LEVEL", "loud")
	for want, arguments := range map[string][]string{
		"COUPONS_GATEWAY_LOG_LEVEL: must be one of": nil,
		"not defined: -nope":                        {"--nope"},
		`takes no arguments, has "serve"`:           {"serve"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(arguments, &stdout, &stderr); code != exitUsage || !strings.Contains(stderr.String(), want) {
			t.Errorf("got %d %s", code, stderr.String())
		}
	}
}
