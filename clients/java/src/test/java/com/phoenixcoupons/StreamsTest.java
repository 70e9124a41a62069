package com.phoenixcoupons;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.phoenixcoupons.v1.ErrorReason;
import com.phoenixcoupons.v1.RedeemCouponRequest;
import com.phoenixcoupons.v1.Redemption;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls with a stream on either side, against a real gRPC server. */
@Timeout(30)
class StreamsTest {
    private static final String TENANT = "0198c2f0-0000-7000-8000-000000000001";
    private static final String SECRET = "ts_" + "s".repeat(43);
    private static final String KEY = "pk_" + "k".repeat(43);
    private static final ApiKeyCredential API_KEY = new ApiKeyCredential(KEY);
    private static final String NAME = "phoenix_coupons.v1.CouponQuery/Stream";

    // What generated code has for methods of each kind, as no service of the contract has them.
    private static final MethodDescriptor<RedeemCouponRequest, Redemption> WATCH =
            method(MethodType.SERVER_STREAMING);
    private static final MethodDescriptor<RedeemCouponRequest, Redemption> GATHER =
            method(MethodType.CLIENT_STREAMING);
    private static final MethodDescriptor<RedeemCouponRequest, Redemption> MIRROR =
            method(MethodType.BIDI_STREAMING);

    private StreamingService service;
    private CouponsClient client;
    private Calls calls;

    private static MethodDescriptor<RedeemCouponRequest, Redemption> method(MethodType type) {
        return MethodDescriptor.<RedeemCouponRequest, Redemption>newBuilder()
                .setType(type)
                .setFullMethodName(NAME)
                .setRequestMarshaller(
                        ProtoUtils.marshaller(RedeemCouponRequest.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(Redemption.getDefaultInstance()))
                .build();
    }

    private void serve(Credential credential, StreamingService.Handler handler)
            throws IOException {
        service = new StreamingService(handler);
        client =
                CouponsClient.builder(service.address(), credential)
                        .timeout(Duration.ofMillis(1))
                        .build();
        calls = new Calls(client.channel());
    }

    @AfterEach
    void stop() {
        if (service != null) {
            client.close();
            service.close();
        }
    }

    @Test
    void aStreamOfAnswersIsSignedAndNamed() throws Exception {
        serve(
                new Hmac(TENANT, SECRET),
                call -> {
                    byte[] body = call.body();
                    String signature = signature(call.header("x-timestamp"), body);
                    call.answer(signature.equals(call.header("x-signature")) ? "signed" : "");
                    call.answer(RedeemCouponRequest.parseFrom(body).getRequestId());
                });
        try (ServerStream<Redemption> answers = calls.serverStream(WATCH, redeem("A"))) {
            assertEquals("signed", answers.next().getCode());
            assertEquals(36, answers.next().getCode().length());
            assertFalse(answers.hasNext());
            assertThrows(NoSuchElementException.class, answers::next);
        }
    }

    private static String signature(String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
            mac.update(("POST\n/" + NAME + "\n" + timestamp + "\n").getBytes(UTF_8));
            return "hmac-sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void theFirstOfManyRequestsNamesTheCall() throws Exception {
        BlockingQueue<List<RedeemCouponRequest>> received = new LinkedBlockingQueue<>();
        serve(
                API_KEY,
                call -> {
                    received.add(call.requests());
                    call.answer(call.header("x-api-key"));
                });
        assertEquals(KEY, gather(redeem("A"), redeem("B")).getCode());
        RedeemCouponRequest named = redeem("A").toBuilder().setRequestId("mine").build();
        gather(named);
        List<RedeemCouponRequest> first = received.take();
        assertEquals(36, first.get(0).getRequestId().length());
        assertEquals(redeem("B"), first.get(1));
        assertEquals(List.of(named), received.take());
    }

    private Redemption gather(RedeemCouponRequest... requests) {
        try (ClientStream<RedeemCouponRequest, Redemption> stream = calls.clientStream(GATHER)) {
            for (RedeemCouponRequest request : requests) {
                stream.send(request);
            }
            return stream.finish();
        }
    }

    @Test
    void bothDirectionsTakeTurns() throws Exception {
        serve(API_KEY, StreamsTest::mirror);
        try (BidiStream<RedeemCouponRequest, Redemption> stream = calls.bidiStream(MIRROR)) {
            for (String code : List.of("A", "B", "C")) {
                assertTrue(stream.send(redeem(code)));
                assertEquals(code, stream.next().getCode());
            }
            stream.halfClose();
            assertFalse(stream.hasNext());
        }
    }

    @Test
    void oneThreadSendsWhileAnotherReads() throws Exception {
        serve(API_KEY, StreamsTest::mirror);
        int count = 2000;
        String padding = "x".repeat(1000);
        try (BidiStream<RedeemCouponRequest, Redemption> stream = calls.bidiStream(MIRROR)) {
            CompletableFuture<Void> sending =
                    CompletableFuture.runAsync(
                            () -> {
                                for (int number = 0; number < count; number++) {
                                    stream.send(redeem(number + padding));
                                }
                                stream.halfClose();
                            });
            for (int number = 0; number < count; number++) {
                assertEquals(number + padding, stream.next().getCode());
            }
            assertFalse(stream.hasNext());
            sending.get();
        }
    }

    private static void mirror(StreamingService.Call call)
            throws InterruptedException, IOException {
        for (RedeemCouponRequest it = call.request(); it != null; it = call.request()) {
            call.answer(it.getCode());
        }
    }

    @Test
    void aStreamThatFailsMidwayTellsWhy() throws Exception {
        serve(
                API_KEY,
                call -> {
                    call.answer("A");
                    throw unavailable();
                });
        try (ServerStream<Redemption> answers = calls.serverStream(WATCH, redeem("A"));
                BidiStream<RedeemCouponRequest, Redemption> both = calls.bidiStream(MIRROR)) {
            for (Iterator<Redemption> stream : List.of(answers, both)) {
                assertTrue(stream.hasNext());
                assertEquals("A", stream.next().getCode());
                CouponsException error = assertThrows(CouponsException.class, stream::next);
                assertEquals(Status.Code.UNAVAILABLE, error.getCode());
                assertEquals(ErrorReason.SERVICE_UNAVAILABLE, error.getReason());
                assertEquals("req-1", error.getCallId());
            }
            assertThrows(CouponsException.class, () -> both.send(redeem("B")));
        }
    }

    private static StatusException unavailable() {
        ErrorInfo info = ErrorInfo.newBuilder().setReason("SERVICE_UNAVAILABLE").build();
        Metadata trailers = new Metadata();
        trailers.put(
                Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), "req-1");
        return StatusProto.toStatusException(
                com.google.rpc.Status.newBuilder()
                        .setCode(Code.UNAVAILABLE_VALUE)
                        .setMessage("down")
                        .addDetails(Any.pack(info))
                        .build(),
                trailers);
    }

