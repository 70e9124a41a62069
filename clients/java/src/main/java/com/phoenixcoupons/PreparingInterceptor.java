package com.phoenixcoupons;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Gives every call what it lacks: a deadline unless it has a stream, a request id, the headers of
 * its credential, and as many attempts as are due.
 */
final class PreparingInterceptor implements ClientInterceptor {
    /** What a call may take, where it differs from the client's; a deadline goes before it. */
    static final CallOptions.Key<Duration> TIMEOUT = CallOptions.Key.create("timeout");

    private final String address;
    private final Credential credential;
    private final Duration timeout;
    private final RetryPolicy retries;
    private final ScheduledExecutorService scheduler;

    /** Calls between two attempts. */
    private final Set<CallOfOneRequest<?, ?>> pausing = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    PreparingInterceptor(
            String address,
            Credential credential,
            Duration timeout,
            RetryPolicy retries,
            ScheduledExecutorService scheduler) {
        this.address = address;
        this.credential = credential;
        this.timeout = timeout;
        this.retries = retries;
        this.scheduler = scheduler;
    }

    /** Lets calls between two attempts, and all later ones, fail. */
    void close() {
        closed = true;
        pausing.forEach(call -> call.giveUp(Failures.CLOSED));
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
            MethodDescriptor<Q, A> method, CallOptions options, Channel channel) {
        return switch (method.getType()) {
            case UNARY -> new CallOfOneRequest<>(method, options, channel, timeout);
            case SERVER_STREAMING -> new CallOfOneRequest<>(method, options, channel, null);
            default -> new CallOfManyRequests<>(method, limited(options, null), channel);
        };
    }

    /**
     * Returns the options with a deadline.
     *
     * @param usual the timeout, unless the call has one of its own; none if null
     */
    private static CallOptions limited(CallOptions options, Duration usual) {
        Duration own = options.getOption(TIMEOUT);
        Duration timeout = own == null ? usual : own;
        return options.getDeadline() != null || timeout == null
                ? options
                : options.withDeadlineAfter(Attempts.nanos(timeout), TimeUnit.NANOSECONDS);
    }

    private Map<String, String> prove(MethodDescriptor<?, ?> method, byte[] body) {
        return credential.headers("/" + method.getFullMethodName(), body);
    }

    private static Metadata with(Map<String, String> proof, Metadata own) {
        Metadata headers = new Metadata();
        headers.merge(own);
        proof.forEach((name, value) -> headers.put(asciiKey(name), value));
        return headers;
    }

    /** What a status is to the caller: gRPC has another one for what this client did itself. */
    private Status own(Status status) {
        boolean isCutOff =
                status.getCode() == Status.Code.UNAVAILABLE
                        || status.getCode() == Status.Code.CANCELLED;
        return closed && isCutOff ? Failures.CLOSED : Failures.described(status, address);
    }

    private Executor executor(CallOptions options) {
        return options.getExecutor() == null ? this::run : options.getExecutor();
    }

    private void run(Runnable task) {
        try {
            scheduler.execute(task);
        } catch (RejectedExecutionException clientIsClosed) {
            task.run();
        }
    }

    /**
     * A call that starts with its message, because a signature in the headers has to cover the
     * message's bytes. They are therefore made here, once, and kept for further attempts, of which
     * there is none once an answer came.
     */
    private final class CallOfOneRequest<Q, A> extends ClientCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final CallOptions options;
        private final Channel channel;
        private final Duration timeout;
        private final Attempts attempts = new Attempts(retries, credential);
        private Listener<A> listener;
        private Metadata headers;
        private CallOptions limited;
        private byte[] body;
        private String requestId = "";
        private Map<String, String> proof;
        private boolean answered;

        // Guarded by this, as any thread may request messages, or cancel, at any time.
        private int requested;
        private boolean halfClosed;
        private boolean cancelled;
        private boolean ended;
        private ClientCall<byte[], A> call;

        CallOfOneRequest(
                MethodDescriptor<Q, A> method,
                CallOptions options,
                Channel channel,
                Duration timeout) {
            this.method = method;
            this.options = options;
            this.channel = channel;
            this.timeout = timeout;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            this.listener = listener;
            this.headers = headers;
        }

        @Override
        public void sendMessage(Q message) {
            if (closed) {
                requestId = requestIdOf(message);
                giveUp(Failures.CLOSED);
                return;
            }
            Q named = withRequestId(message);
            requestId = requestIdOf(named);
            body = serialize(named);
            if (body.length > Failures.MAX_REQUEST_BYTES) {
                giveUp(Failures.tooLarge(body.length));
                return;
            }
            // The time starts now: a program's first token takes long to mint.
            limited = limited(options, timeout);
            attempt();
            if (cancelled) {
                // As gRPC's own calls do.
                throw new IllegalStateException("the call was cancelled");
            }
        }

        private void attempt() {
            proof = prove(method, body);
            MethodDescriptor<byte[], A> ofBytes =
                    method.toBuilder(new Bytes(), method.getResponseMarshaller()).build();
            ClientCall<byte[], A> started = channel.newCall(ofBytes, limited);
            started.start(new Attempt(), with(proof, headers));
            boolean isLast;
            boolean isCancelled;
            int wanted;
            synchronized (this) {
                call = started;
                wanted = requested;
                isLast = halfClosed;
                isCancelled = cancelled;
            }
            // Catches up on what was wanted of the call before it started.
            started.request(wanted);
            if (isCancelled) {
                started.cancel("cancelled before the request was sent", null);
                return;
            }
            started.sendMessage(body);
            if (isLast) {
                started.halfClose();
            }
        }

