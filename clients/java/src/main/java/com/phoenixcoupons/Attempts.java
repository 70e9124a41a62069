package com.phoenixcoupons;

import com.phoenixcoupons.v1.ErrorReason;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Decides whether a failed attempt of one call is followed by another. */
final class Attempts {
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    private final RetryPolicy policy;
    private final Credential credential;
    private int failures;
    private boolean wasRenewed;

    Attempts(RetryPolicy policy, Credential credential) {
        this.policy = policy;
        this.credential = credential;
    }

    /**
     * Returns how long to wait before the next attempt, or nothing if there is none. A credential
     * that was refused is renewed, once: the service did nothing yet.
     *
     * @param deadline of the whole call; null if it has none
     * @param proof the credential's headers of the attempt that failed
     */
    Optional<Duration> pauseAfter(
            Status status, Metadata trailers, Deadline deadline, Map<String, String> proof) {
        failures++;
        return pause(status, trailers, proof)
                .filter(
                        pause ->
                                deadline == null
                                        || deadline.timeRemaining(TimeUnit.NANOSECONDS)
                                                > nanos(pause));
    }

    private Optional<Duration> pause(Status status, Metadata trailers, Map<String, String> proof) {
        return switch (status.getCode()) {
            case UNAUTHENTICATED ->
                    failure(status, trailers).getReason() == ErrorReason.CREDENTIAL_INVALID
                                    && renew(proof)
                            ? Optional.of(Duration.ZERO)
                            : Optional.empty();
            case UNAVAILABLE ->
                    failures < policy.attempts()
                            ? afterUnavailable(status, trailers)
                            : Optional.empty();
            default -> Optional.empty();
        };
    }

    private Optional<Duration> afterUnavailable(Status status, Metadata trailers) {
        String pushback = trailers.get(PUSHBACK);
        if (pushback != null) {
            // Negative for no retry (gRFC A6), as is what cannot be read.
            return pushback.matches("\\d{1,15}")
                    ? Optional.of(Duration.ofMillis(Long.parseLong(pushback)))
                    : Optional.empty();
        }
        return failure(status, trailers)
                .getRetryDelay()
                .or(() -> Optional.of(policy.backoff(failures)));
    }

    /** Lets the credential forget what was refused; false if it has nothing else, or did before. */
    boolean renew(Map<String, String> proof) {
        if (wasRenewed || !(credential instanceof MintedToken token)) {
            return false;
        }
        wasRenewed = true;
        token.renew(proof);
        return true;
    }

    private static CouponsException failure(Status status, Metadata trailers) {
        return CouponsException.from(status.asRuntimeException(trailers));
    }

    static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException longerThanAnyCall) {
            return Long.MAX_VALUE;
        }
    }
}
