// Package signature makes the HMAC signatures by which the service knows a tenant.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Of returns the value of the header x-signature: HMAC-SHA256 (RFC 2104) with the
// tenant secret over METHOD\nPATH\nTIMESTAMP\nBODY. Over gRPC these are POST, the full
// method path, decimal unix seconds, and the request message's bytes on the wire.
func Of(secret, method, path, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(method + "\n" + path + "\n" + timestamp + "\n"))
	mac.Write(body)
	return "hmac-sha256=" + hex.EncodeToString(mac.Sum(nil))
}
