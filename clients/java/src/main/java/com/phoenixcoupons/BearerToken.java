package com.phoenixcoupons;

import java.util.Map;

/** A ready-made JWT, such as one that a backend gave to an app. */
public final class BearerToken implements Credential {
    private final Map<String, String> headers;

    /**
     * @throws IllegalArgumentException if the token can't travel in a header
     */
    public BearerToken(String value) {
        headers = Map.of("authorization", "Bearer " + Checks.headerValue("the token", value));
    }

    @Override
    public Map<String, String> headers(String method, byte[] body) {
        return headers;
    }
}
