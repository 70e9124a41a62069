package com.phoenixcoupons;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.phoenixcoupons.v1.ErrorReason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A call that failed. {@link #getMessage} is the service's text for people. */
@SuppressWarnings("serial") // Not serializable in practice, as its cause, gRPC's exception, isn't.
public final class CouponsException extends RuntimeException {
    private static final Metadata.Key<String> CALL_ID =
            Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

    private final Status.Code code;
    private final String reasonName;
    private final Map<String, String> metadata;
    private final List<FieldViolation> fieldViolations;
    private final Optional<Duration> retryDelay;
    private final String callId;
    private final String requestId;

    /**
     * A request field that broke a rule.
     *
     * @param field the path of the field, such as {@code config.max_uses}
     * @param description the rule
     */
    public record FieldViolation(String field, String description) {}

    /** Translates a failure of gRPC's own stubs. */
    public static CouponsException from(StatusRuntimeException error) {
        return new CouponsException(error, error.getStatus(), error.getTrailers());
    }

    /** Translates a failure of gRPC's own stubs of the kind that throws checked exceptions. */
    public static CouponsException from(StatusException error) {
        return new CouponsException(error, error.getStatus(), error.getTrailers());
    }

    private CouponsException(Exception error, Status status, Metadata trailers) {
        super(message(status), error);
        List<Any> details = details(error);
        ErrorInfo info = find(details, ErrorInfo.getDefaultInstance());
        BadRequest badRequest = find(details, BadRequest.getDefaultInstance());
        RetryInfo retry = find(details, RetryInfo.getDefaultInstance());
        code = status.getCode();
        reasonName = info.getReason();
        metadata = Map.copyOf(info.getMetadataMap());
        fieldViolations =
                badRequest.getFieldViolationsList().stream()
                        .map(it -> new FieldViolation(it.getField(), it.getDescription()))
                        .toList();
        retryDelay =
                retry.hasRetryDelay() ? duration(retry.getRetryDelay()) : Optional.empty();
        callId = text(trailers, CALL_ID);
        requestId = text(trailers, Failures.REQUEST_ID);
    }

    /**
     * The gRPC status.
     *
     * <p>After UNAVAILABLE and DEADLINE_EXCEEDED a mutation may have happened; sent again with the
     * same {@code request_id} it happens once.
     */
    public Status.Code getCode() {
        return code;
    }

    /**
     * Why the call failed: {@code UNRECOGNIZED} for a reason newer than this client, {@code
     * ERROR_REASON_UNSPECIFIED} if the call never got an answer from the service.
     */
    public ErrorReason getReason() {
        if (reasonName.isEmpty()) {
            return ErrorReason.ERROR_REASON_UNSPECIFIED;
        }
        EnumValueDescriptor known = ErrorReason.getDescriptor().findValueByName(reasonName);
        return known == null ? ErrorReason.UNRECOGNIZED : ErrorReason.valueOf(known);
    }

    /** The name of the reason, also of a newer one; empty without an answer from the service. */
    public String getReasonName() {
        return reasonName;
    }

    /** What the reason is about, such as {@code field} or {@code coupon_id}. */
    public Map<String, String> getMetadata() {
        return metadata;
    }

    /** Which fields broke which rules; with INVALID_ARGUMENT, at most 20. */
    public List<FieldViolation> getFieldViolations() {
        return fieldViolations;
    }

    /** How long to wait before another try, where the service said so. */
    public Optional<Duration> getRetryDelay() {
        return retryDelay;
    }

    /**
     * Names the call in the service's logs, which is what support asks for; empty if the call never
     * got an answer from the service. The {@code x-request-id} of the answer.
     */
    public String getCallId() {
        return callId;
    }

    /**
     * The {@code request_id} that was sent, chosen by you or by the client; empty if the request has
     * none. Sent again with the same request it has one effect.
     */
    public String getRequestId() {
        return requestId;
    }

    @Override
    public String toString() {
        return super.toString() + " (" + (reasonName.isEmpty() ? code.name() : reasonName) + ")";
    }

    private static String message(Status status) {
        return Objects.requireNonNullElse(status.getDescription(), status.getCode().name());
    }

    private static List<Any> details(Exception error) {
        try {
            return StatusProto.fromThrowable(error).getDetailsList();
        } catch (IllegalArgumentException malformed) {
            // A proxy on the way rewrote the status; its code and message still hold.
            return List.of();
        }
    }

    private static <T extends Message> T find(List<Any> details, T absent) {
        try {
            for (Any detail : details) {
                if (detail.isSameTypeAs(absent)) {
                    return detail.unpackSameTypeAs(absent);
                }
            }
        } catch (InvalidProtocolBufferException malformed) {
            // The rest of the error still holds.
        }
        return absent;
    }

    private static Optional<Duration> duration(com.google.protobuf.Duration duration) {
        try {
            Duration delay = Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
            return delay.isNegative() ? Optional.empty() : Optional.of(delay);
        } catch (ArithmeticException beyondRange) {
            return Optional.empty();
        }
    }

    private static String text(Metadata trailers, Metadata.Key<String> key) {
        return trailers == null ? "" : Objects.requireNonNullElse(trailers.get(key), "");
    }
}
