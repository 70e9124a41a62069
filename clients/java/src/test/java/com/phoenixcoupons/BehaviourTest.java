package com.phoenixcoupons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.phoenixcoupons.RecordingService.Reply;
import com.phoenixcoupons.v1.ErrorReason;
import com.phoenixcoupons.v1.RedeemCouponRequest;
import com.phoenixcoupons.v1.RedeemCouponResponse;
import com.phoenixcoupons.v1.StartGenerationRequest;
import com.phoenixcoupons.v1.StartGenerationResponse;
import com.phoenixcoupons.v1.StreamEventsRequest;
import com.phoenixcoupons.v1.StreamEventsResponse;
import com.phoenixcoupons.v1.ValidateCouponRequest;
import com.phoenixcoupons.v1.WatchGrantsRequest;
import com.phoenixcoupons.v1.WatchGrantsResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every client does alike: attempts, its end, what cannot be sent, its surroundings. */
@Timeout(60)
class BehaviourTest {
    private static final ApiKeyCredential KEY = new ApiKeyCredential("pk_" + "k".repeat(43));
    private static final String SECRET = "ts_" + "s".repeat(43);
    private static final RedeemCouponRequest REDEEM =
            RedeemCouponRequest.newBuilder().setCode("X").build();
    private static final Reply NOTHING = Reply.of(RedeemCouponResponse.getDefaultInstance());
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    private RecordingService service;

    private CouponsClient.Builder serve(IntFunction<Reply> reply) throws IOException {
        service = new RecordingService(reply);
        return CouponsClient.builder(service.address(), KEY);
    }

    @AfterEach
    void stop() {
        if (service != null) {
            service.close();
        }
    }

