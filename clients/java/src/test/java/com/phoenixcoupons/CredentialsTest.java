package com.phoenixcoupons;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    private static final String SECRET = "ts_" + "s".repeat(43);
    private static final Instant START = Instant.ofEpochSecond(1_800_000_000);
    private static final Duration LIFETIME = Duration.ofSeconds(600);

    /** A clock that the test moves. */
    private static final class Clock implements InstantSource {
        private Instant now = START;

        @Override
        public Instant instant() {
            return now;
        }

        void advance(long seconds) {
            now = now.plusSeconds(seconds);
        }
    }

    private final Clock clock = new Clock();

    @Test
    void anAdminTokenNamesItsKey() throws Exception {
        JWTClaimsSet claims =
                verified(new AdminToken("key-id", SECRET, LIFETIME, clock).token());
        Map<String, Object> expected =
                Map.of(
                        "sub_type", "admin",
                        "sub_id", "key-id",
                        "iat", Date.from(START),
                        "exp", Date.from(START.plus(LIFETIME)));
        assertEquals(expected, claims.getClaims());
    }

    @Test
    void aTenantTokenIsConfinedOnlyIfAsked() throws Exception {
        TenantToken credential = new TenantToken("tenant", SECRET);
        JWTClaimsSet claims = verified(credential.token());
        assertEquals("tenant", claims.getClaim("sub_type"));
        assertEquals("tenant", claims.getClaim("sub_id"));
        assertEquals(Set.of("sub_type", "sub_id", "iat", "exp"), claims.getClaims().keySet());
        String user = "ada \"\u00e9\" \\ \u0000\n\u2028 \ud83c\udf81";
        assertEquals(user, verified(credential.forUser(user).token()).getClaim("user_id"));
    }

    @Test
    void aMissingUserDoesNotMakeATokenOfTheWholeTenant() {
        TenantToken credential = new TenantToken("tenant", SECRET);
        assertThrows(NullPointerException.class, () -> credential.forUser(null));
        assertThrows(IllegalArgumentException.class, () -> credential.forUser(""));
    }

    @Test
    void aLifetimeIsKeptForTheConfinedToken() throws Exception {
        Duration minute = Duration.ofSeconds(60);
        TenantToken credential =
                new TenantToken("tenant", SECRET).withLifetime(minute).forUser("ada");
        JWTClaimsSet claims = verified(credential.token());
        Instant issued = claims.getIssueTime().toInstant();
        assertEquals(issued.plus(minute), claims.getExpirationTime().toInstant());
        assertEquals("ada", claims.getClaim("user_id"));
    }

    private static JWTClaimsSet verified(String token) throws Exception {
        SignedJWT jwt = SignedJWT.parse(token);
        assertEquals(JWSAlgorithm.HS256, jwt.getHeader().getAlgorithm());
        assertTrue(jwt.verify(new MACVerifier(SECRET)));
        return jwt.getJWTClaimsSet();
    }

    @ParameterizedTest
    // A tenth of the lifetime is left, or a second of a short one.
    @CsvSource({"600, 540", "5, 4"})
    void aTokenIsRenewedBeforeItExpires(long lifetime, long kept) {
        TenantToken credential =
                new TenantToken("tenant", SECRET, null, Duration.ofSeconds(lifetime), clock);
        String first = credential.token();
        clock.advance(kept);
        assertSame(first, credential.token());
        clock.now = clock.now.plusMillis(1);
        String second = credential.token();
        assertNotEquals(first, second);
        assertEquals(Map.of("authorization", "Bearer " + second), credential.headers("/", null));
    }

    @Test
    void noTokenIsSentInTheLastSecondOfItsLife() throws Exception {
        TenantToken credential =
                new TenantToken("tenant", SECRET, null, Duration.ofMillis(5500), clock);
        for (int step = 0; step < 1000; step++) {
            Instant expiry = verified(credential.token()).getExpirationTime().toInstant();
            assertTrue(Duration.between(clock.now, expiry).toMillis() >= 1000);
            clock.now = clock.now.plusMillis(77);
        }
    }

    @Test
    void aClockThatWasSetBackGetsAnotherToken() {
        TenantToken credential = new TenantToken("tenant", SECRET, null, LIFETIME, clock);
        String first = credential.token();
        clock.advance(-3600);
        assertNotEquals(first, credential.token());
    }

    @Test
    void threadsShareOneToken() {
        TenantToken credential = new TenantToken("tenant", SECRET, null, LIFETIME, clock);
        Set<String> tokens =
                IntStream.range(0, 1000)
                        .parallel()
                        .mapToObj(call -> credential.token())
                        .collect(Collectors.toSet());
        assertEquals(1, tokens.size());
    }

    @Test
    void aSignatureIsThatOfTheContract() {
        // printf 'POST\n/p.S/M\n1800000000\nbody' | openssl dgst -sha256 -hmac 0123456789abcdef
        String digest = "f6ec230546a4e8fd4b8cc11fef4640d5af8c41fe6d308c14a93ed365947e110e";
        Map<String, String> expected =
                Map.of(
                        "x-tenant-id", "tenant",
                        "x-timestamp", "1800000000",
                        "x-signature", "hmac-sha256=" + digest);
        Hmac credential = new Hmac("tenant", "0123456789abcdef", clock);
        assertEquals(expected, credential.headers("/p.S/M", "body".getBytes(UTF_8)));
    }

    @Test
    void noStringFormShowsASecret() {
        List<Credential> credentials =
                List.of(
                        new ApiKeyCredential(SECRET),
                        new BearerToken(SECRET),
                        new AdminToken("key-id", SECRET),
                        new TenantToken("tenant", SECRET).forUser("ada"),
                        new Hmac("tenant", SECRET));
        for (Credential credential : credentials) {
            assertFalse(credential.toString().contains(SECRET), credential::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "line\nbreak", "caf\u00e9"})
    void whatCantTravelInAHeaderIsRefusedUnseen(String value) {
        for (Executable refused :
                List.<Executable>of(
                        () -> new ApiKeyCredential(value),
                        () -> new BearerToken(value),
                        () -> new Hmac(value, SECRET))) {
            String message = assertThrows(IllegalArgumentException.class, refused).getMessage();
            assertTrue(message.contains("must be printable ASCII"));
            assertTrue(value.isEmpty() || !message.contains(value));
        }
    }

    @Test
    void aLifetimeIsAtLeastFiveSeconds() {
        AdminToken admin = new AdminToken("key-id", SECRET);
        TenantToken tenant = new TenantToken("tenant", SECRET);
        Duration shorter = Duration.ofMillis(4999);
        assertThrows(IllegalArgumentException.class, () -> admin.withLifetime(shorter));
        assertThrows(IllegalArgumentException.class, () -> tenant.withLifetime(shorter));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s", "fifteen letters"})
    void aShortSecretIsRefusedUnseen(String cut) {
        for (Executable refused :
                List.<Executable>of(
                        () -> new ApiKeyCredential(cut.replace(' ', '_')),
                        () -> new AdminToken("key-id", cut),
                        () -> new TenantToken("tenant", cut),
                        () -> new Hmac("tenant", cut))) {
            String message = assertThrows(IllegalArgumentException.class, refused).getMessage();
            assertTrue(message.endsWith(" must have at least 16 characters"), message);
            assertFalse(message.contains("fifteen"));
        }
        assertFalse(new TenantToken("tenant", "0123456789abcdef").token().isEmpty());
    }
}
