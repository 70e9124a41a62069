package testsupport

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// CertificateFiles writes a self-signed certificate for 127.0.0.1 and its key, in PEM.
func CertificateFiles(t *testing.T) (certificateFile, keyFile string) {
	t.Helper()
	// net/http/httptest carries a pair.
	server := httptest.NewTLSServer(nil)
	server.Close()
	pair := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	return writePEM(t, filepath.Join(folder, "certificate.pem"), "CERTIFICATE", pair.Certificate[0]),
		writePEM(t, filepath.Join(folder, "key.pem"), "PRIVATE KEY", key)
}

func writePEM(t *testing.T, path, kind string, der []byte) string {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
