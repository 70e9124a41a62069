// Command chaos makes calls, whatever happens to their connections, and prints a line for each: its
// target, and the code of its error, or OK. tests/languages/test_chaos.py says what its argument
// means.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/coupons"
	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
)

type target struct {
	Address   string `json:"address"`
	Authority string `json:"authority"`
	Calls     int    `json:"calls"`
}

type given struct {
	Targets []target   `json:"targets"`
	Pause   [2]float64 `json:"pause_ms"`
	Timeout float64    `json:"timeout_ms"`
	// Keepalive is raised to the least that gRPC takes.
	Keepalive        float64 `json:"keepalive_ms"`
	KeepaliveTimeout float64 `json:"keepalive_timeout_ms"`
}

type line struct {
	Target int    `json:"target"`
	Code   string `json:"code"`
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(text string) error {
	var given given
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		return err
	}
	lines := make(chan line)
	ended := make(chan error)
	for number := range given.Targets {
		go func() { ended <- given.call(number, lines) }()
	}
	encoder := json.NewEncoder(os.Stdout)
	for left := len(given.Targets); left > 0; {
		select {
		case line := <-lines:
			if err := encoder.Encode(line); err != nil {
				return err
			}
		case err := <-ended:
			if err != nil {
				return err
			}
			left--
		}
	}
	return nil
}

// call makes the calls of one target, one after another.
func (g *given) call(number int, lines chan<- line) error {
	target := g.Targets[number]
	client, err := g.client(target)
	if err != nil {
		return err
	}
	defer client.Close()
	for range target.Calls {
		name, err := outcome(client)
		if err != nil {
			return err
		}
		lines <- line{number, name}
		time.Sleep(milliseconds(g.Pause[0] + rand.Float64()*(g.Pause[1]-g.Pause[0])))
	}
	return nil
}

func (g *given) client(target target) (*coupons.Client, error) {
	key, err := coupons.NewAPIKey("pk_" + strings.Repeat("k", 43))
	if err != nil {
		return nil, err
	}
	options := []coupons.Option{
		coupons.WithTimeout(milliseconds(g.Timeout)),
		coupons.WithKeepalive(max(10*time.Second, milliseconds(g.Keepalive)), milliseconds(g.KeepaliveTimeout)),
	}
	if target.Authority != "" {
		text, err := os.ReadFile(target.Authority)
		if err != nil {
			return nil, err
		}
		trusted := x509.NewCertPool()
		trusted.AppendCertsFromPEM(text)
		options = append(options, coupons.WithTLS(&tls.Config{RootCAs: trusted}))
	}
	return coupons.New(target.Address, key, options...)
}

func outcome(client *coupons.Client) (string, error) {
	answer, err := client.Query.ValidateCoupon(context.Background(), &couponsv1.ValidateCouponRequest{Code: "X"})
	if failure, ok := errors.AsType[*coupons.Error](err); ok {
		return code.Code(failure.Code).String(), nil
	}
	if err == nil && !answer.GetValid() {
		err = errors.New("another answer")
	}
	return "OK", err
}

func milliseconds(count float64) time.Duration {
	return time.Duration(count * float64(time.Millisecond))
}
