package com.phoenixcoupons;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Map;

/**
 * A JWT (RFC 7519) signed here with HS256, replaced before it expires. Its times are whole seconds,
 * and the service's clock is another one: less than a tenth of the lifetime, or than a second, is
 * too little to send a token with.
 */
abstract sealed class MintedToken implements Credential permits AdminToken, TenantToken {
    static final Duration DEFAULT_LIFETIME = Duration.ofSeconds(600);

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String HEADER = encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    private static final Duration LEAST_MARGIN = Duration.ofSeconds(1);

    private final Map<String, String> claims;
    private final Sha256Key key;
    private final Duration lifetime;
    private final Duration margin;
    private final InstantSource clock;
    private String token;
    private Instant expiry = Instant.EPOCH;

    MintedToken(
            Map<String, String> claims,
            String keyName,
            String key,
            Duration lifetime,
            InstantSource clock) {
        this.claims = claims;
        this.key = new Sha256Key(Checks.secret(keyName, key));
        this.lifetime = Checks.lifetime(lifetime);
        Duration tenth = lifetime.dividedBy(10);
        this.margin = tenth.compareTo(LEAST_MARGIN) < 0 ? LEAST_MARGIN : tenth;
        this.clock = clock;
    }

    /** Returns a token that is valid for at least a tenth of the lifetime, and a second. */
    public final synchronized String token() {
        Instant now = clock.instant();
        Duration left = Duration.between(now, expiry);
        // More than the lifetime is left when the clock was set back: the token is of the future.
        if (left.compareTo(margin) < 0 || left.compareTo(lifetime) > 0) {
            expiry = now.plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
            token = mint(now);
        }
        return token;
    }

    /** Forgets the token that the service refused; a newer one may be there already. */
    final synchronized void renew(Map<String, String> refused) {
        if (refused.equals(headersOf(token))) {
            expiry = Instant.EPOCH;
        }
    }

    private String mint(Instant now) {
        JsonObject content = new JsonObject();
        claims.forEach(content::addProperty);
        content.addProperty("iat", now.getEpochSecond());
        content.addProperty("exp", expiry.getEpochSecond());
        String signed = HEADER + "." + encoded(content.toString());
        return signed + "." + BASE64.encodeToString(key.sign(signed.getBytes(UTF_8)));
    }

    private static String encoded(String json) {
        return BASE64.encodeToString(json.getBytes(UTF_8));
    }

    @Override
    public final Map<String, String> headers(String method, byte[] body) {
        return headersOf(token());
    }

    private static Map<String, String> headersOf(String token) {
        return Map.of("authorization", "Bearer " + token);
    }
}
