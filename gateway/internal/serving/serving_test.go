package serving_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/serving"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/settings"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
)

const redeem = "/v1/coupons/T/redeem/WELCOME"

// running is a gateway that runs, as its operator sees it.
type running struct {
	address string
	stop    context.CancelFunc
	ended   chan error
}

// run starts a gateway in front of service with variables given without their prefix.
func run(t *testing.T, service *testsupport.Service, variables map[string]string) running {
	t.Helper()
	service.Start(t, "127.0.0.1:0")
	loaded, err := settings.Load(func(name string) string {
		given := map[string]string{"LISTEN_ADDRESS": "127.0.0.1:0", "UPSTREAM_ADDRESS": service.Address}
		short := strings.TrimPrefix(name, "COUPONS_GATEWAY_")
		if value, ok := variables[short]; ok {
			return value
		}
		return given[short]
	})
	if err != nil {
		t.Fatal(err)
	}
	logged, log := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	started := running{stop: stop, ended: make(chan error, 1)}
	go func() { started.ended <- serving.Run(ctx, loaded, "test", slog.New(slog.NewJSONHandler(log, nil))) }()
	t.Cleanup(stop)

	lines := json.NewDecoder(logged)
	var first struct{ Address string }
	if err := lines.Decode(&first); err != nil {
		t.Fatal(err)
	}
	started.address = first.Address
	go func() { _, _ = io.Copy(io.Discard, logged) }()
	return started
}

func (r running) wantEnd(t *testing.T) {
	t.Helper()
	select {
	case err := <-r.ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it does not end")
	}
}

func TestRequestsInFlightFinishBeforeItStops(t *testing.T) {
	arrived, proceed := make(chan struct{}), make(chan struct{})
	service := &testsupport.Service{OnRedeem: func(context.Context, *couponsv1.RedeemCouponRequest) (*couponsv1.RedeemCouponResponse, error) {
		close(arrived)
		<-proceed
		return &couponsv1.RedeemCouponResponse{}, nil
	}}
	gateway := run(t, service, nil)
	answered := make(chan int, 1)
	go func() {
		response, err := http.Post("http://"+gateway.address+redeem, "", nil)
		if err != nil {
			answered <- 0
			return
		}
		response.Body.Close()
		answered <- response.StatusCode
	}()
	<-arrived
	gateway.stop()
	waitForRefusal(t, gateway.address)
	close(proceed)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("got %d", status)
	}
	gateway.wantEnd(t)
}

// waitForRefusal waits until connections are turned away; /ready has said so before.
func waitForRefusal(t *testing.T, address string) {
	t.Helper()
	noticed := false
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		response, err := http.Get("http://" + address + "/ready")
		if err != nil {
			if !noticed {
				t.Error("/ready did not say so first")
			}
			return
		}
		response.Body.Close()
		noticed = noticed || response.StatusCode == http.StatusServiceUnavailable
	}
	t.Error("it still takes connections")
}

func TestRequestsThatTakeTooLongAreCutOff(t *testing.T) {
	arrived := make(chan struct{})
	service := &testsupport.Service{OnRedeem: func(ctx context.Context, _ *couponsv1.RedeemCouponRequest) (*couponsv1.RedeemCouponResponse, error) {
		close(arrived)
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	gateway := run(t, service, map[string]string{"DRAIN_SECONDS": "0"})
	go func() {
		if response, err := http.Post("http://"+gateway.address+redeem, "", nil); err == nil {
			response.Body.Close()
		}
	}()
	<-arrived
	gateway.stop()
	gateway.wantEnd(t)
}

func TestTLSAndHTTP2(t *testing.T) {
	certificate, key := testsupport.CertificateFiles(t)
	gateway := run(t, &testsupport.Service{}, map[string]string{"TLS_CERTIFICATE_FILE": certificate, "TLS_PRIVATE_KEY_FILE": key})
	text, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig.RootCAs = roots
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Post("https://"+gateway.address+redeem, "", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
		t.Errorf("got %d over %s", response.StatusCode, response.Proto)
	}
}

func TestAnAddressThatIsTakenIsAnError(t *testing.T) {
	service := &testsupport.Service{}
	service.Start(t, "127.0.0.1:0")
	s := settings.Settings{ListenAddress: service.Address, UpstreamAddress: service.Address, UpstreamConnections: 1}
	err := serving.Run(context.Background(), s, "test", slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), service.Address) {
		t.Errorf("got %v", err)
	}
}

func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	gateway := run(t, &testsupport.Service{}, map[string]string{"MAX_CONNECTIONS": "1"})
	held, err := net.Dial("tcp", gateway.address)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		response, err := http.Get("http://" + gateway.address + "/health")
		if err == nil {
			err = response.Body.Close()
		}
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Errorf("a second connection was served: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	held.Close()
	if err := <-answered; err != nil {
		t.Error(err)
	}
}
