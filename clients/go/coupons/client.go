// Package coupons is the typed client of the Phoenix coupon service: the generated stubs
// of package couponsv1, with credentials, deadlines, retries and errors that carry the
// service's reason.
package coupons

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
)

// version is that of the module.
const version = "0.1.0"

const (
	defaultTimeout          = 5 * time.Second
	defaultReconnectBackoff = 5 * time.Second
	defaultKeepalive        = 10 * time.Second
	defaultKeepaliveTimeout = 5 * time.Second
	// gRPC adds up to a fifth to each pause.
	reconnectJitter = 0.2
	// As much as servers of earlier releases send; those of today keep to gRPC's default of 4 MiB.
	maxReceiveBytes = 64 << 20
)

// Client calls the service. It is safe for concurrent use.
//
// A call that fails returns an [*Error]; an error of another type says that the call
// could not be made at all, because the [Credential] failed or the request holds a string
// that is not UTF-8. Calls that fail with UNAVAILABLE are attempted up to 4 times within their
// deadline; to that end, a mutation without a request_id is given one.
//
// A call with a stream on either side has no deadline but its context's. A stream of answers to
// one request is attempted again only until the first answer, a stream of requests never. It
// holds resources until it is read to its end or its context is done, so cancel the context of
// one that you leave early. [HMAC] signs one message, so the service refuses it for a stream of
// requests.
type Client struct {
	// Admin is CouponAdmin: reward items, definitions, generation, issued coupons and the
	// ledger. Takes an [APIKey] or [AdminToken].
	Admin couponsv1.CouponAdminClient
	// Jobs is CouponJobs: long generations and revocations, imports and exports. Takes an
	// [APIKey] or [AdminToken]; where the request is a stream, an [AdminToken].
	Jobs couponsv1.CouponJobsClient
	// Query is CouponQuery: a user's coupons, validate, redeem, history. Takes a
	// [TenantToken] or [HMAC].
	Query couponsv1.CouponQueryClient
	// Events is EventIngest: what users have reached, by which they earn coupons. Takes a
	// [TenantToken] or [HMAC].
	Events couponsv1.EventIngestClient
	// Grants is GrantDelivery: the stream of a tenant's events. Takes a [TenantToken], and
	// but for the stream an [HMAC].
	Grants couponsv1.GrantDeliveryClient
	// Tenants is TenantAdmin: API keys, tenant secrets and webhook endpoints. Takes an
	// [APIKey] or [AdminToken].
	Tenants couponsv1.TenantAdminClient

	connection *grpc.ClientConn
	close      func() error
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	timeout          time.Duration
	transport        credentials.TransportCredentials
	retries          RetryPolicy
	reconnectBackoff time.Duration
	keepalive        time.Duration
	keepaliveTimeout time.Duration
	environmentProxy bool
	dial             []grpc.DialOption
}

func (o *options) validate() error {
	if o.timeout <= 0 {
		return errors.New("coupons: the timeout must be above 0")
	}
	if o.reconnectBackoff <= 0 {
		return errors.New("coupons: the reconnect backoff must be above 0")
	}
	if o.keepalive < 10*time.Second || o.keepaliveTimeout <= 0 {
		return errors.New("coupons: keepalive must be at least 10 s, its timeout above 0")
	}
	return o.retries.validate()
}

// WithTimeout limits each call with one request and one answer, all its retries included,
// where the call's context has no deadline of its own. Default: 5 s.
func WithTimeout(timeout time.Duration) Option {
	return func(o *options) { o.timeout = timeout }
}

// WithTLS encrypts the connection. A nil config trusts the system's roots; for mutual TLS
// it holds your certificate. Default: no encryption, for a trusted network only.
func WithTLS(config *tls.Config) Option {
	return func(o *options) { o.transport = credentials.NewTLS(config) }
}

// WithRetries replaces the [DefaultRetryPolicy].
func WithRetries(policy RetryPolicy) Option {
	return func(o *options) { o.retries = policy }
}

