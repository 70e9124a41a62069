package upstream_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/testsupport"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/upstream"
)

const count = 4

func dial(t *testing.T, address string, transport *tls.Config) healthv1.HealthClient {
	t.Helper()
	connections, err := upstream.Dial(address, count, transport, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connections.Close() })
	return healthv1.NewHealthClient(connections)
}

func TestAServiceThatIsBackIsFoundSoon(t *testing.T) {
	first := &testsupport.Service{}
	first.Start(t, "127.0.0.1:0")
	client := dial(t, first.Address, nil)
	request := &healthv1.HealthCheckRequest{}
	first.Stop()
	// Long enough for delays that double without a limit to grow.
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if _, err := client.Check(context.Background(), request); status.Code(err) != codes.Unavailable {
			t.Fatalf("got %v", err)
		}
	}

	second := &testsupport.Service{}
	second.Start(t, first.Address)
	time.Sleep(2 * time.Second)
	for range 2 * count {
		if _, err := client.Check(context.Background(), request); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheServiceMustHaveATrustedCertificate(t *testing.T) {
	certificateFile, keyFile := testsupport.CertificateFiles(t)
	pair, err := tls.LoadX509KeyPair(certificateFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(certificateFile)
	if err != nil {
		t.Fatal(err)
	}
	trusting := x509.NewCertPool()
	trusting.AppendCertsFromPEM(text)
	service := &testsupport.Service{TLS: &tls.Config{Certificates: []tls.Certificate{pair}}}
	service.Start(t, "127.0.0.1:0")
	for want, roots := range map[codes.Code]*x509.CertPool{codes.OK: trusting, codes.Unavailable: x509.NewCertPool()} {
		client := dial(t, service.Address, &tls.Config{RootCAs: roots})
		if _, err := client.Check(context.Background(), &healthv1.HealthCheckRequest{}); status.Code(err) != want {
			t.Errorf("want %s, got %v", want, err)
		}
	}
}