    private static Reply refusal(int code, String reason, Duration retryDelay) {
        com.google.protobuf.Duration delay =
                com.google.protobuf.Duration.newBuilder()
                        .setSeconds(retryDelay.toSeconds())
                        .setNanos(retryDelay.getNano())
                        .build();
        com.google.rpc.Status status =
                com.google.rpc.Status.newBuilder()
                        .setCode(code)
                        .setMessage("No")
                        .addDetails(Any.pack(ErrorInfo.newBuilder().setReason(reason).build()))
                        .addDetails(
                                Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build()))
                        .build();
        Metadata trailers = StatusProto.toStatusException(status).getTrailers();
        trailers.put(
                Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), "req-1");
        return new Reply(Status.fromCodeValue(code).withDescription("No"), trailers, null);
    }

    private static Reply down(Duration retryDelay) {
        return refusal(14, "SERVICE_UNAVAILABLE", retryDelay);
    }

    private static Reply pushback(String word) {
        Reply reply = down(Duration.ofHours(1));
        reply.trailers().put(PUSHBACK, word);
        return reply;
    }

    static List<Reply> wordsOnWhen() {
        return List.of(down(Duration.ofMillis(600)), pushback("600"));
    }

    @ParameterizedTest
    @MethodSource("wordsOnWhen")
    void theServicesWordOnWhenIsKept(Reply word) throws IOException {
        Instant started = Instant.now();
        try (CouponsClient client = serve(attempt -> attempt < 3 ? word : NOTHING).build()) {
            client.query().redeemCoupon(REDEEM);
        }
        assertEquals(3, service.received.size());
        // Without it there is a second at most between all attempts.
        assertTrue(Duration.between(started, Instant.now()).toMillis() >= 1200);
    }

    static List<Reply> words() {
        return List.of(pushback("-1"), pushback("never"), down(Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @MethodSource("words")
    void noAttemptIsMadeThatTheServiceForbidsOrTheDeadline(Reply word) throws IOException {
        try (CouponsClient client =
                serve(attempt -> word).timeout(Duration.ofSeconds(30)).build()) {
            CouponsException error =
                    assertThrows(
                            CouponsException.class, () -> client.query().redeemCoupon(REDEEM));
            assertEquals(Status.Code.UNAVAILABLE, error.getCode());
            assertEquals(ErrorReason.SERVICE_UNAVAILABLE, error.getReason());
        }
        assertEquals(1, service.received.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void thePolicyIsTheClients(int attempts) throws IOException {
        Duration soon = Duration.ofMillis(1);
        Reply unavailable = Reply.of(Status.UNAVAILABLE);
        try (CouponsClient client =
                serve(attempt -> unavailable)
                        .retries(new RetryPolicy(attempts, soon, soon))
                        .build()) {
            assertThrows(CouponsException.class, () -> client.query().redeemCoupon(REDEEM));
        }
        assertEquals(attempts, service.received.size());
    }

    @Test
    void theBackoffDoublesUpToItsMaximum() {
        for (int failures : List.of(1, 2, 3, 5, 1000)) {
            double expected = Math.min(0.1 * Math.pow(2, failures - 1.0), 2);
            for (int sample = 0; sample < 100; sample++) {
                double backoff = RetryPolicy.DEFAULT.backoff(failures).toNanos() / 1e9;
                assertTrue(backoff >= 0.8 * expected && backoff <= Math.min(1.2 * expected, 2));
            }
        }
    }

    // --- Credentials that are refused ----------------------------------------------------------

    private static final Reply REFUSED = refusal(16, "CREDENTIAL_INVALID", Duration.ZERO);

    /** A clock by which each token is another one. */
    private static TenantToken ticking() {
        AtomicLong seconds = new AtomicLong(1_800_000_000);
        InstantSource clock = () -> Instant.ofEpochSecond(seconds.incrementAndGet());
        return new TenantToken("tenant", SECRET, null, Duration.ofSeconds(600), clock);
    }

    @Test
    void aTokenThatIsRefusedIsMintedAnewOnce() throws IOException {
        serve(attempt -> attempt == 1 || attempt > 2 ? REFUSED : NOTHING);
        try (CouponsClient client = CouponsClient.create(service.address(), ticking())) {
            client.query().redeemCoupon(REDEEM);
            assertEquals(2, service.received.size());
            assertNotEquals(
                    service.received.get(0).header("authorization"),
                    service.received.get(1).header("authorization"));
            assertThrows(CouponsException.class, () -> client.query().redeemCoupon(REDEEM));
            assertEquals(4, service.received.size());
        }
    }

    @Test
    void aCredentialThatCannotBeRenewedIsSentOnce() throws IOException {
        try (CouponsClient client = serve(attempt -> REFUSED).build()) {
            assertThrows(CouponsException.class, () -> client.query().redeemCoupon(REDEEM));
        }
        assertEquals(1, service.received.size());
    }

    // --- The end of a client -------------------------------------------------------------------

    private static final Map<String, Consumer<CouponsClient>> KINDS =
            Map.of(
                    "unary",
                    client -> client.query().validateCoupon(ValidateCouponRequest.getDefaultInstance()),
                    "server stream",
                    client -> {
                        try (ServerStream<WatchGrantsResponse> stream =
                                client.grants()
                                        .watchGrants(WatchGrantsRequest.getDefaultInstance())) {
                            stream.next();
                        }
                    },
                    "client stream",
                    client -> {
                        try (ClientStream<StartGenerationRequest, StartGenerationResponse> stream =
                                client.jobs().startGeneration()) {
                            stream.finish();
                        }
                    },
                    "both",
                    client -> {
                        try (BidiStream<StreamEventsRequest, StreamEventsResponse> stream =
                                client.events().streamEvents()) {
                            stream.next();
                        }
                    });

    static List<String> kinds() {
        return List.copyOf(KINDS.keySet());
    }

    private static void assertClosed(Executable call) {
        CouponsException error = assertThrows(CouponsException.class, call);
        assertEquals(Status.Code.CANCELLED, error.getCode());
        assertEquals("The client is closed", error.getMessage());
        assertEquals("", error.getReasonName());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aCallOfAClosedClientFails(String kind) {
        CouponsClient client = CouponsClient.create("127.0.0.1:1", KEY);
        client.close();
        client.close();
        assertClosed(() -> KINDS.get(kind).accept(client));
    }

    @Test
    void aStreamOfAClosedClientTakesNoMessage() {
        CouponsClient client = CouponsClient.create("127.0.0.1:1", KEY);
        client.close();
        try (BidiStream<StreamEventsRequest, StreamEventsResponse> stream =
                client.events().streamEvents()) {
            assertClosed(() -> stream.send(StreamEventsRequest.getDefaultInstance()));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void closingEndsCallsUnderWay(String kind) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (StreamingService held =
                new StreamingService(
                        call -> {
                            arrived.countDown();
                            call.left.await();
                        })) {
            CouponsClient client =
                    CouponsClient.builder(held.address(), KEY)
                            .timeout(Duration.ofHours(1))
                            .build();
            closeOnce(arrived, client);
            assertClosed(() -> KINDS.get(kind).accept(client));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unary", "server stream"})
    void closingEndsPauses(String kind) throws IOException {
        CountDownLatch arrived = new CountDownLatch(1);
        Reply later = down(Duration.ofHours(1));
        CouponsClient client =
                serve(
                                attempt -> {
                                    arrived.countDown();
                                    return later;
                                })
                        .timeout(Duration.ofHours(10))
                        .build();
        closeOnce(arrived, client);
        assertClosed(() -> KINDS.get(kind).accept(client));
    }

    private static void closeOnce(CountDownLatch arrived, CouponsClient client) {
        Thread closer =
                new Thread(
                        () -> {
                            try {
                                arrived.await();
                                Thread.sleep(100);
                            } catch (InterruptedException stopped) {
                                Thread.currentThread().interrupt();
                            }
                            client.close();
                        });
        closer.setDaemon(true);
        closer.start();
    }

    @Test
    void interruptingAPauseCancelsTheCall() throws IOException {
        Thread caller = Thread.currentThread();
        Reply later = down(Duration.ofHours(1));
        try (CouponsClient client =
                serve(
                                attempt -> {
                                    new Thread(
                                                    () -> {
                                                        sleep(100);
                                                        caller.interrupt();
                                                    })
                                            .start();
                                    return later;
                                })
                        .timeout(Duration.ofHours(10))
                        .build()) {
            CouponsException error =
                    assertThrows(
                            CouponsException.class, () -> client.query().redeemCoupon(REDEEM));
            assertEquals(Status.Code.CANCELLED, error.getCode());
            assertTrue(Thread.interrupted());
        }
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    // --- What cannot be sent, and errors -------------------------------------------------------

    @Test
    void aRequestAboveTheServicesLimitIsNotSent() throws IOException {
        try (CouponsClient client = serve(attempt -> NOTHING).build()) {
            RedeemCouponRequest request =
                    RedeemCouponRequest.newBuilder()
                            .setRequestId("once")
                            .setCode("x".repeat(4 << 20))
                            .build();
            CouponsException error =
                    assertThrows(
                            CouponsException.class, () -> client.query().redeemCoupon(request));
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, error.getCode());
            assertEquals(
                    "The request has 4194315 bytes; the service takes at most 4194304",
                    error.getMessage());
            assertEquals("once", error.getRequestId());
            try (BidiStream<StreamEventsRequest, StreamEventsResponse> stream =
                    client.events().streamEvents()) {
                stream.send(
                        StreamEventsRequest.newBuilder().setTenantId("x".repeat(4 << 20)).build());
                CouponsException refused = assertThrows(CouponsException.class, stream::next);
                assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getCode());
            }
            assertTrue(service.received.isEmpty());
        }
    }

    @Test
    void anErrorNamesTheCallAndTheRequest() throws IOException {
        Reply gone = refusal(5, "COUPON_NOT_FOUND", Duration.ZERO);
        try (CouponsClient client = serve(attempt -> gone).build()) {
            CouponsException error =
                    assertThrows(
                            CouponsException.class, () -> client.query().redeemCoupon(REDEEM));
            assertEquals("req-1", error.getCallId());
            String sent =
                    RedeemCouponRequest.parseFrom(service.received.get(0).body()).getRequestId();
            assertEquals(sent, error.getRequestId());
            assertEquals(36, sent.length());
        }
    }

    // --- Surroundings --------------------------------------------------------------------------

    @Test
    void theUserAgentNamesTheClient() throws IOException {
        try (CouponsClient client = serve(attempt -> NOTHING).build()) {
            client.query().redeemCoupon(REDEEM);
        }
        String agent = service.received.get(0).header("user-agent");
        assertTrue(agent.startsWith("phoenix-coupons-java/" + CouponsClient.VERSION), agent);
        assertEquals(System.getProperty("project.version"), CouponsClient.VERSION);
    }

    @Test
    void formsOfAnAddress() throws IOException {
        serve(attempt -> NOTHING).build().close();
        for (String form : List.of("%s", "dns:///%s")) {
            try (CouponsClient client =
                    CouponsClient.create(String.format(form, service.address()), KEY)) {
                client.query().redeemCoupon(REDEEM);
            }
        }
    }

    @Test
    void aFailedConnectionSaysWhereAndWhy() {
        try (CouponsClient client = CouponsClient.create("127.0.0.1:1", KEY)) {
            String message =
                    assertThrows(
                                    CouponsException.class,
                                    () -> client.query().redeemCoupon(REDEEM))
                            .getMessage();
            assertTrue(message.startsWith("The service at 127.0.0.1:1 cannot be reached: "), message);
            assertTrue(message.contains("Connection refused"), message);
        }
    }

    @Test
    void aConnectionThatClosesAsACallBeginsIsUnavailable() {
        // What gRPC makes of it now and then.
        Status closed =
                Status.UNKNOWN
                        .withDescription("channel closed")
                        .withCause(new ClosedChannelException());
        Status described = Failures.described(closed, "a:1");
        assertEquals(Status.Code.UNAVAILABLE, described.getCode());
        assertEquals(
                "The service at a:1 cannot be reached: channel closed", described.getDescription());
        Status ofTheService = Status.UNKNOWN.withDescription("channel closed");
        assertEquals(ofTheService, Failures.described(ofTheService, "a:1"));
    }

    @Test
    void aProxyOfTheSystemIsAnOption() throws IOException {
        try (ServerSocket proxy = new ServerSocket(0)) {
            CountDownLatch asked = new CountDownLatch(1);
            Thread accepting =
                    new Thread(
                            () -> {
                                try {
                                    proxy.accept().close();
                                    asked.countDown();
                                } catch (IOException closed) {
                                    // The test is over.
                                }
                            });
            accepting.start();
            System.setProperty("https.proxyHost", "127.0.0.1");
            System.setProperty("https.proxyPort", Integer.toString(proxy.getLocalPort()));
            Duration soon = Duration.ofMillis(300);
            try (CouponsClient direct =
                            CouponsClient.builder("192.0.2.1:1", KEY).timeout(soon).build();
                    CouponsClient asking =
                            CouponsClient.builder("192.0.2.1:1", KEY).systemProxy().build()) {
                assertThrows(CouponsException.class, () -> direct.query().redeemCoupon(REDEEM));
                assertEquals(1, asked.getCount());
                assertThrows(CouponsException.class, () -> asking.query().redeemCoupon(REDEEM));
                assertTrue(asked.await(1, TimeUnit.SECONDS));
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } finally {
                System.clearProperty("https.proxyHost");
                System.clearProperty("https.proxyPort");
            }
        }
    }

    @Test
    void aServiceThatIsBackIsFoundWithinTheBackoff() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (CouponsClient client =
                CouponsClient.builder("127.0.0.1:" + port, KEY)
                        .reconnectBackoff(Duration.ofMillis(500))
                        .build()) {
            Instant until = Instant.now().plusSeconds(5);
            while (Instant.now().isBefore(until)) {
                assertThrows(CouponsException.class, () -> client.query().redeemCoupon(REDEEM));
            }
            service = new RecordingService(port, attempt -> NOTHING);
            sleep(2000);
            // Its pauses would be of 3 s and more by now, which is longer than these attempts.
            client.query().redeemCoupon(REDEEM);
        }
    }

    @Test
    void optionsWithoutSenseAreRefused() {
        CouponsClient.Builder builder = CouponsClient.builder("127.0.0.1:1", KEY);
        Duration second = Duration.ofSeconds(1);
        for (Executable refused :
                List.<Executable>of(
                        () -> builder.timeout(Duration.ofSeconds(-1)),
                        () -> builder.reconnectBackoff(Duration.ZERO),
                        () -> builder.keepAlive(second, second),
                        () -> builder.keepAlive(Duration.ofSeconds(10), Duration.ZERO),
                        () -> new RetryPolicy(0, second, second),
                        () -> new RetryPolicy(1, Duration.ZERO, second),
                        () -> new RetryPolicy(1, second, Duration.ZERO))) {
            assertThrows(IllegalArgumentException.class, refused);
        }
    }
}