    @Test
    void aStreamOfRequestsThatIsRefusedTellsWhy() throws Exception {
        serve(
                API_KEY,
                call -> {
                    throw Status.PERMISSION_DENIED.withDescription("No").asException();
                });
        try (ClientStream<RedeemCouponRequest, Redemption> stream = calls.clientStream(GATHER)) {
            CouponsException error =
                    assertThrows(
                            CouponsException.class,
                            () -> {
                                while (true) {
                                    stream.send(redeem("A"));
                                }
                            });
            assertEquals("No", error.getMessage());
            CouponsException again = assertThrows(CouponsException.class, stream::finish);
            assertEquals(Status.Code.PERMISSION_DENIED, again.getCode());
        }
    }

    @Test
    void oneAnswerMeansOneAnswer() throws Exception {
        serve(
                API_KEY,
                call -> {
                    for (RedeemCouponRequest request : call.requests()) {
                        call.answer(request.getCode());
                    }
                });
        CouponsException none = assertThrows(CouponsException.class, this::gather);
        assertEquals("the service did not answer", none.getMessage());
        CouponsException two =
                assertThrows(CouponsException.class, () -> gather(redeem("A"), redeem("B")));
        assertEquals(Status.Code.INTERNAL, two.getCode());
    }

    @Test
    void anAnswerThatAFailureFollowsIsNone() throws Exception {
        serve(
                API_KEY,
                call -> {
                    call.requests();
                    call.answer("A");
                    throw unavailable();
                });
        CouponsException error = assertThrows(CouponsException.class, this::gather);
        assertEquals(Status.Code.UNAVAILABLE, error.getCode());
    }

    @Test
    void aStreamHasNoTimeoutButItsOwn() throws Exception {
        BlockingQueue<Boolean> limited = new LinkedBlockingQueue<>();
        serve(
                API_KEY,
                call -> {
                    limited.add(call.limited);
                    Thread.sleep(call.limited ? 10_000 : 50);
                    call.answer("A");
                });
        try (ServerStream<Redemption> unlimited = calls.serverStream(WATCH, redeem("A"))) {
            assertEquals("A", unlimited.next().getCode());
            assertFalse(limited.take());
        }
        Calls hasty = calls.withTimeout(Duration.ofMillis(300));
        try (ServerStream<Redemption> answers = hasty.serverStream(WATCH, redeem("A"));
                BidiStream<RedeemCouponRequest, Redemption> both = hasty.bidiStream(MIRROR)) {
            for (Iterator<Redemption> stream : List.of(answers, both)) {
                CouponsException error = assertThrows(CouponsException.class, stream::next);
                assertEquals(Status.Code.DEADLINE_EXCEEDED, error.getCode());
                assertTrue(limited.take());
            }
        }
    }

