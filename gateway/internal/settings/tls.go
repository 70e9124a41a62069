package settings

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// serverTLS is what the gateway's clients meet; nil without a certificate.
func (r *reader) serverTLS() *tls.Config {
	certificates := r.keyPair("TLS_CERTIFICATE_FILE", "TLS_PRIVATE_KEY_FILE")
	clients := r.authorities("TLS_CLIENT_CA_FILE")
	if certificates == nil {
		if clients != nil {
			r.refuse("TLS_CLIENT_CA_FILE", "needs "+prefix+"TLS_CERTIFICATE_FILE")
		}
		return nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: certificates}
	if clients != nil {
		config.ClientCAs = clients
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config
}

// clientTLS is how the gateway meets the service; nil without authorities to believe.
func (r *reader) clientTLS() *tls.Config {
	certificates := r.keyPair("UPSTREAM_CERTIFICATE_FILE", "UPSTREAM_PRIVATE_KEY_FILE")
	roots := r.authorities("UPSTREAM_CA_FILE")
	if roots == nil {
		if certificates != nil {
			r.refuse("UPSTREAM_CERTIFICATE_FILE", "needs "+prefix+"UPSTREAM_CA_FILE")
		}
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, Certificates: certificates}
}

func (r *reader) keyPair(certificateName, keyName string) []tls.Certificate {
	certificateFile, keyFile := r.text(certificateName), r.text(keyName)
	if (certificateFile == "") != (keyFile == "") {
		r.refuse(certificateName, "must be set together with "+prefix+keyName+" or not at all")
		return nil
	}
	certificate, key := r.file(certificateName), r.file(keyName)
	if certificate == nil || key == nil {
		return nil
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		r.refuse(certificateName, "must be a certificate in PEM, with its own private key,"+
			" not encrypted, in "+prefix+keyName)
		return nil
	}
	return []tls.Certificate{pair}
}

func (r *reader) authorities(name string) *x509.CertPool {
	text := r.file(name)
	if text == nil {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		r.refuse(name, "must be certificates in PEM")
		return nil
	}
	return pool
}

// file reads the file that a variable names; nil when it is unset or cannot be read.
func (r *reader) file(name string) []byte {
	path := r.text(name)
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		r.refuse(name, fmt.Sprintf("must name a readable file, is %q", path))
		return nil
	}
	return text
}
