package coupons

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// A RetryPolicy says how often, and how soon, a call that failed with UNAVAILABLE is attempted
// again. The service's own word on when (RetryInfo, or grpc-retry-pushback-ms) comes before the
// backoff. No attempt is awaited that could not begin before the context's deadline.
type RetryPolicy struct {
	// Attempts counts the first one too; 1 for no retries.
	Attempts int
	// InitialBackoff is the pause before the second attempt; doubled before each further one.
	InitialBackoff time.Duration
	// MaxBackoff is an upper bound of the backoff.
	MaxBackoff time.Duration
}

// DefaultRetryPolicy is the one of a client that is given none.
var DefaultRetryPolicy = RetryPolicy{Attempts: 4, InitialBackoff: 100 * time.Millisecond, MaxBackoff: 2 * time.Second}

func (p RetryPolicy) validate() error {
	if p.Attempts < 1 {
		return errors.New("coupons: Attempts must be at least 1")
	}
	if p.InitialBackoff <= 0 || p.MaxBackoff < p.InitialBackoff {
		return errors.New("coupons: InitialBackoff must be above 0, and at most MaxBackoff")
	}
	return nil
}

// backoff returns how long to wait after so many failures, with a jitter of a fifth.
func (p RetryPolicy) backoff(failures int) time.Duration {
	pause := float64(p.InitialBackoff) * (0.8 + 0.4*rand.Float64())
	for ; failures > 1 && pause < float64(p.MaxBackoff); failures-- {
		pause *= 2
	}
	return min(time.Duration(pause), p.MaxBackoff)
}

// attempts decides whether a failed attempt of one call is followed by another.
type attempts struct {
	policy     RetryPolicy
	credential Credential
	closed     <-chan struct{}
	failures   int
	wasRenewed bool
}

// renewer is a credential that has another proof when the service refuses one.
type renewer interface {
	renew(refused map[string]string)
}

// next waits until the next attempt is due and returns nil, or returns why the call failed.
// A credential that was refused is renewed, once: the service did nothing yet.
func (a *attempts) next(ctx context.Context, failure *Error, trailer metadata.MD, proof map[string]string) error {
	a.failures++
	pause, again := a.pause(failure, trailer, proof)
	if deadline, limited := ctx.Deadline(); !again || limited && time.Until(deadline) <= pause {
		return failure
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-a.closed:
		return closedError(failure.RequestID)
	case <-ctx.Done():
		return newError(status.FromContextError(ctx.Err()).Err(), nil, failure.RequestID)
	}
}

func (a *attempts) pause(failure *Error, trailer metadata.MD, proof map[string]string) (time.Duration, bool) {
	switch {
	case failure.Code == codes.Unauthenticated && failure.Reason == ReasonCredentialInvalid:
		return 0, a.renew(proof)
	case failure.Code != codes.Unavailable || failure.closed || a.failures >= a.policy.Attempts:
		return 0, false
	}
	if words := trailer.Get("grpc-retry-pushback-ms"); len(words) > 0 {
		milliseconds, err := strconv.Atoi(words[0])
		return time.Duration(milliseconds) * time.Millisecond, err == nil && milliseconds >= 0
	}
	if failure.hasRetryDelay {
		return failure.RetryDelay, true
	}
	return a.policy.backoff(a.failures), true
}

func (a *attempts) renew(proof map[string]string) bool {
	credential, renewable := a.credential.(renewer)
	if !renewable || a.wasRenewed {
		return false
	}
	a.wasRenewed = true
	credential.renew(proof)
	return true
}
