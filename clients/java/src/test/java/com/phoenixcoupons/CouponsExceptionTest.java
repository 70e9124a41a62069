package com.phoenixcoupons;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.phoenixcoupons.CouponsException.FieldViolation;
import com.phoenixcoupons.RecordingService.Reply;
import com.phoenixcoupons.v1.ErrorReason;
import com.phoenixcoupons.v1.ValidateCouponRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors as a server sends them, over a real connection. */
class CouponsExceptionTest {
    @Test
    void anErrorCarriesWhatTheServiceSaid() throws IOException {
        CouponsException error =
                fail(
                        details(
                                Status.INVALID_ARGUMENT,
                                ErrorInfo.newBuilder()
                                        .setReason("INVALID_FIELD")
                                        .putMetadata("field", "code")
                                        .build(),
                                BadRequest.newBuilder()
                                        .addFieldViolations(
                                                BadRequest.FieldViolation.newBuilder()
                                                        .setField("code")
                                                        .setDescription("must not be empty"))
                                        .build(),
                                RetryInfo.newBuilder()
                                        .setRetryDelay(Duration.newBuilder().setNanos(500_000_000))
                                        .build()));
        assertEquals(Status.Code.INVALID_ARGUMENT, error.getCode());
        assertEquals("No", error.getMessage());
        assertEquals(ErrorReason.INVALID_FIELD, error.getReason());
        assertEquals("INVALID_FIELD", error.getReasonName());
        assertEquals(Map.of("field", "code"), error.getMetadata());
        assertEquals(
                List.of(new FieldViolation("code", "must not be empty")),
                error.getFieldViolations());
        assertEquals(Optional.of(java.time.Duration.ofMillis(500)), error.getRetryDelay());
        assertEquals("req-1", error.getCallId());
        assertEquals("", error.getRequestId());
        assertEquals("com.phoenixcoupons.CouponsException: No (INVALID_FIELD)", error.toString());
    }

    @Test
    void aReasonNewerThanTheClientHasItsName() throws IOException {
        CouponsException error =
                fail(details(Status.ABORTED, ErrorInfo.newBuilder().setReason("NEWER").build()));
        assertEquals(ErrorReason.UNRECOGNIZED, error.getReason());
        assertEquals("NEWER", error.getReasonName());
    }

    @Test
    void withoutDetailsTheStatusIsAllThereIs() throws IOException {
        CouponsException error = fail(new Reply(Status.NOT_FOUND, new Metadata(), null));
        assertEquals("NOT_FOUND", error.getMessage());
        assertEquals(ErrorReason.ERROR_REASON_UNSPECIFIED, error.getReason());
        assertEquals("", error.getCallId());
        assertEquals(Optional.empty(), error.getRetryDelay());
        assertEquals(
                "com.phoenixcoupons.CouponsException: NOT_FOUND (NOT_FOUND)", error.toString());
    }

    @ParameterizedTest
    @MethodSource("detailsWithoutSense")
    void detailsThatMakeNoSenseAreLeftOut(byte[] details) throws IOException {
        CouponsException error =
                fail(
                        new Reply(
                                Status.NOT_FOUND.withDescription("gone"), trailers(details), null));
        assertEquals(Status.Code.NOT_FOUND, error.getCode());
        assertEquals("gone", error.getMessage());
        assertEquals("", error.getReasonName());
    }

    static List<byte[]> detailsWithoutSense() {
        Any notAnErrorInfo =
                Any.pack(ErrorInfo.getDefaultInstance()).toBuilder()
                        .setValue(ByteString.copyFrom("\u00ff", UTF_8))
                        .build();
        Any beyondRange =
                Any.pack(
                        RetryInfo.newBuilder()
                                .setRetryDelay(
                                        Duration.newBuilder()
                                                .setSeconds(Long.MAX_VALUE)
                                                .setNanos(Integer.MAX_VALUE))
                                .build());
        return List.of(
                com.google.rpc.Status.newBuilder()
                        .setCode(5)
                        .addDetails(beyondRange)
                        .build()
                        .toByteArray(),
                new byte[] {-1},
                com.google.rpc.Status.newBuilder().setCode(9).build().toByteArray(),
                com.google.rpc.Status.newBuilder()
                        .setCode(5)
                        .addDetails(notAnErrorInfo)
                        .build()
                        .toByteArray());
    }

    private static Reply details(Status status, Message... details) {
        com.google.rpc.Status.Builder rich =
                com.google.rpc.Status.newBuilder()
                        .setCode(status.getCode().value())
                        .setMessage("No");
        for (Message detail : details) {
            rich.addDetails(Any.pack(detail));
        }
        Metadata trailers = trailers(rich.build().toByteArray());
        trailers.put(
                Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), "req-1");
        return new Reply(status.withDescription("No"), trailers, null);
    }

    private static Metadata trailers(byte[] details) {
        Metadata trailers = new Metadata();
        trailers.put(
                Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER),
                details);
        return trailers;
    }

    private static CouponsException fail(Reply reply) throws IOException {
        ApiKeyCredential credential = new ApiKeyCredential("pk_" + "k".repeat(43));
        try (RecordingService service = new RecordingService(attempt -> reply);
                CouponsClient client = CouponsClient.create(service.address(), credential)) {
            ValidateCouponRequest request = ValidateCouponRequest.getDefaultInstance();
            return assertThrows(
                    CouponsException.class, () -> client.query().validateCoupon(request));
        }
    }
}
