package coupons

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"github.com/phoenix-coupons/phoenix-coupons/clients/go/internal/signature"
)

const (
	defaultLifetime = 10 * time.Minute
	minLifetime     = 5 * time.Second
	minSecret       = 16
)

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
	if err := requireSecret("the API key", value); err != nil {
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

// WithLifetime sets how long each token is valid, at least 5 s. Default: 10 min.
func WithLifetime(lifetime time.Duration) TokenOption {
	return func(m *minter) { m.lifetime = lifetime }
}

// minter signs JWTs (RFC 7519) with HS256 and replaces each before it expires. Their times are
// whole seconds, and the service's clock is another one: less than a tenth of the lifetime, or
// than a second, is too little to send a token with.
type minter struct {
	claims   jwt.MapClaims
	key      secret
	lifetime time.Duration

	mutex  sync.Mutex
	token  secret
	expiry time.Time
}

func (m *minter) configure(keyName string, opts []TokenOption) error {
	for _, option := range opts {
		option(m)
	}
	if err := requireSecret(keyName, m.key()); err != nil {
		return err
	}
	if m.lifetime < minLifetime {
		return fmt.Errorf("coupons: the lifetime must be at least %v", minLifetime)
	}
	return nil
}

// Token returns a token that is valid for at least a tenth of the lifetime, and a second.
func (m *minter) Token() (string, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	// By the wall clock, as the service goes by: the monotonic one stops while a machine sleeps.
	now := time.Now().Round(0)
	left := m.expiry.Sub(now)
	// More than the lifetime is left when the clock was set back: the token is of the future.
	if left >= max(time.Second, m.lifetime/10) && left <= m.lifetime {
		return m.token(), nil
	}
	expiry := now.Add(m.lifetime).Truncate(time.Second)
	token, err := m.mint(now, expiry)
	if err != nil {
		return "", err
	}
	m.token = conceal(token)
	m.expiry = expiry
	return token, nil
}

// renew forgets the token that the service refused; a newer one may be there already.
func (m *minter) renew(refused map[string]string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.token != nil && maps.Equal(refused, bearer(m.token())) {
		m.expiry = time.Time{}
	}
}

func (m *minter) mint(now, expiry time.Time) (string, error) {
	if m.claims["user_id"] == "" {
		return "", errors.New("coupons: the user id must not be empty")
	}
	claims := maps.Clone(m.claims)
	claims["iat"] = now.Unix()
	claims["exp"] = expiry.Unix()
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
	if err := requireSecret("the tenant secret", tenantSecret); err != nil {
		return nil, err
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

func requireSecret(name, value string) error {
	if utf8.RuneCountInString(value) < minSecret {
		return fmt.Errorf("coupons: %s must have at least %d characters", name, minSecret)
	}
	return nil
}
