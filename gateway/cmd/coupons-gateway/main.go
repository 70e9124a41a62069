// Command coupons-gateway serves the coupon service over REST.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"google.golang.org/grpc/grpclog"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/serving"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
)

const version = "0.1.0"

const (
	exitFault = 1
	exitUsage = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("coupons-gateway", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	showVersion := flags.Bool("version", false, "")
	switch err := flags.Parse(arguments); {
	case errors.Is(err, flag.ErrHelp):
		help(stdout)
		return 0
	case err != nil:
		return exitUsage
	case *showVersion:
		fmt.Fprintln(stdout, version)
		return 0
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "coupons-gateway takes no arguments, has %q; --help tells what can be set\n", flags.Arg(0))
		return exitUsage
	}
	loaded, err := settings.Load(os.Getenv)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	return serve(loaded, stderr)
}

func serve(loaded settings.Settings, stderr io.Writer) int {
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: loaded.LogLevel}))
	// What the library would log in a format of its own, the gateway logs as a request's cause.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	if err := serving.Run(ctx, loaded, version, log); err != nil {
		log.Error("cannot serve", "error", err.Error())
		return exitFault
	}
	return 0
}

func help(w io.Writer) {
	fmt.Fprint(w, `The REST edge of the coupon service.

Usage: coupons-gateway [--help] [--version]

It is set up by environment variables; an empty one counts as unset.

`)
	settings.Describe(w)
}
