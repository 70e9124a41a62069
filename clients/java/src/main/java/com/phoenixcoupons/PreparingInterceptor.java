package com.phoenixcoupons;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Gives every call what it lacks: a deadline, a request id, and the headers of its credential. */
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
        if (method.getType() != MethodDescriptor.MethodType.UNARY) {
            throw new UnsupportedOperationException("this channel makes unary calls alone");
        }
        return new PreparedCall<>(method, options, channel);
    }

    private CallOptions withDeadline(CallOptions options) {
        if (options.getDeadline() != null) {
            return options;
        }
        Duration own = Objects.requireNonNullElse(options.getOption(TIMEOUT), timeout);
        return options.withDeadlineAfter(own.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * A unary call that starts with its message, because a signature in the headers has to cover
     * the message's bytes. They are therefore made here, once.
     */
    private final class PreparedCall<Q, A> extends ClientCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final CallOptions options;
        private final Channel channel;
        private Listener<A> listener;
        private Metadata headers;
        private int requested;
        private ClientCall<byte[], A> call;

        PreparedCall(MethodDescriptor<Q, A> method, CallOptions options, Channel channel) {
            this.method = method;
            this.options = options;
            this.channel = channel;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            this.listener = listener;
            this.headers = headers;
        }

        @Override
        public void request(int messages) {
            requested += messages;
        }

        @Override
        public void sendMessage(Q message) {
            byte[] body = serialize(withRequestId(message));
            credential
                    .headers("/" + method.getFullMethodName(), body)
                    .forEach((name, value) -> headers.put(asciiKey(name), value));
            MethodDescriptor<byte[], A> ofBytes =
                    method.toBuilder(new Bytes(), method.getResponseMarshaller()).build();
            // The time starts now: a program's first token takes long to mint.
            call = channel.newCall(ofBytes, withDeadline(options));
            call.start(listener, headers);
            call.request(requested);
            call.sendMessage(body);
        }

        @Override
        public void halfClose() {
            call.halfClose();
        }

        @Override
        public void cancel(String message, Throwable cause) {
            if (call != null) {
                call.cancel(message, cause);
            }
        }

        private byte[] serialize(Q message) {
            try (InputStream stream = method.streamRequest(message)) {
                return stream.readAllBytes();
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
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
