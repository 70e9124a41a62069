package com.phoenixcoupons;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often, and how soon, a call that failed with UNAVAILABLE is attempted again. The service's own
 * word on when (RetryInfo, or {@code grpc-retry-pushback-ms}) comes before the backoff. No attempt
 * is awaited that could not begin before the call's deadline.
 *
 * @param attempts with the first one; 1 for no retries
 * @param initialBackoff the pause before the second attempt; doubled before each further one
 * @param maxBackoff an upper bound of the backoff
 */
public record RetryPolicy(int attempts, Duration initialBackoff, Duration maxBackoff) {
    /** 4 attempts, 0.1 s to 2 s apart. */
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(4, Duration.ofMillis(100), Duration.ofSeconds(2));

    /**
     * @throws IllegalArgumentException if there is no attempt, or no such backoff
     */
    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts must be at least 1");
        }
        if (initialBackoff.isNegative()
                || initialBackoff.isZero()
                || initialBackoff.compareTo(maxBackoff) > 0) {
            throw new IllegalArgumentException(
                    "initialBackoff must be above 0, and at most maxBackoff");
        }
    }

    /** Returns how long to wait after so many failures, with a jitter of a fifth. */
    Duration backoff(int failures) {
        double pause = initialBackoff.toNanos() * ThreadLocalRandom.current().nextDouble(0.8, 1.2);
        double doubled = pause * Math.pow(2, failures - 1.0);
        return Duration.ofNanos((long) Math.min(doubled, maxBackoff.toNanos()));
    }
}
