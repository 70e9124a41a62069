// Command chaos makes calls, one after another, whatever happens to their connection, and prints a
// line for each: the code of its error, or OK. tests/languages/test_chaos.py says what its
// argument means.
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

type given struct {
	Address   string     `json:"address"`
	Authority string     `json:"authority"`
	Calls     int        `json:"calls"`
	Pause     [2]float64 `json:"pause_ms"`
	Timeout   float64    `json:"timeout_ms"`
	// Keepalive is raised to the least that gRPC takes.
	Keepalive        float64 `json:"keepalive_ms"`
	KeepaliveTimeout float64 `json:"keepalive_timeout_ms"`
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
	client, err := given.client()
	if err != nil {
		return err
	}
	defer client.Close()
	lines := json.NewEncoder(os.Stdout)
	for range given.Calls {
		name, err := outcome(client)
		if err != nil {
			return err
		}
		if err := lines.Encode(map[string]string{"code": name}); err != nil {
			return err
		}
		time.Sleep(milliseconds(given.Pause[0] + rand.Float64()*(given.Pause[1]-given.Pause[0])))
	}
	return nil
}

func (g *given) client() (*coupons.Client, error) {
	key, err := coupons.NewAPIKey("pk_" + strings.Repeat("k", 43))
	if err != nil {
		return nil, err
	}
	options := []coupons.Option{
		coupons.WithTimeout(milliseconds(g.Timeout)),
		coupons.WithKeepalive(max(10*time.Second, milliseconds(g.Keepalive)), milliseconds(g.KeepaliveTimeout)),
	}
	if g.Authority != "" {
		text, err := os.ReadFile(g.Authority)
		if err != nil {
			return nil, err
		}
		trusted := x509.NewCertPool()
		trusted.AppendCertsFromPEM(text)
		options = append(options, coupons.WithTLS(&tls.Config{RootCAs: trusted}))
	}
	return coupons.New(g.Address, key, options...)
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
