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
import java.lang.reflect.ParameterizedType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
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
        byte[] body = Base64.getDecoder().decode(text(vector, "body"));
        JsonObject outcome = new JsonObject();
        Sha256Key key = new Sha256Key(text(vector, "secret"));
        outcome.addProperty(
                "signature",
                Hmac.signature(key, text(vector, "path"), text(vector, "timestamp"), body));
        return outcome;
    }

    private JsonObject call(JsonObject item) throws ReflectiveOperationException, IOException {
        String address =
                item.has("address") ? text(item, "address") : text(variables, "address");
        double seconds =
                item.has("timeout")
                        ? item.get("timeout").getAsDouble()
                        : DEFAULT_TIMEOUT_SECONDS;
        Duration timeout = Duration.ofNanos((long) (seconds * 1e9));
        Optional<CouponsClient> made = made(address, item.getAsJsonObject("as"), timeout);
        if (made.isEmpty()) {
            JsonObject refused = new JsonObject();
            refused.addProperty("refused", true);
            return refused;
        }
        if (item.has("closed") && item.get("closed").getAsBoolean()) {
            made.get().close();
            made.get().close();
        }
        try (CouponsClient client = made.get()) {
            Call call = Call.of(client, text(item, "call"));
            if (call.streams()) {
                // Streams have no timeout of the client's.
                return stream(call.withTimeout(timeout), item);
            }
            JsonObject request = item.getAsJsonObject("request");
            return item.has("pages")
                    ? pages(call, request, item.getAsJsonObject("pages"))
                    : success(item, call.answer(request));
        } catch (CouponsException error) {
            return failure(error, item);
        }
    }

    /** Returns a client; none if it or its credential refuses an argument. */
    private static Optional<CouponsClient> made(
            String address, JsonObject as, Duration timeout) {
        try {
            return Optional.of(
                    CouponsClient.builder(address, credential(as)).timeout(timeout).build());
        } catch (IllegalArgumentException refused) {
            return Optional.empty();
        }
    }

    private static Credential credential(JsonObject as) {
        return switch (text(as, "kind")) {
            case "api_key" -> new ApiKeyCredential(text(as, "key"));
            case "admin_jwt" -> adminToken(as);
            case "tenant_jwt" -> tenantToken(as);
            case "hmac" -> new Hmac(text(as, "tenant_id"), text(as, "secret"));
            case "bearer" -> new BearerToken(text(as, "token"));
            default -> throw new IllegalStateException("unknown kind of credential: " + as);
        };
    }

    private static TenantToken tenantToken(JsonObject as) {
        TenantToken token = new TenantToken(text(as, "tenant_id"), text(as, "secret"));
        token = as.has("lifetime") ? token.withLifetime(lifetime(as)) : token;
        return as.has("user_id") ? token.forUser(text(as, "user_id")) : token;
    }

    private static AdminToken adminToken(JsonObject as) {
        AdminToken token = new AdminToken(text(as, "key_id"), text(as, "key"));
        return as.has("lifetime") ? token.withLifetime(lifetime(as)) : token;
    }

    private static Duration lifetime(JsonObject as) {
        return Duration.ofMillis((long) (as.get("lifetime").getAsDouble() * 1000));
    }

    private JsonObject stream(Call call, JsonObject item)
            throws ReflectiveOperationException, IOException {
        List<JsonObject> answers = new ArrayList<>();
        JsonObject outcome = ok();
        try {
            call.collect(item, answers);
        } catch (CouponsException error) {
            outcome = failure(error, item);
        }
        if (outcome.get("code").getAsString().equals("OK")) {
            if (!call.hasAnswers()) {
                return success(item, answers.get(0));
            }
            if (!answers.isEmpty()) {
                save(item, answers.get(answers.size() - 1));
            }
        }
        if (call.hasAnswers()) {
            JsonArray shown = new JsonArray();
            answers.forEach(answer -> shown.add(shown(item, answer)));
            outcome.add("answers", shown);
        }
        return outcome;
    }

    private JsonObject success(JsonObject item, JsonObject answer) {
        save(item, answer);
        JsonObject outcome = ok();
        outcome.add("values", shown(item, answer));
        return outcome;
    }

    private void save(JsonObject item, JsonObject answer) {
        if (item.has("save")) {
            item.getAsJsonObject("save")
                    .asMap()
                    .forEach(
                            (variable, path) ->
                                    variables.add(variable, at(answer, path.getAsString())));
        }
    }

    private static JsonObject shown(JsonObject item, JsonObject answer) {
        JsonObject values = new JsonObject();
        if (item.has("show")) {
            for (JsonElement path : item.getAsJsonArray("show")) {
                values.add(path.getAsString(), at(answer, path.getAsString()));
            }
        }
        return values;
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

    private static JsonObject failure(CouponsException error, JsonObject item) {
        boolean isLocal = item.has("local") && item.get("local").getAsBoolean();
        boolean answered = !error.getReasonName().isEmpty();
        JsonObject outcome = new JsonObject();
        outcome.addProperty("code", error.getCode().name());
        outcome.addProperty("reason", error.getReasonName());
        // What gRPC says of a call without an answer differs from language to language.
        outcome.addProperty("message", answered || isLocal ? error.getMessage() : "");
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
        outcome.addProperty("call_id", !error.getCallId().isEmpty());
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
            throw new IllegalStateException("nothing is called " + key);
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
                        case "CouponJobs" -> client.jobs();
                        case "GrantDelivery" -> client.grants();
                        case "TenantAdmin" -> client.tenants();
                        default -> throw new IllegalArgumentException("unknown call " + name);
                    };
            return Arrays.stream(service.getClass().getMethods())
                    .filter(method -> method.getName().equalsIgnoreCase(parts[1]))
                    .findAny()
                    .map(method -> new Call(service, method))
                    .orElseThrow(() -> new IllegalArgumentException("unknown call " + name));
        }

        Call withTimeout(Duration timeout) throws ReflectiveOperationException {
            Method with = service.getClass().getMethod("withTimeout", Duration.class);
            return new Call(with.invoke(service, timeout), method);
        }

        boolean streams() {
            return AutoCloseable.class.isAssignableFrom(method.getReturnType());
        }

        boolean hasAnswers() {
            return Iterator.class.isAssignableFrom(method.getReturnType());
        }

        JsonObject answer(JsonObject request) throws ReflectiveOperationException, IOException {
            return json(invoke(message(method.getParameterTypes()[0], request)));
        }

        /** Adds the answers of a stream, until it ends, or until there are as many as wanted. */
        void collect(JsonObject item, List<JsonObject> answers)
                throws ReflectiveOperationException, IOException {
            Object stream = begin(item);
            if (stream instanceof ClientStream<?, ?> many) {
                answers.add(json(many.finish()));
                return;
            }
            int wanted = item.has("take") ? item.get("take").getAsInt() : Integer.MAX_VALUE;
            Iterator<?> each = (Iterator<?>) stream;
            while (answers.size() < wanted && each.hasNext()) {
                answers.add(json(each.next()));
            }
        }

        private Object begin(JsonObject item) throws ReflectiveOperationException, IOException {
            if (method.getParameterCount() == 1) {
                Class<?> type = method.getParameterTypes()[0];
                return invoke(message(type, item.getAsJsonObject("request")));
            }
            Object stream = invoke();
            ParameterizedType kind = (ParameterizedType) method.getGenericReturnType();
            Class<?> type = (Class<?>) kind.getActualTypeArguments()[0];
            try {
                for (JsonElement request : item.getAsJsonArray("requests")) {
                    send(stream, message(type, request.getAsJsonObject()));
                }
            } catch (CouponsException ended) {
                // Reading tells why, and what was answered before.
            }
            if (stream instanceof BidiStream<?, ?> both) {
                both.halfClose();
            }
            return stream;
        }

        @SuppressWarnings("unchecked") // The message is of the type that the stream takes.
        private static void send(Object stream, Message request) {
            if (stream instanceof BidiStream<?, ?> both) {
                ((BidiStream<Message, ?>) both).send(request);
            } else {
                ((ClientStream<Message, ?>) stream).send(request);
            }
        }

        private static JsonObject json(Object answer) throws IOException {
            return JsonParser.parseString(PRINTER.print((Message) answer)).getAsJsonObject();
        }

        private static Message message(Class<?> type, JsonObject request)
                throws ReflectiveOperationException, IOException {
            Message.Builder builder =
                    (Message.Builder) type.getMethod("newBuilder").invoke(null);
            JsonFormat.parser().merge(JSON.toJson(request), builder);
            return builder.build();
        }

        private Object invoke(Object... arguments) throws ReflectiveOperationException {
            try {
                return method.invoke(service, arguments);
            } catch (InvocationTargetException wrapper) {
                if (wrapper.getCause() instanceof CouponsException error) {
                    throw error;
                }
                throw wrapper;
            }
        }
    }
}