        @Override
        public void request(int messages) {
            ClientCall<byte[], A> current;
            synchronized (this) {
                requested += messages;
                current = call;
            }
            if (current != null) {
                current.request(messages);
            }
        }

        @Override
        public void cancel(String message, Throwable cause) {
            ClientCall<byte[], A> current;
            synchronized (this) {
                cancelled = true;
                current = call;
            }
            if (current != null) {
                current.cancel(message, cause);
            } else if (pausing.contains(this)) {
                giveUp(Status.CANCELLED.withDescription(message).withCause(cause));
            }
        }

        @Override
        public void halfClose() {
            ClientCall<byte[], A> current;
            synchronized (this) {
                halfClosed = true;
                current = call;
            }
            if (current != null) {
                current.halfClose();
            }
        }

        /** Ends a call of which no attempt is under way. */
        void giveUp(Status status) {
            executor(options).execute(() -> end(status, new Metadata()));
        }

        private void end(Status status, Metadata trailers) {
            synchronized (this) {
                if (ended) {
                    return;
                }
                ended = true;
            }
            pausing.remove(this);
            listener.onClose(status, Failures.identified(trailers, requestId));
        }

        private void pause(Duration pause) {
            synchronized (this) {
                call = null;
            }
            pausing.add(this);
            if (closed) {
                giveUp(Failures.CLOSED);
                return;
            }
            Runnable again = () -> executor(options).execute(this::attemptAgain);
            try {
                scheduler.schedule(again, Attempts.nanos(pause), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException clientIsClosed) {
                giveUp(Failures.CLOSED);
            }
        }

        private void attemptAgain() {
            synchronized (this) {
                if (ended) {
                    return;
                }
            }
            pausing.remove(this);
            try {
                attempt();
            } catch (RuntimeException failed) {
                // A credential of the caller's own.
                end(Status.fromThrowable(failed), new Metadata());
            }
        }

        private byte[] serialize(Q message) {
            try (InputStream stream = method.streamRequest(message)) {
                return stream.readAllBytes();
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }

        /** Passes on what becomes of the last attempt. */
        private final class Attempt extends Listener<A> {
            private Metadata answerHeaders;

            @Override
            public void onHeaders(Metadata headers) {
                answerHeaders = headers;
            }

            @Override
            public void onMessage(A message) {
                answered = true;
                passHeaders();
                listener.onMessage(message);
            }

            @Override
            public void onReady() {
                listener.onReady();
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                Status own = own(status);
                Optional<Duration> pause =
                        answered || cancelled
                                ? Optional.empty()
                                : attempts.pauseAfter(
                                        own, trailers, limited.getDeadline(), proof);
                if (pause.isPresent()) {
                    pause(pause.get());
                    return;
                }
                passHeaders();
                end(own, trailers);
            }

            private void passHeaders() {
                if (answerHeaders != null) {
                    listener.onHeaders(answerHeaders);
                    answerHeaders = null;
                }
            }
        }
    }

    /** A stream of requests, of which none is there to be signed when the call starts. */
    private final class CallOfManyRequests<Q, A> extends SimpleForwardingClientCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private boolean begun;
        private volatile String requestId = "";
        private volatile Status refusal;

        CallOfManyRequests(MethodDescriptor<Q, A> method, CallOptions options, Channel channel) {
            super(channel.newCall(method, options));
            this.method = method;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            Map<String, String> proof = closed ? Map.of() : prove(method, new byte[0]);
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            if (status.getCode() == Status.Code.UNAUTHENTICATED) {
                                // The messages are gone; the next call has another token.
                                new Attempts(retries, credential).renew(proof);
                            }
                            Status own = refusal == null ? own(status) : refusal;
                            Metadata identified = Failures.identified(trailers, requestId);
                            super.onClose(own, own.isOk() ? trailers : identified);
                        }
                    },
                    with(proof, headers));
        }

        @Override
        public void sendMessage(Q message) {
            Q named = begun ? message : withRequestId(message);
            if (!begun && !closed) {
                requestId = requestIdOf(named);
            }
            begun = true;
            int size = ((Message) named).getSerializedSize();
            if (size > Failures.MAX_REQUEST_BYTES) {
                refusal = Failures.tooLarge(size);
                cancel(refusal.getDescription(), null);
                return;
            }
            super.sendMessage(named);
        }
    }

    private static Metadata.Key<String> asciiKey(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    private static String requestIdOf(Object request) {
        Message message = (Message) request;
        FieldDescriptor field = message.getDescriptorForType().findFieldByName("request_id");
        return field == null ? "" : (String) message.getField(field);
    }

    /** Makes a mutation safe to retry, without touching the caller's message. */
    @SuppressWarnings("unchecked") // A builder makes messages of its own type.
    private static <Q> Q withRequestId(Q request) {
        Message message = (Message) request;
        FieldDescriptor field = message.getDescriptorForType().findFieldByName("request_id");
        if (field == null || !message.getField(field).equals("")) {
            return request;
        }
        return (Q) message.toBuilder().setField(field, UUID.randomUUID().toString()).build();
    }

    /** Requests as bytes; answers keep the method's own marshaller. */
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] body) {
            return new ByteArrayInputStream(body);
        }

        @Override
        public byte[] parse(InputStream stream) {
            throw new UnsupportedOperationException("a client parses no requests");
        }
    }
}
