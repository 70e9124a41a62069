package com.phoenixcoupons;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.KeyLengthException;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Map;

/** A JWT (RFC 7519) signed here with HS256, replaced before it expires. */
abstract sealed class MintedToken implements Credential permits AdminToken, TenantToken {
    static final Duration DEFAULT_LIFETIME = Duration.ofSeconds(600);

    private final Map<String, String> claims;
    private final JWSSigner signer;
    private final Duration lifetime;
    private final InstantSource clock;
    private String token;
    private Instant renewAt = Instant.MIN;

    MintedToken(Map<String, String> claims, String key, Duration lifetime, InstantSource clock) {
        this.claims = claims;
        this.signer = signer(key);
        this.lifetime = Checks.lifetime(lifetime);
        this.clock = clock;
    }

    private static JWSSigner signer(String key) {
        try {
            return new MACSigner(key);
        } catch (KeyLengthException tooShort) {
            throw new IllegalArgumentException(
                    "a key or secret that signs tokens has at least 32 bytes", tooShort);
        }
    }

    /** Returns a token that is valid for at least a fifth of the lifetime. */
    public final synchronized String token() {
        Instant now = clock.instant();
        if (!now.isBefore(renewAt)) {
            token = mint(now);
            renewAt = now.plus(lifetime.multipliedBy(4).dividedBy(5));
        }
        return token;
    }

    private String mint(Instant now) {
        JWTClaimsSet.Builder content =
                new JWTClaimsSet.Builder()
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plus(lifetime)));
        claims.forEach(content::claim);
        SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), content.build());
        try {
            jwt.sign(signer);
        } catch (JOSEException impossible) {
            throw new IllegalStateException("every Java platform has HS256", impossible);
        }
        return jwt.serialize();
    }

    @Override
    public final Map<String, String> headers(String method, byte[] body) {
        return Map.of("authorization", "Bearer " + token());
    }
}
