package com.phoenixcoupons;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A signature (HMAC-SHA256, RFC 2104) of every request with the tenant secret. For {@link
 * CouponsClient#query} and {@link CouponsClient#events}. The service accepts it within 300 seconds
 * of its own clock.
 */
public final class Hmac implements Credential {
    private static final String ALGORITHM = "HmacSHA256";

    private final String tenantId;
    private final SecretKeySpec key;
    private final InstantSource clock;

    /**
     * @param tenantId the tenant's UUID
     * @param secret a live secret of the tenant
     * @throws IllegalArgumentException if the id can't travel in a header, or the secret is empty
     */
    public Hmac(String tenantId, String secret) {
        this(tenantId, secret, InstantSource.system());
    }

    Hmac(String tenantId, String secret, InstantSource clock) {
        this.tenantId = Checks.headerValue("the tenant id", tenantId);
        this.key = new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM);
        this.clock = clock;
    }

    @Override
    public Map<String, String> headers(String method, byte[] body) {
        String timestamp = Long.toString(clock.instant().getEpochSecond());
        return Map.of(
                "x-tenant-id", tenantId,
                "x-timestamp", timestamp,
                "x-signature", signature(method, timestamp, body));
    }

    private String signature(String method, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(("POST\n" + method + "\n" + timestamp + "\n").getBytes(UTF_8));
            return "hmac-sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has HmacSHA256", impossible);
        }
    }
}
