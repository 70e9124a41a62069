package com.phoenixcoupons;

import java.util.Map;

/** Proves to the service who is calling; a class or lambda of your own will do. */
@FunctionalInterface
public interface Credential {
    /**
     * Returns the headers that authenticate one call, by lower-case name. Called by any thread.
     *
     * @param method the full gRPC path, {@code /package.Service/Method}
     * @param body the exact bytes of the request message, which must not be changed
     */
    Map<String, String> headers(String method, byte[] body);
}
