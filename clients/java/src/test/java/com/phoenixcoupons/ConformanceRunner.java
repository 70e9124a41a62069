package com.phoenixcoupons;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Executes the list of tests/conformance/README.md, which says what is read and printed. */
final class ConformanceRunner {
    private static final Gson JSON =
            new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().preservingProtoFieldNames().alwaysPrintFieldsWithNoPresence();
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)\\}");
    private static final double DEFAULT_TIMEOUT_SECONDS = 10;

    private final JsonObject variables;

    private ConformanceRunner(JsonObject variables) {
        this.variables = variables;
    }

    public static void main(String[] arguments) throws IOException {
        JsonObject list =
                JsonParser.parseString(Files.readString(Path.of(arguments[0]))).getAsJsonObject();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        ConformanceRunner runner = new ConformanceRunner(list.getAsJsonObject("variables"));
        for (JsonElement item : list.getAsJsonArray("cases")) {
            try {
                out.println(JSON.toJson(runner.run(runner.resolved(item).getAsJsonObject())));
            } catch (ReflectiveOperationException | IOException | RuntimeException error) {
                System.err.println("not understood: " + item + ": " + error);
                System.exit(1);
            }
        }
    }

    private JsonObject run(JsonObject item)
            throws ReflectiveOperationException, IOException {
        JsonObject outcome = item.has("sign") ? sign(item.getAsJsonObject("sign")) : call(item);
        outcome.add("name", item.get("name"));
        return outcome;
    }

    /** Replaces the variables in every string. */
    private JsonElement resolved(JsonElement element) {
        if (element.isJsonObject()) {
            JsonObject copy = new JsonObject();
            element.getAsJsonObject().asMap().forEach((key, it) -> copy.add(key, resolved(it)));
            return copy;
        }
        if (element.isJsonArray()) {
            JsonArray copy = new JsonArray();
            element.getAsJsonArray().forEach(it -> copy.add(resolved(it)));
            return copy;
        }
        boolean isText = element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
        return isText ? new JsonPrimitive(resolved(element.getAsString())) : element;
    }

    private String resolved(String text) {
        return VARIABLE.matcher(text)
                .replaceAll(
                        match -> Matcher.quoteReplacement(text(variables, match.group(1))));
    }

    private static JsonObject sign(JsonObject vector) {
        if (!text(vector, "method").equals("POST")) {
            throw new IllegalArgumentException("a gRPC client signs POST alone");
        }
        Instant timestamp = Instant.ofEpochSecond(Long.parseLong(text(vector, "timestamp")));
        Hmac credential =
                new Hmac("tenant", text(vector, "secret"), InstantSource.fixed(timestamp));
        byte[] body = Base64.getDecoder().decode(text(vector, "body"));
        JsonObject outcome = new JsonObject();
        outcome.addProperty(
                "signature", credential.headers(text(vector, "path"), body).get("x-signature"));
        return outcome;
    }

    private JsonObject call(JsonObject item) throws ReflectiveOperationException, IOException {
        String address =
                item.has("address") ? text(item, "address") : text(variables, "address");
        double timeout =
                item.has("timeout")
                        ? item.get("timeout").getAsDouble()
                        : DEFAULT_TIMEOUT_SECONDS;
        try (CouponsClient client =
                CouponsClient.builder(address, credential(item.getAsJsonObject("as")))
                        .timeout(Duration.ofNanos((long) (timeout * 1e9)))
                        .build()) {
            Call call = Call.of(client, text(item, "call"));
            JsonObject request = item.getAsJsonObject("request");
            return item.has("pages")
                    ? pages(call, request, item.getAsJsonObject("pages"))
                    : success(item, call.answer(request));
        } catch (CouponsException error) {
            return failure(error);
        }
    }

    private static Credential credential(JsonObject as) {
        return switch (text(as, "kind")) {
            case "api_key" -> new ApiKey(text(as, "key"));
            case "admin_jwt" -> new AdminToken(text(as, "key_id"), text(as, "key"));
            case "tenant_jwt" -> tenantToken(as);
            case "hmac" -> new Hmac(text(as, "tenant_id"), text(as, "secret"));
            case "bearer" -> new BearerToken(text(as, "token"));
            default -> throw new IllegalArgumentException("unknown kind of credential: " + as);
        };
    }

    private static TenantToken tenantToken(JsonObject as) {
        TenantToken token = new TenantToken(text(as, "tenant_id"), text(as, "secret"));
        return as.has("user_id") ? token.forUser(text(as, "user_id")) : token;
    }

    private JsonObject success(JsonObject item, JsonObject answer) {
        if (item.has("save")) {
            item.getAsJsonObject("save")
                    .asMap()
                    .forEach(
                            (variable, path) ->
                                    variables.add(variable, at(answer, path.getAsString())));
        }
        JsonObject values = new JsonObject();
        if (item.has("show")) {
            for (JsonElement path : item.getAsJsonArray("show")) {
                values.add(path.getAsString(), at(answer, path.getAsString()));
            }
        }
        JsonObject outcome = ok();
        outcome.add("values", values);
        return outcome;
    }

    private static JsonObject pages(Call call, JsonObject request, JsonObject pages)
            throws ReflectiveOperationException, IOException {
        JsonArray items = new JsonArray();
        int count = 0;
        String next;
        do {
            JsonObject answer = call.answer(request);
            for (JsonElement item : answer.getAsJsonArray(text(pages, "items"))) {
                items.add(at(item, text(pages, "show")));
            }
            next = text(answer, "next_page_token");
            request.addProperty("page_token", next);
            count++;
        } while (!next.isEmpty());
        JsonObject outcome = ok();
        outcome.addProperty("pages", count);
        outcome.add("items", items);
        return outcome;
    }

    private static JsonObject ok() {
        JsonObject outcome = new JsonObject();
        outcome.addProperty("code", "OK");
        return outcome;
    }

    private static JsonObject failure(CouponsException error) {
        boolean answered = !error.getReasonName().isEmpty();
        JsonObject outcome = new JsonObject();
        outcome.addProperty("code", error.getCode().name());
        outcome.addProperty("reason", error.getReasonName());
        // What gRPC says of a call without an answer differs from language to language.
        outcome.addProperty("message", answered ? error.getMessage() : "");
        outcome.add(
                "metadata",
                JSON.toJsonTree(error.getMetadata().keySet().stream().sorted().toList()));
        outcome.add(
                "fields",
                JSON.toJsonTree(
                        error.getFieldViolations().stream()
                                .map(it -> List.of(it.field(), it.description()))
                                .toList()));
        outcome.addProperty(
                "retry_delay",
                error.getRetryDelay().map(delay -> delay.toMillis() / 1000.0).orElse(null));
        outcome.addProperty("request_id", !error.getRequestId().isEmpty());
        return outcome;
    }

    /** Follows a dotted path; null where it leads nowhere. */
    private static JsonElement at(JsonElement element, String path) {
        for (String step : path.split("\\.")) {
            element = child(element, step);
        }
        return element;
    }

    private static JsonElement child(JsonElement parent, String step) {
        if (parent.isJsonArray() && Integer.parseInt(step) < parent.getAsJsonArray().size()) {
            return parent.getAsJsonArray().get(Integer.parseInt(step));
        }
        boolean leadsOn = parent.isJsonObject() && parent.getAsJsonObject().has(step);
        return leadsOn ? parent.getAsJsonObject().get(step) : JsonNull.INSTANCE;
    }

    private static String text(JsonObject object, String key) {
        if (!object.has(key)) {
            throw new IllegalArgumentException("nothing is called " + key);
        }
        return object.get(key).getAsString();
    }

    /** A call by its name in the contract, with messages in ProtoJSON. */
    private record Call(Object service, Method method) {
        static Call of(CouponsClient client, String name) {
            String[] parts = name.split("\\.");
            Object service =
                    switch (parts[0]) {
                        case "CouponQuery" -> client.query();
                        case "EventIngest" -> client.events();
                        case "CouponAdmin" -> client.admin();
                        case "TenantAdmin" -> client.tenants();
                        default -> throw new IllegalArgumentException("unknown call " + name);
                    };
            return Arrays.stream(service.getClass().getMethods())
                    .filter(method -> method.getName().equalsIgnoreCase(parts[1]))
                    .findAny()
                    .map(method -> new Call(service, method))
                    .orElseThrow(() -> new IllegalArgumentException("unknown call " + name));
        }

        JsonObject answer(JsonObject request) throws ReflectiveOperationException, IOException {
            Message answer = invoke(message(request));
            return JsonParser.parseString(PRINTER.print(answer)).getAsJsonObject();
        }

        private Message message(JsonObject request)
                throws ReflectiveOperationException, IOException {
            Message.Builder builder =
                    (Message.Builder)
                            method.getParameterTypes()[0].getMethod("newBuilder").invoke(null);
            JsonFormat.parser().merge(JSON.toJson(request), builder);
            return builder.build();
        }

        private Message invoke(Message request) throws ReflectiveOperationException {
            try {
                return (Message) method.invoke(service, request);
            } catch (InvocationTargetException wrapper) {
                if (wrapper.getCause() instanceof CouponsException error) {
                    throw error;
                }
                throw wrapper;
            }
        }
    }
}
