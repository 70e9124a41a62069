package com.phoenixcoupons;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;

/**
 * A signature (HMAC-SHA256, RFC 2104) of every request with the tenant secret. For {@link
 * CouponsClient#query} and {@link CouponsClient#events}. The service accepts it within 300 seconds
 * of its own clock.
 */
public final class Hmac implements Credential {
    private final String tenantId;
    private final Sha256Key key;
    private final InstantSource clock;

    /**
     * @param tenantId the tenant's UUID
     * @param secret a live secret of the tenant
     * @throws IllegalArgumentException if the id can't travel in a header, or the secret has less
     *     than 16 characters
     */
    public Hmac(String tenantId, String secret) {
        this(tenantId, secret, InstantSource.system());
    }

    Hmac(String tenantId, String secret, InstantSource clock) {
        this.tenantId = Checks.headerValue("the tenant id", tenantId);
        this.key = new Sha256Key(Checks.secret("the tenant secret", secret));
        this.clock = clock;
    }

    @Override
    public Map<String, String> headers(String method, byte[] body) {
        String timestamp = Long.toString(clock.instant().getEpochSecond());
        return Map.of(
                "x-tenant-id", tenantId,
                "x-timestamp", timestamp,
                "x-signature", signature(key, method, timestamp, body));
    }

    /** Returns what proves that the holder of the key sent the body, as a header has it. */
    static String signature(Sha256Key key, String method, String timestamp, byte[] body) {
        byte[] head = ("POST\n" + method + "\n" + timestamp + "\n").getBytes(UTF_8);
        return "hmac-sha256=" + HexFormat.of().formatHex(key.sign(head, body));
    }
}
