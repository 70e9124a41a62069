package com.phoenixcoupons;

import com.google.protobuf.MessageLite;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** A gRPC server that keeps what it receives, and answers every method as it is told. */
final class RecordingService extends HandlerRegistry
        implements ServerCallHandler<byte[], byte[]>, AutoCloseable {
    /** One attempt of a call; the deadline in seconds from its arrival. */
    record Received(String method, byte[] body, Metadata headers, double deadline) {
        String header(String name) {
            return headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
        }
    }

    /** What comes of an attempt. */
    record Reply(Status status, Metadata trailers, byte[] body) {
        static Reply of(MessageLite answer) {
            return new Reply(Status.OK, new Metadata(), answer.toByteArray());
        }

        static Reply of(Status failure) {
            return new Reply(failure, new Metadata(), null);
        }
    }

    final List<Received> received = new CopyOnWriteArrayList<>();
    private final Server server;
    private final IntFunction<Reply> reply;

    /**
     * @param reply what comes of the n-th attempt, from 1
     */
    RecordingService(IntFunction<Reply> reply) throws IOException {
        this(0, reply);
    }

    RecordingService(int port, IntFunction<Reply> reply) throws IOException {
        this.reply = reply;
        server =
                Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
                        .fallbackHandlerRegistry(this)
                        .build()
                        .start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
        MethodDescriptor<byte[], byte[]> method =
                MethodDescriptor.<byte[], byte[]>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(name)
                        .setRequestMarshaller(new Bytes())
                        .setResponseMarshaller(new Bytes())
                        .build();
        return ServerMethodDefinition.create(method, this);
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(
            ServerCall<byte[], byte[]> call, Metadata headers) {
        Deadline limit = Context.current().getDeadline();
        double deadline =
                limit == null
                        ? Double.POSITIVE_INFINITY
                        : limit.timeRemaining(TimeUnit.MILLISECONDS) / 1000.0;
        String method = call.getMethodDescriptor().getFullMethodName();
        call.request(2);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(byte[] body) {
                received.add(new Received(method, body, headers, deadline));
            }

            @Override
            public void onHalfClose() {
                answer(call);
            }
        };
    }

    private void answer(ServerCall<byte[], byte[]> call) {
        Reply outcome = reply.apply(received.size());
        if (outcome.status().isOk()) {
            call.sendHeaders(new Metadata());
            call.sendMessage(outcome.body());
        }
        call.close(outcome.status(), outcome.trailers());
    }

    /** Messages as they came. */
    static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] body) {
            return new ByteArrayInputStream(body);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
    }
}
