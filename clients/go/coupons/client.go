// Package coupons is the typed client of the Phoenix coupon service: the generated stubs
// of package couponsv1, with credentials, deadlines, retries and errors that carry the
// service's reason.
package coupons

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
)

// UNAVAILABLE is safe to retry whatever the call: mutations carry a request_id.
const serviceConfig = `{
	"methodConfig": [{
		"name": [{}],
		"retryPolicy": {
			"maxAttempts": 4,
			"initialBackoff": "0.1s",
			"maxBackoff": "2s",
			"backoffMultiplier": 2,
			"retryableStatusCodes": ["UNAVAILABLE"]
		}
	}]
}`

const (
	defaultTimeout = 5 * time.Second
	// As much as servers of earlier releases send; those of today keep to gRPC's default of 4 MiB.
	maxReceiveBytes = 64 << 20
	// As much as the service receives: gRPC keeps 256 KiB, and retries no larger request.
	maxRetryBytes = 4 << 20
)

// Client calls the service. It is safe for concurrent use.
//
// A call that fails returns an [*Error]; an error of another type says that the call
// could not be made at all, because the [Credential] failed or the request holds a string
// that is not UTF-8. Calls that fail with UNAVAILABLE are tried up to 4 times within their
// deadline; to that end, a mutation without a request_id is given one.
//
// A call with a stream on either side has no deadline but its context's, and is retried only
// until the service answers. It holds resources until it is read to its end or its context
// is done, so cancel the context of one that you leave early. [HMAC] signs one message, so
// the service refuses it for a stream of requests.
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
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	timeout   time.Duration
	transport credentials.TransportCredentials
	dial      []grpc.DialOption
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

// WithDialOptions adds options of gRPC itself, such as a stats handler for tracing. They
// win over the client's own.
func WithDialOptions(dial ...grpc.DialOption) Option {
	return func(o *options) { o.dial = append(o.dial, dial...) }
}

// New returns a client of the service at address, which is host:port or any gRPC target.
// It connects with the first call. Close it when it is no longer needed.
func New(address string, credential Credential, opts ...Option) (*Client, error) {
	o := options{timeout: defaultTimeout, transport: insecure.NewCredentials()}
	for _, option := range opts {
		option(&o)
	}
	if credential == nil {
		return nil, errors.New("coupons: a credential is needed")
	}
	if o.timeout <= 0 {
		return nil, errors.New("coupons: the timeout must be above 0")
	}
	connection, err := grpc.NewClient(address, dialOptions(o, credential)...)
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
	}, nil
}

// Close closes the connection; calls under way are cancelled.
func (c *Client) Close() error {
	return c.connection.Close()
}

func dialOptions(o options, credential Credential) []grpc.DialOption {
	own := []grpc.DialOption{
		grpc.WithTransportCredentials(o.transport),
		grpc.WithDefaultServiceConfig(serviceConfig),
		// One from DNS would replace the retries.
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxReceiveBytes),
			grpc.MaxRetryRPCBufferSize(maxRetryBytes),
		),
		// Notices a dead connection before the system does; servers allow no ping without
		// calls.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time:    30 * time.Second,
			Timeout: 10 * time.Second,
		}),
	}
	calls := &caller{credential: credential, timeout: o.timeout}
	// The last interceptors are the innermost ones, so that others see messages, not bytes.
	last := []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(calls.intercept),
		grpc.WithChainStreamInterceptor(calls.interceptStream),
	}
	return slices.Concat(own, o.dial, last)
}
