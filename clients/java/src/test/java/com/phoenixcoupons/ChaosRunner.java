package com.phoenixcoupons;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.phoenixcoupons.v1.ValidateCouponRequest;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes calls, whatever happens to their connections, and prints a line for each: its target, and the
 * code of its error, or OK. tests/languages/test_chaos.py says what its argument means.
 */
final class ChaosRunner {
    private ChaosRunner() {}

    public static void main(String[] arguments) throws Exception {
        JsonObject given = JsonParser.parseString(arguments[0]).getAsJsonObject();
        JsonArray targets = given.getAsJsonArray("targets");
        ExecutorService threads = Executors.newFixedThreadPool(targets.size());
        try {
            List<Future<?>> calling = new ArrayList<>();
            for (int number = 0; number < targets.size(); number++) {
                calling.add(threads.submit(calls(given, number)));
            }
            for (Future<?> each : calling) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** The calls of one target, one after another. */
    private static Callable<Void> calls(JsonObject given, int number) {
        JsonObject target = given.getAsJsonArray("targets").get(number).getAsJsonObject();
        JsonArray pause = given.getAsJsonArray("pause_ms");
        double least = pause.get(0).getAsDouble();
        double most = pause.get(1).getAsDouble();
        return () -> {
            try (CouponsClient client = client(given, target)) {
                for (int call = 0; call < target.get("calls").getAsInt(); call++) {
                    System.out.printf(
                            "{\"target\": %d, \"code\": \"%s\"}%n", number, outcome(client));
                    double milliseconds =
                            least + (most - least) * ThreadLocalRandom.current().nextDouble();
                    Thread.sleep((long) milliseconds, (int) (milliseconds % 1 * 1e6));
                }
            }
            return null;
        };
    }

    private static CouponsClient client(JsonObject given, JsonObject target) throws IOException {
        CouponsClient.Builder builder =
                CouponsClient.builder(
                                target.get("address").getAsString(),
                                new ApiKeyCredential("pk_" + "k".repeat(43)))
                        .timeout(milliseconds(given, "timeout_ms"))
                        // gRPC takes no less.
                        .keepAlive(
                                Duration.ofSeconds(10),
                                milliseconds(given, "keepalive_timeout_ms"));
        if (!target.get("authority").isJsonNull()) {
            File authority = new File(target.get("authority").getAsString());
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
