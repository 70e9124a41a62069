// Package settings reads the gateway's settings from environment variables.
package settings

import (
	"crypto/tls"
	"log/slog"
	"time"
)

// AccessLog tells which requests are logged.
type AccessLog string

const (
	AccessLogNone   AccessLog = "none"
	AccessLogErrors AccessLog = "errors"
	AccessLogAll    AccessLog = "all"
)

// Settings is everything that can be set.
type Settings struct {
	ListenAddress       string
	TLS                 *tls.Config // nil: plaintext
	UpstreamAddress     string
	UpstreamConnections int
	UpstreamTLS         *tls.Config // nil: plaintext
	MaxConnections      int
	CORSOrigins         []string
	RequestTimeout      time.Duration
	Drain               time.Duration
	LogLevel            slog.Level
	AccessLog           AccessLog
}

var logLevels = map[string]slog.Level{
	"debug":   slog.LevelDebug,
	"info":    slog.LevelInfo,
	"warning": slog.LevelWarn,
	"error":   slog.LevelError,
}

// Load reads the settings with getenv, which is os.Getenv outside tests. An empty variable counts
// as unset. The error has a line for each variable that is wrong: its name, and the rule.
func Load(getenv func(string) string) (Settings, error) {
	r := reader{getenv: getenv}
	loaded := Settings{
		ListenAddress:       r.address("LISTEN_ADDRESS", mayListen),
		TLS:                 r.serverTLS(),
		UpstreamAddress:     r.address("UPSTREAM_ADDRESS", mayDial),
		UpstreamConnections: r.number("UPSTREAM_CONNECTIONS", 1, 64),
		UpstreamTLS:         r.clientTLS(),
		MaxConnections:      r.number("MAX_CONNECTIONS", 1, 100_000),
		CORSOrigins:         r.origins("CORS_ORIGINS"),
		RequestTimeout:      r.seconds("REQUEST_TIMEOUT_SECONDS", 1, 600),
		Drain:               r.seconds("DRAIN_SECONDS", 0, 3600),
		LogLevel:            logLevels[r.choice("LOG_LEVEL", "debug", "info", "warning", "error")],
		AccessLog:           AccessLog(r.choice("ACCESS_LOG", "none", "errors", "all")),
	}
	return loaded, r.err()
}
