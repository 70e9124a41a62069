package com.phoenixcoupons;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import com.phoenixcoupons.RecordingService.Received;
import com.phoenixcoupons.RecordingService.Reply;
import com.phoenixcoupons.v1.CouponQueryGrpc;
import com.phoenixcoupons.v1.ErrorReason;
import com.phoenixcoupons.v1.GenerateCouponsRequest;
import com.phoenixcoupons.v1.ListRewardItemsRequest;
import com.phoenixcoupons.v1.RedeemCouponRequest;
import com.phoenixcoupons.v1.RedeemCouponResponse;
import com.phoenixcoupons.v1.Redemption;
import com.phoenixcoupons.v1.RotateTenantSecretRequest;
import com.phoenixcoupons.v1.ValidateCouponRequest;
import com.phoenixcoupons.v1.ValidateCouponResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client against a real gRPC server. */
@Timeout(30)
class CouponsClientTest {
    private static final String TENANT = "0198c2f0-0000-7000-8000-000000000001";
    private static final String SECRET = "ts_" + "s".repeat(43);
    private static final String KEY = "pk_" + "k".repeat(43);
    private static final RedeemCouponRequest REDEEM =
            RedeemCouponRequest.newBuilder()
                    .setTenantId(TENANT)
                    .setCode("X")
                    .setUserId("ada")
                    .build();
    private static final Reply NOTHING = Reply.of(RedeemCouponResponse.getDefaultInstance());
    private static final Reply UNAVAILABLE = Reply.of(Status.UNAVAILABLE.withDescription("down"));

    private RecordingService service;
    private CouponsClient client;

    private void serve(Credential credential, IntFunction<Reply> reply) throws IOException {
        service = new RecordingService(reply);
        client = CouponsClient.create(service.address(), credential);
    }

    @AfterEach
    void stop() {
        if (service != null) {
            client.close();
            service.close();
        }
    }

    @Test
    void aCallReturnsTheTypedAnswer() throws IOException {
        RedeemCouponResponse answer =
                RedeemCouponResponse.newBuilder()
                        .setRedemption(Redemption.newBuilder().setId("r1"))
                        .build();
        serve(new Hmac(TENANT, SECRET), attempt -> Reply.of(answer));
        assertEquals(answer, client.query().redeemCoupon(REDEEM));
        assertEquals(
                "phoenix_coupons.v1.CouponQuery/RedeemCoupon", service.received.get(0).method());
    }

    @Test
    void theOtherServicesAreReached() throws IOException {
        serve(new ApiKeyCredential(KEY), attempt -> NOTHING);
        client.admin().listRewardItems(ListRewardItemsRequest.getDefaultInstance());
        client.tenants().rotateTenantSecret(RotateTenantSecretRequest.getDefaultInstance());
        assertEquals(
                "phoenix_coupons.v1.CouponAdmin/ListRewardItems", service.received.get(0).method());
        assertEquals(
                "phoenix_coupons.v1.TenantAdmin/RotateTenantSecret",
                service.received.get(1).method());
        assertEquals(KEY, service.received.get(1).header("x-api-key"));
    }

    @Test
    void theSignatureCoversTheBytesOnTheWire() throws Exception {
        serve(new Hmac(TENANT, SECRET), attempt -> NOTHING);
        RedeemCouponRequest.Builder request = REDEEM.toBuilder();
        for (int number = 0; number < 20; number++) {
            request.putMetadata("key " + number, "value");
        }
        client.query().redeemCoupon(request.build());
        Received received = service.received.get(0);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
        String head =
                "POST\n/" + received.method() + "\n" + received.header("x-timestamp") + "\n";
        mac.update(head.getBytes(UTF_8));
        String digest = HexFormat.of().formatHex(mac.doFinal(received.body()));
        assertEquals("hmac-sha256=" + digest, received.header("x-signature"));
        assertEquals(TENANT, received.header("x-tenant-id"));
    }

    @Test
    void aMutationGetsARequestIdOfItsOwn() throws IOException {
        serve(new ApiKeyCredential(KEY), attempt -> NOTHING);
        client.query().redeemCoupon(REDEEM);
        client.query().redeemCoupon(REDEEM);
        String first = redeemed(service.received.get(0)).getRequestId();
        String second = redeemed(service.received.get(1)).getRequestId();
        assertFalse(first.isEmpty());
        assertNotEquals(first, second);
        assertEquals("", REDEEM.getRequestId());
    }

    @Test
    void aGivenRequestIdIsKept() throws IOException {
        serve(new ApiKeyCredential(KEY), attempt -> NOTHING);
        RedeemCouponRequest request = REDEEM.toBuilder().setRequestId("mine").build();
        client.query().redeemCoupon(request);
        assertEquals(request, redeemed(service.received.get(0)));
    }

    @Test
    void aCallWithoutATimeoutHasTheClients() throws IOException {
        serve(new ApiKeyCredential(KEY), attempt -> NOTHING);
        client.query().redeemCoupon(REDEEM);
        client.query().withTimeout(Duration.ofSeconds(30)).redeemCoupon(REDEEM);
        try (CouponsClient patient =
                CouponsClient.builder(service.address(), new ApiKeyCredential(KEY))
                        .timeout(Duration.ofSeconds(60))
                        .build()) {
            patient.query().redeemCoupon(REDEEM);
        }
        assertEquals(5, service.received.get(0).deadline(), 1);
        assertEquals(30, service.received.get(1).deadline(), 1);
        assertEquals(60, service.received.get(2).deadline(), 1);
    }

    @Test
    void unavailableIsRetriedWithOneRequestId() throws IOException {
        serve(new Hmac(TENANT, SECRET), attempt -> attempt < 3 ? UNAVAILABLE : NOTHING);
        client.query().redeemCoupon(REDEEM);
        assertEquals(3, service.received.size());
        Received first = service.received.get(0);
        Received last = service.received.get(2);
        assertArrayEquals(first.body(), last.body());
    }

