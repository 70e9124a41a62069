package com.phoenixcoupons;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A tenant JWT signed with the tenant secret, which itself never travels. Lives 600 seconds, and
 * is replaced in time. For {@link CouponsClient#query} and {@link CouponsClient#events}; {@link
 * #token} is what a backend hands to a browser.
 */
public final class TenantToken extends MintedToken {
    private final String tenantId;
    private final String secret;
    private final String userId;
    private final Duration lifetime;

    /**
     * @param tenantId the tenant's UUID
     * @param secret a live secret of the tenant
     * @throws IllegalArgumentException if the secret has less than 16 characters
     */
    public TenantToken(String tenantId, String secret) {
        this(tenantId, secret, null, DEFAULT_LIFETIME, InstantSource.system());
    }

    /**
     * @param userId the user that the token is confined to, or null
     */
    TenantToken(
            String tenantId, String secret, String userId, Duration lifetime, InstantSource clock) {
        super(claims(tenantId, userId), "the tenant secret", secret, lifetime, clock);
        this.tenantId = tenantId;
        this.secret = secret;
        this.userId = userId;
        this.lifetime = lifetime;
    }

    private static Map<String, String> claims(String tenantId, String userId) {
        Map<String, String> claims = new HashMap<>();
        claims.put("sub_type", "tenant");
        claims.put("sub_id", tenantId);
        if (userId != null) {
            claims.put("user_id", userId);
        }
        return claims;
    }

    /**
     * Returns a credential that reaches this user's data alone.
     *
     * @throws NullPointerException if the user is null
     * @throws IllegalArgumentException if the user is empty
     */
    public TenantToken forUser(String userId) {
        if (Objects.requireNonNull(userId, "userId").isEmpty()) {
            throw new IllegalArgumentException("userId must not be empty");
        }
        return new TenantToken(tenantId, secret, userId, lifetime, InstantSource.system());
    }

    /**
     * Returns the same credential with tokens that live as long.
     *
     * @throws IllegalArgumentException if that is less than 5 seconds
     */
    public TenantToken withLifetime(Duration lifetime) {
        return new TenantToken(tenantId, secret, userId, lifetime, InstantSource.system());
    }
}
