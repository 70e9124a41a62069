package settings_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
)

// load reads settings from variables given without their prefix.
func load(variables map[string]string) (settings.Settings, error) {
	return settings.Load(func(name string) string {
		return variables[strings.TrimPrefix(name, "COUPONS_GATEWAY_")]
	})
}

func TestDefaults(t *testing.T) {
	got, err := load(map[string]string{"LISTEN_ADDRESS": ""})
	if err != nil {
		t.Fatal(err)
	}
	if got.ListenAddress != "127.0.0.1:8080" || got.UpstreamAddress != "127.0.0.1:50051" || got.UpstreamConnections != 4 ||
		got.TLS != nil || got.UpstreamTLS != nil || got.CORSOrigins != nil || got.RequestTimeout != 30*time.Second ||
		got.Drain != 20*time.Second || got.LogLevel != slog.LevelInfo || got.AccessLog != settings.AccessLogErrors {
		t.Errorf("got %+v", got)
	}
}

func TestEverythingCanBeSet(t *testing.T) {
	certificate, key := testsupport.CertificateFiles(t)
	got, err := load(map[string]string{
		"LISTEN_ADDRESS": ":0", "UPSTREAM_ADDRESS": "[::1]:1", "UPSTREAM_CONNECTIONS": "64",
		"UPSTREAM_CA_FILE": certificate, "UPSTREAM_CERTIFICATE_FILE": certificate, "UPSTREAM_PRIVATE_KEY_FILE": key,
		"TLS_CERTIFICATE_FILE": certificate, "TLS_PRIVATE_KEY_FILE": key, "TLS_CLIENT_CA_FILE": certificate,
		"CORS_ORIGINS": "https://a.example, http://localhost:3000", "REQUEST_TIMEOUT_SECONDS": "1", "DRAIN_SECONDS": "0",
		"LOG_LEVEL": "warning", "ACCESS_LOG": "all",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.UpstreamTLS.RootCAs == nil || len(got.UpstreamTLS.Certificates) != 1 || len(got.TLS.Certificates) != 1 ||
		got.TLS.ClientAuth != tls.RequireAndVerifyClientCert || got.LogLevel != slog.LevelWarn ||
		!slices.Equal(got.CORSOrigins, []string{"https://a.example", "http://localhost:3000"}) {
		t.Errorf("got %+v", got)
	}
}

func TestAllFaultsAreToldAtOnceWithVariableAndRule(t *testing.T) {
	certificate, key := testsupport.CertificateFiles(t)
	type fault struct{ name, value, told string }
	for _, faults := range [][]fault{
		{
			{"LISTEN_ADDRESS", "8080", `LISTEN_ADDRESS: must look like 127.0.0.1:8080, is "8080"`},
			{"UPSTREAM_ADDRESS", ":50051", `UPSTREAM_ADDRESS: must look like coupons.internal:50051, is ":50051"`},
			{"UPSTREAM_CONNECTIONS", "0", `UPSTREAM_CONNECTIONS: must be between 1 and 64, is "0"`},
			{"UPSTREAM_CA_FILE", "/nowhere", `UPSTREAM_CA_FILE: must name a readable file, is "/nowhere"`},
			{"UPSTREAM_PRIVATE_KEY_FILE", key, "must be set together with COUPONS_GATEWAY_UPSTREAM_PRIVATE_KEY_FILE"},
			{"TLS_CLIENT_CA_FILE", certificate, "TLS_CLIENT_CA_FILE: needs COUPONS_GATEWAY_TLS_CERTIFICATE_FILE"},
			{"CORS_ORIGINS", "https://a.example/", `CORS_ORIGINS: must be origins such as https://app.example.com, or *, has "https://a.example/"`},
			{"REQUEST_TIMEOUT_SECONDS", "1s", `REQUEST_TIMEOUT_SECONDS: must be between 1 and 600, is "1s"`},
			{"DRAIN_SECONDS", "-1", `DRAIN_SECONDS: must be between 0 and 3600, is "-1"`},
			{"LOG_LEVEL", "loud", `LOG_LEVEL: must be one of debug, info, warning, error, is "loud"`},
			{"ACCESS_LOG", "some", `ACCESS_LOG: must be one of none, errors, all, is "some"`},
		},
		{
			{"LISTEN_ADDRESS", "127.0.0.1:http", "LISTEN_ADDRESS: must look like"},
			{"UPSTREAM_ADDRESS", "dns:///coupons:50051", "UPSTREAM_ADDRESS: must look like"},
			{"UPSTREAM_CERTIFICATE_FILE", certificate, "UPSTREAM_CERTIFICATE_FILE: needs COUPONS_GATEWAY_UPSTREAM_CA_FILE"},
			{"UPSTREAM_PRIVATE_KEY_FILE", key, ""},
			{"TLS_CERTIFICATE_FILE", key, "TLS_CERTIFICATE_FILE: must be a certificate in PEM"},
			{"TLS_PRIVATE_KEY_FILE", key, ""},
			{"CORS_ORIGINS", "https://*.example", `has "https://*.example"`},
		},
		{
			{"TLS_CLIENT_CA_FILE", key, "TLS_CLIENT_CA_FILE: must be certificates in PEM"},
		},
	} {
		variables := map[string]string{}
		for _, each := range faults {
			variables[each.name] = each.value
		}
		_, err := load(variables)
		if err == nil {
			t.Fatalf("%v is accepted", variables)
		}
		for _, each := range faults {
			if !strings.Contains(err.Error(), each.told) {
				t.Errorf("%q is not in\n%s", each.told, err)
			}
		}
	}
}

func TestAnErrorHoldsNoPrivateKey(t *testing.T) {
	certificate, key := testsupport.CertificateFiles(t)
	text, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.pem")
	if err := os.WriteFile(broken, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = load(map[string]string{"TLS_CERTIFICATE_FILE": certificate, "TLS_PRIVATE_KEY_FILE": broken})
	if err == nil || strings.Contains(err.Error(), strings.Split(string(text), "\n")[1]) {
		t.Errorf("got %v", err)
	}
}

func TestTheReadmeTellsWhatTheProgramTells(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	settings.Describe(&told)
	// Name, default if there is one, meaning.
	described := regexp.MustCompile(`(?m)^  (COUPONS_GATEWAY_\w+)(?: \((.+)\))?\n      (.+)$`).FindAllStringSubmatch(told.String(), -1)
	if len(described) < 10 {
		t.Fatalf("understood %d settings of\n%s", len(described), told.String())
	}
	for _, each := range described {
		initial := each[2]
		if initial != "" {
			initial = "`" + initial + "`"
		}
		row := "| `" + each[1] + "` | " + initial + " | " + each[3] + " |"
		if !strings.Contains(string(readme), strings.ReplaceAll(row, "|  |", "| |")+"\n") {
			t.Errorf("the README lacks\n%s", row)
		}
	}
}
