package com.phoenixcoupons;

import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The service from blocking code. Safe to share between threads, and meant to be: it keeps one
 * connection for all its calls.
 *
 * <p>Failed calls throw {@link CouponsException}. Calls that fail with UNAVAILABLE are tried up
 * to 4 times within their timeout; to that end, a mutation without a {@code request_id} is given
 * one.
 *
 * <p>Calls with a stream on either side have no timeout unless {@code withTimeout} sets one, and
 * are tried again only until the service answers. A stream of requests can't be signed: the
 * service refuses {@link Hmac} for it.
 */
public final class CouponsClient implements AutoCloseable {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /** As much as servers of earlier releases send; those of today keep to gRPC's 4 MiB. */
    private static final int MAX_ANSWER_BYTES = 64 * 1024 * 1024;

    /** As much as the service receives: gRPC keeps 1 MiB, and retries no larger request. */
    private static final int MAX_RETRY_BYTES = 4 * 1024 * 1024;

    /** UNAVAILABLE is safe to retry whatever the call: mutations carry a request_id. */
    private static final Map<String, ?> RETRY_POLICY =
            Map.of(
                    "maxAttempts", 4.0,
                    "initialBackoff", "0.1s",
                    "maxBackoff", "2s",
                    "backoffMultiplier", 2.0,
                    "retryableStatusCodes", List.of("UNAVAILABLE"));

    private static final Map<String, ?> EVERY_METHOD =
            Map.of("name", List.of(Map.of()), "retryPolicy", RETRY_POLICY);

    private final ManagedChannel connection;
    private final Channel channel;
    private final Calls calls;

    private CouponsClient(Builder builder) {
        connection =
                Grpc.newChannelBuilder(builder.address, builder.tls)
                        .defaultServiceConfig(Map.of("methodConfig", List.of(EVERY_METHOD)))
                        .maxInboundMessageSize(MAX_ANSWER_BYTES)
                        .perRpcBufferLimit(MAX_RETRY_BYTES)
                        // Notices a dead connection before the system does; servers allow no
                        // ping without calls.
                        .keepAliveTime(30, TimeUnit.SECONDS)
                        .keepAliveTimeout(10, TimeUnit.SECONDS)
                        .build();
        channel =
                ClientInterceptors.intercept(
                        connection, new PreparingInterceptor(builder.credential, builder.timeout));
        calls = new Calls(channel);
    }

    /**
     * Returns a client with a timeout of 5 seconds and no encryption, for a trusted network only.
     *
     * @param address {@code host:port}, or any gRPC target
     * @param credential {@link ApiKey} or {@link AdminToken} for {@code admin}, {@code jobs} and
     *     {@code tenants}; {@link TenantToken} or {@link Hmac} for {@code query}, {@code events}
     *     and {@code grants}; {@link BearerToken} for either
     */
    public static CouponsClient create(String address, Credential credential) {
        return builder(address, credential).build();
    }

    /** Returns a builder, for a client that differs from what {@link #create} makes. */
    public static Builder builder(String address, Credential credential) {
        return new Builder(address, credential);
    }

    /** A user's coupons, validate, redeem. */
    public CouponQueryClient query() {
        return new CouponQueryClient(calls);
    }

    /** Reward items, definitions, generation, issued coupons, ledger. */
    public CouponAdminClient admin() {
        return new CouponAdminClient(calls);
    }

    /** What users have reached, by which they earn coupons. */
    public EventIngestClient events() {
        return new EventIngestClient(calls);
    }

    /** Long generations and revocations, imports and exports. */
    public CouponJobsClient jobs() {
        return new CouponJobsClient(calls);
    }

    /** The stream of a tenant's events. */
    public GrantDeliveryClient grants() {
        return new GrantDeliveryClient(calls);
    }

    /** API keys, tenant secrets, webhook endpoints. */
    public TenantAdminClient tenants() {
        return new TenantAdminClient(calls);
    }

    /**
     * The connection for gRPC's own stubs, such as {@code CouponQueryGrpc.newFutureStub(…)}. Their
     * calls get all that calls of this client get, but fail with {@code StatusRuntimeException};
     * {@link CouponsException#from} translates it.
     */
    public Channel channel() {
        return channel;
    }

    /** Closes the connection; calls under way are cancelled. Waits at most 5 seconds for that. */
    @Override
    public void close() {
        connection.shutdownNow();
        try {
            connection.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a client can be told. */
    public static final class Builder {
        private final String address;
        private final Credential credential;
        private Duration timeout = DEFAULT_TIMEOUT;
        private ChannelCredentials tls = InsecureChannelCredentials.create();

        private Builder(String address, Credential credential) {
            this.address = Objects.requireNonNull(address, "address");
            this.credential = Objects.requireNonNull(credential, "credential");
        }

        /**
         * What a call with one request and one answer may take with all its retries, unless the
         * call says otherwise ({@code withTimeout}). Default: 5 seconds.
         *
         * @throws IllegalArgumentException if it is not above 0
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Checks.timeout(timeout);
            return this;
        }

        /**
         * Encryption, such as {@link TlsChannelCredentials#create}. Default: none, for a trusted
         * network only.
         */
        public Builder tls(ChannelCredentials credentials) {
            this.tls = Objects.requireNonNull(credentials, "credentials");
            return this;
        }

        public CouponsClient build() {
            return new CouponsClient(this);
        }
    }
}
