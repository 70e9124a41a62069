package edge

import (
	"context"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	couponsv1 "github.com/phoenix-coupons/phoenix-coupons/clients/go/phoenix_coupons/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/accesslog"
	"github.com/phoenix-coupons/phoenix-coupons/gateway/internal/failure"
	transcoding "github.com/phoenix-coupons/phoenix-coupons/gateway/internal/transcoding/phoenix_coupons/v1"
)

// Of an update whose resource must not have changed (RFC 9110, section 13.1.1).
const ifMatch = "If-Match"

// transcoder turns requests of the contract into calls, and their answers into JSON.
func transcoder(upstream grpc.ClientConnInterface) (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
			MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true},
		}),
		// A segment of the path is decoded once and as a whole, as the service does it.
		runtime.WithUnescapingMode(runtime.UnescapingModeAllCharacters),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithIncomingHeaderMatcher(toMetadata),
		runtime.WithOutgoingHeaderMatcher(entityTag),
		runtime.WithOutgoingTrailerMatcher(nothing),
		runtime.WithWriteContentLength(),
		runtime.WithMiddlewares(noteRoute),
		runtime.WithErrorHandler(writeError),
	)
	ctx := context.Background()
	if err := transcoding.RegisterCouponAdminHandlerClient(ctx, mux, couponsv1.NewCouponAdminClient(upstream)); err != nil {
		return nil, err
	}
	if err := transcoding.RegisterCouponJobsHandlerClient(ctx, mux, couponsv1.NewCouponJobsClient(upstream)); err != nil {
		return nil, err
	}
	if err := transcoding.RegisterCouponQueryHandlerClient(ctx, mux, couponsv1.NewCouponQueryClient(upstream)); err != nil {
		return nil, err
	}
	if err := transcoding.RegisterEventIngestHandlerClient(ctx, mux, couponsv1.NewEventIngestClient(upstream)); err != nil {
		return nil, err
	}
	if err := transcoding.RegisterGrantDeliveryHandlerClient(ctx, mux, couponsv1.NewGrantDeliveryClient(upstream)); err != nil {
		return nil, err
	}
	if err := transcoding.RegisterTenantAdminHandlerClient(ctx, mux, couponsv1.NewTenantAdminClient(upstream)); err != nil {
		return nil, err
	}
	return mux, nil
}

// toMetadata passes on every header that is left. The library adds Authorization by itself.
func toMetadata(name string) (string, bool) {
	return strings.ToLower(name), name != "Authorization"
}

// entityTag passes on the one header that the service sets on responses.
func entityTag(name string) (string, bool) {
	return "ETag", name == "etag"
}

func nothing(string) (string, bool) {
	return "", false
}

func noteRoute(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, variables map[string]string) {
		if pattern, ok := runtime.HTTPPattern(r.Context()); ok {
			accesslog.Route(r.Context(), strings.ReplaceAll(pattern.String(), "=*}", "}"))
		}
		next(w, r, variables)
	}
}

func writeError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	told, asIs := failure.Of(err)
	if !asIs {
		accesslog.Cause(ctx, err)
	}
	if r.Header.Get(ifMatch) != "" && failure.ReasonOf(told) == couponsv1.ErrorReason_ETAG_MISMATCH.String() {
		failure.WriteAs(w, told, http.StatusPreconditionFailed)
		return
	}
	failure.Write(w, told)
}
