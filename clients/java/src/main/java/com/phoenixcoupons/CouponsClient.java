package com.phoenixcoupons;

import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.TlsChannelCredentials;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The service from blocking code. Safe to share between threads, and meant to be: it keeps one
 * connection for all its calls.
 *
 * <p>Failed calls throw {@link CouponsException}. Calls that fail with UNAVAILABLE are attempted up
 * to 4 times within their timeout; to that end, a mutation without a {@code request_id} is given
 * one.
 *
 * <p>Calls with a stream on either side have no timeout unless {@code withTimeout} sets one. A
 * stream of answers to one request is attempted again only until its first answer, a stream of
 * requests never. The latter can't be signed: the service refuses {@link Hmac} for it.
 */
public final class CouponsClient implements AutoCloseable {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /** As much as servers of earlier releases send; those of today keep to gRPC's 4 MiB. */
    private static final int MAX_ANSWER_BYTES = 64 * 1024 * 1024;

    /** The version in pom.xml. */
    static final String VERSION = "0.1.0";

    private final ManagedChannel connection;
    private final ScheduledThreadPoolExecutor scheduler;
    private final PreparingInterceptor interceptor;
    private final Channel channel;
    private final Calls calls;

    private CouponsClient(Builder builder) {
        connection = connection(builder);
        scheduler = scheduler();
        interceptor =
                new PreparingInterceptor(
                        builder.address,
                        builder.credential,
                        builder.timeout,
                        builder.retries,
                        scheduler);
        channel = ClientInterceptors.intercept(connection, interceptor);
        calls = new Calls(channel);
        new Reconnector(connection, scheduler, builder.reconnectBackoff).watch();
    }

    private static ManagedChannel connection(Builder builder) {
        ManagedChannelBuilder<?> connection =
                Grpc.newChannelBuilder(builder.address, builder.tls)
                        .userAgent("phoenix-coupons-java/" + VERSION)
                        // One from DNS could have retries, which know nothing of RetryInfo.
                        .disableServiceConfigLookUp()
                        .maxInboundMessageSize(MAX_ANSWER_BYTES)
                        // Notices a dead connection before the system does.
                        .keepAliveTime(builder.keepAlive.toMillis(), TimeUnit.MILLISECONDS)
                        .keepAliveTimeout(
                                builder.keepAliveTimeout.toMillis(), TimeUnit.MILLISECONDS);
        if (!builder.systemProxy) {
            connection.proxyDetector(address -> null);
        }
        return connection.build();
    }

    /** One thread for the time between attempts, which is there while there is something to do. */
    private static ScheduledThreadPoolExecutor scheduler() {
        ScheduledThreadPoolExecutor scheduler =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "coupons-client");
                            thread.setDaemon(true);
                            return thread;
                        });
        scheduler.setKeepAliveTime(10, TimeUnit.SECONDS);
        scheduler.allowCoreThreadTimeOut(true);
        scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return scheduler;
    }

    /**
     * Returns a client with a timeout of 5 seconds and no encryption, for a trusted network only.
     *
     * @param address {@code host:port}, or any gRPC target
     * @param credential {@link ApiKeyCredential} or {@link AdminToken} for {@code admin},
     *     {@code jobs} and {@code tenants}; {@link TenantToken} or {@link Hmac} for {@code query},
     *     {@code events} and {@code grants}; {@link BearerToken} for either
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

    /**
     * Closes the connection, once; calls under way fail, as later ones do, with CANCELLED. Waits at
     * most 5 seconds for that.
     */
    @Override
    public void close() {
        interceptor.close();
        connection.shutdownNow();
        scheduler.shutdown();
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
        private RetryPolicy retries = RetryPolicy.DEFAULT;
        private Duration reconnectBackoff = Duration.ofSeconds(5);
        private Duration keepAlive = Duration.ofSeconds(10);
        private Duration keepAliveTimeout = Duration.ofSeconds(5);
        private boolean systemProxy;

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

        /** How often, and how soon, calls are tried again. */
        public Builder retries(RetryPolicy policy) {
            this.retries = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * The longest pause between two attempts to connect, and the longest such attempt. Default:
         * 5 seconds.
         *
         * @throws IllegalArgumentException if it is not above 0
         */
        public Builder reconnectBackoff(Duration longest) {
            this.reconnectBackoff = Checks.positive("reconnectBackoff", longest);
            return this;
        }

        /**
         * Pings a connection on which nothing arrives for so long while calls are open, and takes
         * it for dead when the answer does not come within the timeout. Default: 10 seconds, which
         * is the least that gRPC and the service allow, and 5 seconds.
         *
         * @throws IllegalArgumentException if the silence is less than 10 seconds, or the timeout
         *     not above 0
         */
        public Builder keepAlive(Duration silence, Duration timeout) {
            if (silence.compareTo(Duration.ofSeconds(10)) < 0) {
                throw new IllegalArgumentException("keepAlive must be at least 10 seconds");
            }
            this.keepAlive = silence;
            this.keepAliveTimeout = Checks.positive("the timeout of keepAlive", timeout);
            return this;
        }

        /** Follows the proxy settings of the JVM ({@code https.proxyHost}). Default: no proxy. */
        public Builder systemProxy() {
            this.systemProxy = true;
            return this;
        }

        public CouponsClient build() {
            return new CouponsClient(this);
        }
    }
}
