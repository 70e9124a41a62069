package com.phoenixcoupons;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.phoenixcoupons.v1.ValidateCouponRequest;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes calls, one after another, whatever happens to their connection, and prints a line for each:
 * the code of its error, or OK. tests/languages/test_chaos.py says what its argument means.
 */
final class ChaosRunner {
    private ChaosRunner() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        JsonObject given = JsonParser.parseString(arguments[0]).getAsJsonObject();
        JsonArray pause = given.getAsJsonArray("pause_ms");
        double least = pause.get(0).getAsDouble();
        double most = pause.get(1).getAsDouble();
        try (CouponsClient client = client(given)) {
            for (int call = 0; call < given.get("calls").getAsInt(); call++) {
                System.out.println("{\"code\": \"" + outcome(client) + "\"}");
                double milliseconds =
                        least + (most - least) * ThreadLocalRandom.current().nextDouble();
                Thread.sleep((long) milliseconds, (int) (milliseconds % 1 * 1e6));
            }
        }
    }

    private static CouponsClient client(JsonObject given) throws IOException {
        CouponsClient.Builder builder =
                CouponsClient.builder(
                                given.get("address").getAsString(),
                                new ApiKeyCredential("pk_" + "k".repeat(43)))
                        .timeout(milliseconds(given, "timeout_ms"))
                        // gRPC takes no less.
                        .keepAlive(
                                Duration.ofSeconds(10),
                                milliseconds(given, "keepalive_timeout_ms"));
        if (!given.get("authority").isJsonNull()) {
            File authority = new File(given.get("authority").getAsString());
            builder.tls(TlsChannelCredentials.newBuilder().trustManager(authority).build());
        }
        return builder.build();
    }

    private static Duration milliseconds(JsonObject given, String name) {
        return Duration.ofMillis(given.get(name).getAsLong());
    }

    private static String outcome(CouponsClient client) {
        try {
            boolean isValid =
                    client.query()
                            .validateCoupon(
                                    ValidateCouponRequest.newBuilder().setCode("X").build())
                            .getValid();
            return isValid ? "OK" : "another answer";
        } catch (CouponsException error) {
            return error.getCode().name();
        }
    }
}
