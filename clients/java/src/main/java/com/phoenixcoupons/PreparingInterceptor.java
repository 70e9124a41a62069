package com.phoenixcoupons;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Gives every call what it lacks: a deadline unless it has a stream, a request id, and the headers
 * of its credential.
 */
final class PreparingInterceptor implements ClientInterceptor {
    /** What a call may take, where it differs from the client's; a deadline goes before it. */
    static final CallOptions.Key<Duration> TIMEOUT = CallOptions.Key.create("timeout");

    private final Credential credential;
    private final Duration timeout;

    PreparingInterceptor(Credential credential, Duration timeout) {
        this.credential = credential;
        this.timeout = timeout;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
            MethodDescriptor<Q, A> method, CallOptions options, Channel channel) {
        return switch (method.getType()) {
            case UNARY -> new CallOfOneRequest<>(method, options, channel, timeout);
            case SERVER_STREAMING -> new CallOfOneRequest<>(method, options, channel, null);
            default ->
                    new CallOfManyRequests<>(
                            method, channel.newCall(method, limited(options, null)));
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
                : options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void authenticate(Metadata headers, MethodDescriptor<?, ?> method, byte[] body) {
        credential
                .headers("/" + method.getFullMethodName(), body)
                .forEach((name, value) -> headers.put(asciiKey(name), value));
    }

    /**
     * A call that starts with its message, because a signature in the headers has to cover the
     * message's bytes. They are therefore made here, once.
     */
    private final class CallOfOneRequest<Q, A> extends ClientCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final CallOptions options;
        private final Channel channel;
        private final Duration timeout;
        private Listener<A> listener;
        private Metadata headers;
        private int requested;
        private boolean cancelled;
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
            byte[] body = serialize(withRequestId(message));
            authenticate(headers, method, body);
            MethodDescriptor<byte[], A> ofBytes =
                    method.toBuilder(new Bytes(), method.getResponseMarshaller()).build();
            // The time starts now: a program's first token takes long to mint.
            ClientCall<byte[], A> started = channel.newCall(ofBytes, limited(options, timeout));
            started.start(listener, headers);
            setCall(started);
            started.sendMessage(body);
        }

        /** Catches up on what was wanted of the call before it started. */
        private void setCall(ClientCall<byte[], A> started) {
            synchronized (this) {
                call = started;
            }
            started.request(requested);
            if (cancelled) {
                started.cancel("cancelled before the request was sent", null);
                // As gRPC's own calls do.
                throw new IllegalStateException("the call was cancelled");
            }
        }

        // Any thread may call these two at any time.

        @Override
        public void request(int messages) {
            synchronized (this) {
                if (call == null) {
                    requested += messages;
                    return;
                }
            }
            call.request(messages);
        }

        @Override
        public void cancel(String message, Throwable cause) {
            synchronized (this) {
                if (call == null) {
                    cancelled = true;
                    return;
                }
            }
            call.cancel(message, cause);
        }

        @Override
        public void halfClose() {
            call.halfClose();
        }

        private byte[] serialize(Q message) {
            try (InputStream stream = method.streamRequest(message)) {
                return stream.readAllBytes();
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
    }

    /** A stream of requests, of which none is there to be signed when the call starts. */
    private final class CallOfManyRequests<Q, A> extends SimpleForwardingClientCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private boolean begun;

        CallOfManyRequests(MethodDescriptor<Q, A> method, ClientCall<Q, A> call) {
            super(call);
            this.method = method;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            authenticate(headers, method, new byte[0]);
            super.start(listener, headers);
        }

        @Override
        public void sendMessage(Q message) {
            super.sendMessage(begun ? message : withRequestId(message));
            begun = true;
        }
    }

    private static Metadata.Key<String> asciiKey(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
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