// WithReconnectBackoff sets the longest pause between two attempts to connect, and the longest
// such attempt. Default: 5 s.
func WithReconnectBackoff(longest time.Duration) Option {
	return func(o *options) { o.reconnectBackoff = longest }
}

// WithKeepalive pings a connection on which nothing arrives for so long while calls are open,
// and takes it for dead when the answer does not come within the timeout. Default: 10 s, which
// is the least that gRPC and the service allow, and 5 s.
func WithKeepalive(silence, timeout time.Duration) Option {
	return func(o *options) { o.keepalive, o.keepaliveTimeout = silence, timeout }
}

// WithProxyFromEnvironment follows the variables HTTPS_PROXY and NO_PROXY, as package net/http
// does. Default: no proxy.
func WithProxyFromEnvironment() Option {
	return func(o *options) { o.environmentProxy = true }
}

// WithDialOptions adds options of gRPC itself, such as a stats handler for tracing. They
// win over the client's own.
func WithDialOptions(dial ...grpc.DialOption) Option {
	return func(o *options) { o.dial = append(o.dial, dial...) }
}

// New returns a client of the service at address, which is host:port or any gRPC target.
// It connects with the first call. Close it when it is no longer needed.
func New(address string, credential Credential, opts ...Option) (*Client, error) {
	o := options{
		timeout:          defaultTimeout,
		transport:        insecure.NewCredentials(),
		retries:          DefaultRetryPolicy,
		reconnectBackoff: defaultReconnectBackoff,
		keepalive:        defaultKeepalive,
		keepaliveTimeout: defaultKeepaliveTimeout,
	}
	for _, option := range opts {
		option(&o)
	}
	if credential == nil {
		return nil, errors.New("coupons: a credential is needed")
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	calls := &caller{
		credential: credential, timeout: o.timeout, retries: o.retries, closed: make(chan struct{}),
	}
	connection, err := grpc.NewClient(address, dialOptions(o, calls)...)
	if err != nil {
		return nil, fmt.Errorf("coupons: %w", err)
	}
	return &Client{
		Admin:      couponsv1.NewCouponAdminClient(connection),
		Jobs:       couponsv1.NewCouponJobsClient(connection),
		Query:      couponsv1.NewCouponQueryClient(connection),
		Events:     couponsv1.NewEventIngestClient(connection),
		Grants:     couponsv1.NewGrantDeliveryClient(connection),
		Tenants:    couponsv1.NewTenantAdminClient(connection),
		connection: connection,
		close: sync.OnceValue(func() error {
			close(calls.closed)
			return connection.Close()
		}),
	}, nil
}

// Close closes the connection, once; calls under way fail, as later ones do, with CANCELLED.
func (c *Client) Close() error {
	return c.close()
}

func dialOptions(o options, calls *caller) []grpc.DialOption {
	reconnect := backoff.DefaultConfig
	reconnect.MaxDelay = time.Duration(float64(o.reconnectBackoff) / (1 + reconnectJitter))
	reconnect.Jitter = reconnectJitter
	// A service that is back within the retries of a call is found by them.
	reconnect.BaseDelay = min(100*time.Millisecond, reconnect.MaxDelay)
	own := []grpc.DialOption{
		grpc.WithTransportCredentials(o.transport),
		grpc.WithUserAgent("phoenix-coupons-go/" + version),
		// The client's own attempts know of RetryInfo; one policy from DNS would add to them.
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReceiveBytes)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: reconnect, MinConnectTimeout: o.reconnectBackoff,
		}),
		// Notices a dead connection before the system does.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: o.keepalive, Timeout: o.keepaliveTimeout,
		}),
	}
	if !o.environmentProxy {
		own = append(own, grpc.WithNoProxy())
	}
	// The last interceptors are the innermost ones, so that others see messages, not bytes.
	last := []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(calls.intercept),
		grpc.WithChainStreamInterceptor(calls.interceptStream),
	}
	return slices.Concat(own, o.dial, last)
}
