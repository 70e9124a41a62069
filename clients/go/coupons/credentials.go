package coupons

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/internal/signature"
)

const defaultLifetime = 10 * time.Minute

// A Credential proves to the service who is calling. A type of your own will do; it must
// be safe for concurrent use.
type Credential interface {
	// Headers returns the metadata that authenticates one call. The method is the full
	// gRPC path, /package.Service/Method; the body is the exact bytes of the request
	// message.
	Headers(ctx context.Context, method string, body []byte) (map[string]string, error)
}

// APIKey is an API key, sent as it is. For the back office: [Client].Admin and Tenants.
type APIKey struct{ value secret }

// NewAPIKey returns the credential, or an error for what can't be an API key.
func NewAPIKey(value string) (*APIKey, error) {
	if err := requireHeaderValue("the API key", value); err != nil {
		return nil, err
	}
	return &APIKey{conceal(value)}, nil
}

// Headers implements [Credential].
func (k *APIKey) Headers(context.Context, string, []byte) (map[string]string, error) {
	return map[string]string{"x-api-key": k.value()}, nil
}

// String leaves the key out.
func (k *APIKey) String() string { return "APIKey" }

// BearerToken is a ready-made JWT, such as one that a backend gave to a browser.
type BearerToken struct{ value secret }

// NewBearerToken returns the credential, or an error for what can't be a token.
func NewBearerToken(value string) (*BearerToken, error) {
	if err := requireHeaderValue("the token", value); err != nil {
		return nil, err
	}
	return &BearerToken{conceal(value)}, nil
}

// Headers implements [Credential].
func (t *BearerToken) Headers(context.Context, string, []byte) (map[string]string, error) {
	return bearer(t.value()), nil
}

// String leaves the token out.
func (t *BearerToken) String() string { return "BearerToken" }

// AdminToken is an admin JWT signed with an API key, which itself never travels. For the
// back office: [Client].Admin and Tenants.
type AdminToken struct{ minter }

// NewAdminToken returns a credential that signs tokens with the API key of that id.
func NewAdminToken(keyID, key string, opts ...TokenOption) (*AdminToken, error) {
	token := &AdminToken{minter{
		claims:   jwt.MapClaims{"sub_type": "admin", "sub_id": keyID},
		key:      conceal(key),
		lifetime: defaultLifetime,
	}}
	if err := token.configure("the API key", opts); err != nil {
		return nil, err
	}
	return token, nil
}

// String leaves the key and the token out.
func (t *AdminToken) String() string {
	return fmt.Sprintf("AdminToken(key id %q)", t.claims["sub_id"])
}

// TenantToken is a tenant JWT signed with the tenant secret. For [Client].Query and
// [Client].Events.
type TenantToken struct{ minter }

// NewTenantToken returns a credential that signs tokens with the tenant's secret. They
// reach every user of the tenant; see [TenantToken.ForUser].
func NewTenantToken(tenantID, tenantSecret string, opts ...TokenOption) (*TenantToken, error) {
	token := &TenantToken{minter{
		claims:   jwt.MapClaims{"sub_type": "tenant", "sub_id": tenantID},
		key:      conceal(tenantSecret),
		lifetime: defaultLifetime,
	}}
	if err := token.configure("the tenant secret", opts); err != nil {
		return nil, err
	}
	return token, nil
}

// ForUser returns a credential for one user's coupons alone. Its [TenantToken.Token] is
// what a backend hands to a browser. A token for an empty user id can't be made: Token and
// Headers return an error.
func (t *TenantToken) ForUser(userID string) *TenantToken {
	claims := maps.Clone(t.claims)
	claims["user_id"] = userID
	return &TenantToken{minter{claims: claims, key: t.key, lifetime: t.lifetime}}
}

// String leaves the secret and the token out.
func (t *TenantToken) String() string {
	if userID, confined := t.claims["user_id"]; confined {
		return fmt.Sprintf("TenantToken(tenant %q, user %q)", t.claims["sub_id"], userID)
	}
	return fmt.Sprintf("TenantToken(tenant %q)", t.claims["sub_id"])
}

// A TokenOption changes a default of [NewAdminToken] and [NewTenantToken].
type TokenOption func(*minter)

// WithLifetime sets how long each token is valid, at least 1 s. Default: 10 min.
func WithLifetime(lifetime time.Duration) TokenOption {
	return func(m *minter) { m.lifetime = lifetime }
}

// minter signs JWTs (RFC 7519) with HS256 and replaces each before it expires.
type minter struct {
	claims   jwt.MapClaims
	key      secret
	lifetime time.Duration

	mutex   sync.Mutex
	token   secret
	renewAt time.Time
}

func (m *minter) configure(keyName string, opts []TokenOption) error {
	for _, option := range opts {
		option(m)
	}
	if m.key() == "" {
		return fmt.Errorf("coupons: %s must not be empty", keyName)
	}
	if m.lifetime < time.Second {
		return errors.New("coupons: the lifetime must be at least 1 s")
	}
	return nil
}

// Token returns a token that is valid for at least a fifth of the lifetime.
func (m *minter) Token() (string, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	now := time.Now()
	if now.Before(m.renewAt) {
		return m.token(), nil
	}
	token, err := m.mint(now)
	if err != nil {
		return "", err
	}
	m.token = conceal(token)
	m.renewAt = now.Add(m.lifetime * 4 / 5)
	return token, nil
}

func (m *minter) mint(now time.Time) (string, error) {
	if m.claims["user_id"] == "" {
		return "", errors.New("coupons: the user id must not be empty")
	}
	claims := maps.Clone(m.claims)
	claims["iat"] = now.Unix()
	claims["exp"] = now.Add(m.lifetime).Unix()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(m.key()))
}

// Headers implements [Credential].
func (m *minter) Headers(context.Context, string, []byte) (map[string]string, error) {
	token, err := m.Token()
	if err != nil {
		return nil, err
	}
	return bearer(token), nil
}

// HMAC signs every request with the tenant secret, which itself never travels. For
// [Client].Query and [Client].Events. The service accepts a signature within 300 s of its
// own clock.
type HMAC struct {
	tenantID string
	secret   secret
}

// NewHMAC returns the credential, or an error for what can't be a tenant id or secret.
func NewHMAC(tenantID, tenantSecret string) (*HMAC, error) {
	if err := requireHeaderValue("the tenant id", tenantID); err != nil {
		return nil, err
	}
	if tenantSecret == "" {
		return nil, errors.New("coupons: the tenant secret must not be empty")
	}
	return &HMAC{tenantID, conceal(tenantSecret)}, nil
}

// Headers implements [Credential].
func (h *HMAC) Headers(_ context.Context, method string, body []byte) (map[string]string, error) {
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	return map[string]string{
		"x-tenant-id": h.tenantID,
		"x-timestamp": timestamp,
		"x-signature": signature.Of(h.secret(), "POST", method, timestamp, body),
	}, nil
}

// String leaves the secret out.
func (h *HMAC) String() string { return fmt.Sprintf("HMAC(tenant %q)", h.tenantID) }

// A secret is a closure because neither fmt nor a debug printer looks into one, however
// deep in a struct it is.
type secret func() string

func conceal(value string) secret {
	return func() string { return value }
}

func bearer(token string) map[string]string {
	return map[string]string{"authorization": "Bearer " + token}
}

func requireHeaderValue(name, value string) error {
	for _, character := range []byte(value) {
		if character < '!' || character > '~' {
			return fmt.Errorf("coupons: %s must be printable ASCII without spaces", name)
		}
	}
	if value == "" {
		return fmt.Errorf("coupons: %s must not be empty", name)
	}
	return nil
}