    @Test
    void closingAStreamCancelsIt() throws Exception {
        BlockingQueue<StreamingService.Call> received = new LinkedBlockingQueue<>();
        serve(
                API_KEY,
                call -> {
                    received.add(call);
                    call.answer("A");
                    call.left.await();
                });
        try (ServerStream<Redemption> answers = calls.serverStream(WATCH, redeem("A"))) {
            answers.next();
        }
        assertLeft(received);
        try (BidiStream<RedeemCouponRequest, Redemption> both = calls.bidiStream(MIRROR)) {
            both.next();
        }
        assertLeft(received);
        try (ClientStream<RedeemCouponRequest, Redemption> many = calls.clientStream(GATHER)) {
            many.send(redeem("A"));
        }
        assertLeft(received);
    }

    private static void assertLeft(BlockingQueue<StreamingService.Call> received)
            throws InterruptedException {
        assertTrue(received.take().left.await(10, TimeUnit.SECONDS));
    }

    @Test
    void aClosedStreamCanBeClosedAgain() throws Exception {
        serve(API_KEY, StreamsTest::mirror);
        BidiStream<RedeemCouponRequest, Redemption> stream = calls.bidiStream(MIRROR);
        stream.close();
        stream.close();
        CouponsException error = assertThrows(CouponsException.class, stream::next);
        assertEquals(Status.Code.CANCELLED, error.getCode());
        assertThrows(IllegalStateException.class, () -> stream.send(redeem("A")));
    }

    @Test
    void interruptingTheThreadCancelsTheCall() throws Exception {
        BlockingQueue<StreamingService.Call> received = new LinkedBlockingQueue<>();
        serve(
                API_KEY,
                call -> {
                    received.add(call);
                    call.answer("A");
                    call.left.await();
                });
        try (ServerStream<Redemption> answers = calls.serverStream(WATCH, redeem("A"))) {
            answers.next();
            Thread.currentThread().interrupt();
            CouponsException error = assertThrows(CouponsException.class, answers::next);
            assertTrue(Thread.interrupted());
            assertEquals(Status.Code.CANCELLED, error.getCode());
            assertLeft(received);
        }
    }

    @Test
    void aStreamOfAnswersIsAttemptedUntilTheFirst() throws Exception {
        List<String> ids = new CopyOnWriteArrayList<>();
        serve(
                API_KEY,
                call -> {
                    RedeemCouponRequest request = call.request();
                    ids.add(request.getRequestId());
                    if (ids.size() == 3) {
                        call.answer(request.getCode());
                    }
                    throw unavailable();
                });
        try (ServerStream<Redemption> stream = calls.serverStream(WATCH, redeem("A"))) {
            assertEquals("A", stream.next().getCode());
            CouponsException error = assertThrows(CouponsException.class, stream::next);
            assertEquals(Status.Code.UNAVAILABLE, error.getCode());
            assertEquals(ids.get(0), error.getRequestId());
        }
        assertEquals(3, ids.size());
        assertEquals(1, new HashSet<>(ids).size());
        assertFalse(ids.get(0).isEmpty());
    }

    @Test
    void aStreamOfRequestsIsSentOnce() throws Exception {
        List<String> ids = new CopyOnWriteArrayList<>();
        serve(
                API_KEY,
                call -> {
                    ids.add(call.request().getRequestId());
                    throw unavailable();
                });
        try (BidiStream<RedeemCouponRequest, Redemption> stream = calls.bidiStream(MIRROR)) {
            stream.send(redeem("A"));
            CouponsException error = assertThrows(CouponsException.class, stream::next);
            assertEquals(List.of(error.getRequestId()), ids);
        }
    }

    @Test
    void aStreamOfAnUnreachableServiceIsUnavailable() {
        try (CouponsClient nowhere = CouponsClient.create("127.0.0.1:1", API_KEY)) {
            Calls calls = new Calls(nowhere.channel());
            try (ServerStream<Redemption> stream = calls.serverStream(WATCH, redeem("A"))) {
                CouponsException error = assertThrows(CouponsException.class, stream::next);
                assertEquals(Status.Code.UNAVAILABLE, error.getCode());
            }
            try (BidiStream<RedeemCouponRequest, Redemption> both = calls.bidiStream(MIRROR)) {
                CouponsException error =
                        assertThrows(CouponsException.class, () -> both.send(redeem("A")));
                assertEquals(Status.Code.UNAVAILABLE, error.getCode());
            }
        }
    }

