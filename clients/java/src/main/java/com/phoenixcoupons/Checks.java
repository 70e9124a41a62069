package com.phoenixcoupons;

import java.time.Duration;

/** What callers may not pass. The errors repeat no value, which may be a secret. */
final class Checks {
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

    /** Returns a timeout above 0. */
    static Duration timeout(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be above 0");
        }
        return timeout;
    }

    /** Returns the lifetime of a token, whose times count in whole seconds. */
    static Duration lifetime(Duration lifetime) {
        if (lifetime.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("lifetime must be at least one second");
        }
        return lifetime;
    }
}
