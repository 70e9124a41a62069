package com.phoenixcoupons;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/**
 * An admin JWT signed with an API key, which itself never travels. Lives 600 seconds, and is
 * replaced in time. For {@link CouponsClient#admin} and {@link CouponsClient#tenants}.
 */
public final class AdminToken extends MintedToken {
    private final String keyId;
    private final String key;

    /**
     * @param keyId the API key's UUID
     * @param key the API key itself
     * @throws IllegalArgumentException if the key has less than 16 characters
     */
    public AdminToken(String keyId, String key) {
        this(keyId, key, DEFAULT_LIFETIME, InstantSource.system());
    }

    AdminToken(String keyId, String key, Duration lifetime, InstantSource clock) {
        super(Map.of("sub_type", "admin", "sub_id", keyId), "the API key", key, lifetime, clock);
        this.keyId = keyId;
        this.key = key;
    }

    /**
     * Returns the same credential with tokens that live as long.
     *
     * @throws IllegalArgumentException if that is less than 5 seconds
     */
    public AdminToken withLifetime(Duration lifetime) {
        return new AdminToken(keyId, key, lifetime, InstantSource.system());
    }
}