    @Test
    void aCredentialThatFailsFailsAStream() throws Exception {
        Credential failing =
                (method, body) -> {
                    throw new IllegalStateException("no secret today");
                };
        serve(failing, call -> fail("a call arrived"));
        for (Runnable begin :
                List.<Runnable>of(
                        () -> calls.serverStream(WATCH, redeem("A")),
                        () -> calls.clientStream(GATHER),
                        () -> calls.bidiStream(MIRROR))) {
            IllegalStateException error =
                    assertThrows(IllegalStateException.class, begin::run);
            assertEquals("no secret today", error.getMessage());
        }
    }

    @Test
    void grpcsOwnObserversCanUseTheChannel() throws Exception {
        serve(
                API_KEY,
                call -> {
                    mirror(call);
                    call.answer(call.header("x-api-key"));
                    throw Status.NOT_FOUND.withDescription("gone").asException();
                });
        Gathering answers = new Gathering();
        StreamObserver<RedeemCouponRequest> requests =
                ClientCalls.asyncBidiStreamingCall(
                        client.channel().newCall(MIRROR, CallOptions.DEFAULT), answers);
        requests.onNext(redeem("A"));
        requests.onCompleted();
        CouponsException error = answers.failure();
        assertEquals("gone", error.getMessage());
        assertEquals(List.of("A", KEY), answers.codes);
    }

    @Test
    void anObserverAsksForAnswersOneByOne() throws Exception {
        serve(
                API_KEY,
                call -> {
                    call.request();
                    call.answer("A");
                    call.answer("B");
                });
        Gathering answers = new Gathering();
        answers.before = call -> call.disableAutoRequestWithInitial(1);
        ClientCalls.asyncServerStreamingCall(
                client.channel().newCall(WATCH, CallOptions.DEFAULT), redeem("A"), answers);
        assertTrue(answers.some.await(10, TimeUnit.SECONDS));
        Thread.sleep(50);
        assertEquals(List.of("A"), answers.codes);
        answers.call.request(2);
        answers.done.get(10, TimeUnit.SECONDS);
        assertEquals(List.of("A", "B"), answers.codes);
    }

    @Test
    void anObserverCancels() throws Exception {
        BlockingQueue<StreamingService.Call> received = new LinkedBlockingQueue<>();
        serve(
                API_KEY,
                call -> {
                    received.add(call);
                    call.answer("A");
                    call.left.await();
                });
        Gathering answers = new Gathering();
        ClientCalls.asyncServerStreamingCall(
                client.channel().newCall(WATCH, CallOptions.DEFAULT), redeem("A"), answers);
        assertTrue(answers.some.await(10, TimeUnit.SECONDS));
        answers.call.cancel("enough", null);
        assertEquals(Status.Code.CANCELLED, answers.failure().getCode());
        assertLeft(received);
    }

    @Test
    void aCallThatIsCancelledBeforeItsRequestSendsNone() throws Exception {
        serve(API_KEY, call -> assertNull(call.body()));
        Gathering answers = new Gathering();
        answers.before = call -> call.cancel("never mind", null);
        assertThrows(
                IllegalStateException.class,
                () ->
                        ClientCalls.asyncServerStreamingCall(
                                client.channel().newCall(WATCH, CallOptions.DEFAULT),
                                redeem("A"),
                                answers));
        assertEquals(Status.Code.CANCELLED, answers.failure().getCode());
    }

    /** An observer of gRPC's that keeps what it sees. */
    private static final class Gathering
            implements ClientResponseObserver<RedeemCouponRequest, Redemption> {
        final List<String> codes = new CopyOnWriteArrayList<>();
        final CountDownLatch some = new CountDownLatch(1);
        final CompletableFuture<Void> done = new CompletableFuture<>();
        Consumer<ClientCallStreamObserver<RedeemCouponRequest>> before = call -> {};
        ClientCallStreamObserver<RedeemCouponRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<RedeemCouponRequest> call) {
            this.call = call;
            before.accept(call);
        }

        @Override
        public void onNext(Redemption answer) {
            codes.add(answer.getCode());
            some.countDown();
        }

        @Override
        public void onError(Throwable error) {
            done.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            done.complete(null);
        }

        CouponsException failure() throws Exception {
            ExecutionException failed =
                    assertThrows(
                            ExecutionException.class, () -> done.get(10, TimeUnit.SECONDS));
            return CouponsException.from((StatusRuntimeException) failed.getCause());
        }
    }

    private static RedeemCouponRequest redeem(String code) {
        return RedeemCouponRequest.newBuilder().setCode(code).build();
    }
}
