package com.phoenixcoupons;

import java.util.Map;

/** An API key, sent as it is. For {@link CouponsClient#admin} and {@link CouponsClient#tenants}. */
public final class ApiKeyCredential implements Credential {
    private final Map<String, String> headers;

    /**
     * @throws IllegalArgumentException if the key can't travel in a header, or has less than 16 characters
     */
    public ApiKeyCredential(String value) {
        Checks.headerValue("the API key", value);
        headers = Map.of("x-api-key", Checks.secret("the API key", value));
    }

    @Override
    public Map<String, String> headers(String method, byte[] body) {
        return headers;
    }
}
