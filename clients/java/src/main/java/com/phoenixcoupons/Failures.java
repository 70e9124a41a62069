package com.phoenixcoupons;

import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;

/** Statuses of the client's own, and what it adds to those of gRPC. */
final class Failures {
    /** How the id of the request that was sent reaches {@link CouponsException}; it never travels. */
    static final Metadata.Key<String> REQUEST_ID =
            Metadata.Key.of("coupons-request-id-sent", Metadata.ASCII_STRING_MARSHALLER);

    /** The largest message that the service takes. */
    static final int MAX_REQUEST_BYTES = 4 * 1024 * 1024;

    static final Status CLOSED = Status.CANCELLED.withDescription("The client is closed");

    private Failures() {}

    static Status tooLarge(int size) {
        return Status.RESOURCE_EXHAUSTED.withDescription(
                "The request has "
                        + size
                        + " bytes; the service takes at most "
                        + MAX_REQUEST_BYTES);
    }

    /**
     * Returns the status with the address that could not be reached, or whose connection broke, and
     * why: gRPC says "io exception". A call that meets the end of its connection is UNAVAILABLE,
     * also where gRPC says UNKNOWN, "channel closed".
     */
    static Status described(Status status, String address) {
        boolean isOfAnAnswer =
                status.getCode() != Status.Code.UNAVAILABLE
                        && status.getCode() != Status.Code.UNKNOWN;
        if (isOfAnAnswer || !isIo(status.getCause())) {
            return status;
        }
        StringBuilder reasons = new StringBuilder();
        for (Throwable it = status.getCause(); it != null; it = it.getCause()) {
            String reason = it.getMessage();
            // Causes tend to repeat one another.
            if (reason != null && reasons.indexOf(reason) < 0) {
                reasons.append(": ").append(reason);
            }
        }
        if (reasons.isEmpty()) {
            reasons.append(": ").append(status.getDescription());
        }
        return Status.UNAVAILABLE
                .withDescription("The service at " + address + " cannot be reached" + reasons)
                .withCause(status.getCause());
    }

    private static boolean isIo(Throwable cause) {
        for (Throwable it = cause; it != null; it = it.getCause()) {
            if (it instanceof IOException) {
                return true;
            }
        }
        return false;
    }

    /** Returns the trailers with the id of the request that was sent. */
    static Metadata identified(Metadata trailers, String requestId) {
        Metadata identified = new Metadata();
        identified.merge(trailers);
        identified.discardAll(REQUEST_ID);
        if (requestId.matches("[ -~]+")) {
            identified.put(REQUEST_ID, requestId);
        }
        return identified;
    }
}
