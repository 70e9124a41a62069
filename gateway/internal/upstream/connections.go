// Package upstream connects to the coupon service.
package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// The service permits a ping every 10 seconds, also while no call is in flight.
var pings = keepalive.ClientParameters{
	Time:                30 * time.Second,
	Timeout:             10 * time.Second,
	PermitWithoutStream: true,
}

// A service that is back is found within a second or so.
var redialing = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// Connections makes each call on the next of several connections. The workers of a server share
// its port, where connections are spread over them, but not the calls of one connection.
type Connections struct {
	all  []*grpc.ClientConn
	next atomic.Uint32
}

var _ grpc.ClientConnInterface = (*Connections)(nil)

// Dial prepares count connections to each address that host:port resolves to; they are made when
// they are needed, and again when they break. transport is nil for plaintext.
func Dial(address string, count int, transport *tls.Config, userAgent string) (*Connections, error) {
	security := insecure.NewCredentials()
	if transport != nil {
		security = credentials.NewTLS(transport)
	}
	connections := &Connections{}
	for range count {
		connection, err := grpc.NewClient(
			"dns:///"+address,
			grpc.WithTransportCredentials(security),
			grpc.WithUserAgent(userAgent),
			grpc.WithKeepaliveParams(pings),
			grpc.WithConnectParams(redialing),
			grpc.WithDisableServiceConfig(),
			grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`),
		)
		if err != nil {
			return nil, errors.Join(err, connections.Close())
		}
		connections.all = append(connections.all, connection)
	}
	return connections, nil
}

// Invoke makes a unary call.
func (c *Connections) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return c.pick().Invoke(ctx, method, args, reply, opts...)
}

// NewStream begins a streaming call.
func (c *Connections) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.pick().NewStream(ctx, desc, method, opts...)
}

// Close ends all connections, and the calls on them.
func (c *Connections) Close() error {
	var faults []error
	for _, connection := range c.all {
		faults = append(faults, connection.Close())
	}
	return errors.Join(faults...)
}

// pick passes over broken connections, unless all are.
func (c *Connections) pick() *grpc.ClientConn {
	var picked *grpc.ClientConn
	for range c.all {
		picked = c.all[c.next.Add(1)%uint32(len(c.all))]
		if picked.GetState() != connectivity.TransientFailure {
			break
		}
	}
	return picked
}
