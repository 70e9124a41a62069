// Package testsupport has what the tests of several packages share.
package testsupport

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"testing"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
)

// Service stands in for the coupon service, on a real socket. Set what it answers before it is
// called; without that it allows everything and answers with empty messages.
type Service struct {
	couponsv1.UnimplementedCouponAdminServer
	couponsv1.UnimplementedCouponQueryServer

	TLS     *tls.Config // nil: plaintext
	Address string
	Health  *health.Server

	OnCheck    func(*authv3.CheckRequest) (*authv3.CheckResponse, error)
	OnRedeem   func(context.Context, *couponsv1.RedeemCouponRequest) (*couponsv1.RedeemCouponResponse, error)
	OnValidate func(*couponsv1.ValidateCouponRequest) (*couponsv1.ValidateCouponResponse, error)
	OnUpdate   func(*couponsv1.UpdateRewardItemRequest) (*couponsv1.UpdateRewardItemResponse, error)

	server *grpc.Server
	mutex  sync.Mutex
	checks []*authv3.AttributeContext_HttpRequest
	calls  []metadata.MD
}

// Start serves on address, 127.0.0.1:0 for a free port, until the test ends.
func (s *Service) Start(t *testing.T, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	s.Health = health.NewServer()
	security := insecure.NewCredentials()
	if s.TLS != nil {
		security = credentials.NewTLS(s.TLS)
	}
	s.server = grpc.NewServer(grpc.Creds(security))
	authv3.RegisterAuthorizationServer(s.server, authorization{s})
	couponsv1.RegisterCouponAdminServer(s.server, s)
	couponsv1.RegisterCouponQueryServer(s.server, s)
	healthv1.RegisterHealthServer(s.server, s.Health)
	go func() { _ = s.server.Serve(listener) }()
	t.Cleanup(s.Stop)
}

// Stop ends the service, and whatever it is doing.
func (s *Service) Stop() {
	s.server.Stop()
}

// Checks are the HTTP requests that it was asked about.
func (s *Service) Checks() []*authv3.AttributeContext_HttpRequest {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.checks
}

// Calls are the metadata of the calls that reached it, those of Check aside.
func (s *Service) Calls() []metadata.MD {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.calls
}

func (s *Service) noteCall(ctx context.Context) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	md, _ := metadata.FromIncomingContext(ctx)
	s.calls = append(s.calls, md)
}

// authorization is apart because its methods would mix with those of the services.
type authorization struct{ service *Service }

func (a authorization) Check(_ context.Context, request *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	s := a.service
	s.mutex.Lock()
	s.checks = append(s.checks, request.GetAttributes().GetRequest().GetHttp())
	s.mutex.Unlock()
	if s.OnCheck != nil {
		return s.OnCheck(request)
	}
	return Allow(&authv3.OkHttpResponse{}), nil
}

// Allow is an answer that lets a request pass with some changes.
func Allow(changes *authv3.OkHttpResponse) *authv3.CheckResponse {
	return &authv3.CheckResponse{HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: changes}}
}

// RedeemCoupon implements couponsv1.CouponQueryServer.
func (s *Service) RedeemCoupon(ctx context.Context, request *couponsv1.RedeemCouponRequest) (*couponsv1.RedeemCouponResponse, error) {
	s.noteCall(ctx)
	if s.OnRedeem != nil {
		return s.OnRedeem(ctx, request)
	}
	return &couponsv1.RedeemCouponResponse{}, nil
}

// ValidateCoupon implements couponsv1.CouponQueryServer.
func (s *Service) ValidateCoupon(ctx context.Context, request *couponsv1.ValidateCouponRequest) (*couponsv1.ValidateCouponResponse, error) {
	s.noteCall(ctx)
	if s.OnValidate != nil {
		return s.OnValidate(request)
	}
	return &couponsv1.ValidateCouponResponse{}, nil
}

// UpdateRewardItem implements couponsv1.CouponAdminServer.
func (s *Service) UpdateRewardItem(ctx context.Context, request *couponsv1.UpdateRewardItemRequest) (*couponsv1.UpdateRewardItemResponse, error) {
	s.noteCall(ctx)
	if s.OnUpdate != nil {
		return s.OnUpdate(request)
	}
	return &couponsv1.UpdateRewardItemResponse{}, nil
}