    @Test
    void theLargestGenerationIsRetried() throws IOException {
        serve(new ApiKeyCredential(KEY), attempt -> attempt < 2 ? UNAVAILABLE : NOTHING);
        GenerateCouponsRequest.Builder request = GenerateCouponsRequest.newBuilder();
        for (int number = 0; number < 10_000; number++) {
            request.addUserIds(String.format("%0128d", number));
        }
        client.admin().generateCoupons(request.build());
        assertEquals(2, service.received.size());
        assertArrayEquals(service.received.get(0).body(), service.received.get(1).body());
    }

    @Test
    void retriesEnd() throws IOException {
        serve(new ApiKeyCredential(KEY), attempt -> UNAVAILABLE);
        CouponsException error =
                assertThrows(CouponsException.class, () -> client.query().redeemCoupon(REDEEM));
        assertEquals(Status.Code.UNAVAILABLE, error.getCode());
        assertEquals("down", error.getMessage());
        assertEquals(4, service.received.size());
    }

    @Test
    void nothingElseIsRetried() throws IOException {
        serve(new ApiKeyCredential(KEY), attempt -> Reply.of(Status.INTERNAL));
        assertThrows(CouponsException.class, () -> client.query().redeemCoupon(REDEEM));
        assertEquals(1, service.received.size());
    }

    @Test
    void theTimeoutBoundsACall() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        serve(new ApiKeyCredential(KEY), attempt -> await(answered));
        CouponQueryClient hasty = client.query().withTimeout(Duration.ofMillis(300));
        CouponsException error =
                assertThrows(CouponsException.class, () -> hasty.redeemCoupon(REDEEM));
        answered.countDown();
        assertEquals(Status.Code.DEADLINE_EXCEEDED, error.getCode());
    }

    @Test
    void anAnswerMayOutgrowTheDefaultOfGrpc() throws IOException {
        ValidateCouponResponse answer =
                ValidateCouponResponse.newBuilder().setMessage("x".repeat(5 << 20)).build();
        serve(new ApiKeyCredential(KEY), attempt -> Reply.of(answer));
        assertEquals(answer, client.query().validateCoupon(validate()));
    }

    @Test
    void anUnreachableServiceIsUnavailable() throws IOException {
        try (CouponsClient nowhere =
                CouponsClient.create("127.0.0.1:1", new ApiKeyCredential(KEY))) {
            CouponsException error =
                    assertThrows(
                            CouponsException.class, () -> nowhere.query().redeemCoupon(REDEEM));
            assertEquals(Status.Code.UNAVAILABLE, error.getCode());
            assertEquals(ErrorReason.ERROR_REASON_UNSPECIFIED, error.getReason());
            StringWriter trace = new StringWriter();
            error.printStackTrace(new PrintWriter(trace));
            assertFalse(trace.toString().contains(KEY));
        }
    }

    @Test
    void grpcsOwnStubsCanUseTheChannel() throws Exception {
        serve(
                new ApiKeyCredential(KEY),
                attempt -> Reply.of(Status.NOT_FOUND.withDescription("gone")));
        ListenableFuture<RedeemCouponResponse> future =
                CouponQueryGrpc.newFutureStub(client.channel()).redeemCoupon(REDEEM);
        ExecutionException failed = assertThrows(ExecutionException.class, future::get);
        CouponsException error =
                CouponsException.from((StatusRuntimeException) failed.getCause());
        assertEquals(Status.Code.NOT_FOUND, error.getCode());
        Received received = service.received.get(0);
        assertEquals(KEY, received.header("x-api-key"));
        assertEquals(5, received.deadline(), 1);
        assertFalse(redeemed(received).getRequestId().isEmpty());
    }

    @Test
    void aCredentialThatFailsEndsTheCall() throws IOException {
        Credential failing =
                (method, body) -> {
                    throw new IllegalStateException("no secret today");
                };
        serve(failing, attempt -> NOTHING);
        IllegalStateException error =
                assertThrows(
                        IllegalStateException.class, () -> client.query().redeemCoupon(REDEEM));
        assertEquals("no secret today", error.getMessage());
        assertTrue(service.received.isEmpty());
    }

    @Test
    void closingCancelsCallsUnderWay() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        serve(
                new ApiKeyCredential(KEY),
                attempt -> {
                    arrived.countDown();
                    return await(answered);
                });
        ListenableFuture<ValidateCouponResponse> future =
                CouponQueryGrpc.newFutureStub(client.channel()).validateCoupon(validate());
        assertTrue(arrived.await(10, TimeUnit.SECONDS));
        client.close();
        assertThrows(ExecutionException.class, () -> future.get(2, TimeUnit.SECONDS));
        answered.countDown();
    }

    @Test
    void aTimeoutIsAboveZero() throws IOException {
        serve(new ApiKeyCredential(KEY), attempt -> NOTHING);
        CouponsClient.Builder builder =
                CouponsClient.builder("127.0.0.1:1", new ApiKeyCredential(KEY));
        assertThrows(IllegalArgumentException.class, () -> builder.timeout(Duration.ZERO));
        CouponQueryClient query = client.query();
        assertThrows(IllegalArgumentException.class, () -> query.withTimeout(Duration.ZERO));
    }

    private static Reply await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return NOTHING;
    }

    private static ValidateCouponRequest validate() {
        return ValidateCouponRequest.newBuilder().setTenantId(TENANT).setCode("X").build();
    }

    private static RedeemCouponRequest redeemed(Received received) throws IOException {
        return RedeemCouponRequest.parseFrom(received.body());
    }
}
