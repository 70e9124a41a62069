package com.phoenixcoupons;

import java.time.Duration;

/** What callers may not pass. The errors repeat no value, which may be a secret. */
final class Checks {
    private static final int SHORTEST_SECRET = 16;
    private static final Duration SHORTEST_LIFETIME = Duration.ofSeconds(5);

    private Checks() {}

    /**
     * Returns a value that can travel in a header: printable ASCII without spaces. gRPC would
     * send another one changed, to be refused for a reason that is hard to see.
     */
    static String headerValue(String name, String value) {
        if (!value.matches("[!-~]+")) {
            throw new IllegalArgumentException(
                    name + " must be printable ASCII without spaces, and not empty");
        }
        return value;
    }

    /** Returns a key or secret that is none by mistake. */
    static String secret(String name, String value) {
        if (value.codePointCount(0, value.length()) < SHORTEST_SECRET) {
            throw new IllegalArgumentException(
                    name + " must have at least " + SHORTEST_SECRET + " characters");
        }
        return value;
    }

    /** Returns a timeout above 0. */
    static Duration timeout(Duration timeout) {
        return positive("timeout", timeout);
    }

    /** Returns a time above 0. */
    static Duration positive(String name, Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(name + " must be above 0");
        }
        return time;
    }

    /** Returns the lifetime of a token, whose times count in whole seconds. */
    static Duration lifetime(Duration lifetime) {
        if (lifetime.compareTo(SHORTEST_LIFETIME) < 0) {
            throw new IllegalArgumentException(
                    "lifetime must be at least " + SHORTEST_LIFETIME.toSeconds() + " seconds");
        }
        return lifetime;
    }
}
