package com.phoenixcoupons;

import com.phoenixcoupons.v1.RedeemCouponRequest;
import com.phoenixcoupons.v1.Redemption;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** A gRPC server that treats each call, of any method, as it is told, in a thread of its own. */
final class StreamingService extends HandlerRegistry
        implements ServerCallHandler<byte[], byte[]>, AutoCloseable {
    private static final byte[] END = new byte[0];

    /** What becomes of a call; it ends with success when this returns. */
    interface Handler {
        void handle(Call call) throws StatusException, InterruptedException, IOException;
    }

    /** A call as the service has it. */
    static final class Call extends ServerCall.Listener<byte[]> {
        final Metadata headers;
        final boolean limited = Context.current().getDeadline() != null;

        /** Is open when the caller has given the call up. */
        final CountDownLatch left = new CountDownLatch(1);

        private final ServerCall<byte[], byte[]> call;
        private final BlockingQueue<byte[]> requests = new LinkedBlockingQueue<>();
        private boolean answered;

        private Call(ServerCall<byte[], byte[]> call, Metadata headers) {
            this.call = call;
            this.headers = headers;
        }

        String header(String name) {
            return headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
        }

        /** Waits for the bytes of the next request; null if there are no more. */
        byte[] body() throws InterruptedException {
            call.request(1);
            byte[] body = requests.take();
            return body == END ? null : body;
        }

        /** Waits for the next request; null if there are no more. */
        RedeemCouponRequest request() throws InterruptedException, IOException {
            byte[] body = body();
            return body == null ? null : RedeemCouponRequest.parseFrom(body);
        }

        List<RedeemCouponRequest> requests() throws InterruptedException, IOException {
            List<RedeemCouponRequest> all = new ArrayList<>();
            for (RedeemCouponRequest it = request(); it != null; it = request()) {
                all.add(it);
            }
            return all;
        }

        void answer(String code) {
            if (!answered) {
                call.sendHeaders(new Metadata());
                answered = true;
            }
            call.sendMessage(Redemption.newBuilder().setCode(code).build().toByteArray());
        }

        @Override
        public void onMessage(byte[] body) {
            requests.add(body);
        }

        @Override
        public void onHalfClose() {
            requests.add(END);
        }

        @Override
        public void onCancel() {
            left.countDown();
            requests.add(END);
        }
    }

    private final Server server;
    private final Handler handler;

    StreamingService(Handler handler) throws IOException {
        this.handler = handler;
        server =
                Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
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
                        .setType(MethodType.BIDI_STREAMING)
                        .setFullMethodName(name)
                        .setRequestMarshaller(new RecordingService.Bytes())
                        .setResponseMarshaller(new RecordingService.Bytes())
                        .build();
        return ServerMethodDefinition.create(method, this);
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(
            ServerCall<byte[], byte[]> serverCall, Metadata headers) {
        Call call = new Call(serverCall, headers);
        new Thread(() -> serve(serverCall, call)).start();
        return call;
    }

    private void serve(ServerCall<byte[], byte[]> serverCall, Call call) {
        try {
            handler.handle(call);
            serverCall.close(Status.OK, new Metadata());
        } catch (StatusException failure) {
            Metadata trailers = failure.getTrailers();
            serverCall.close(
                    failure.getStatus(), trailers == null ? new Metadata() : trailers);
        } catch (InterruptedException | IOException | RuntimeException error) {
            serverCall.close(Status.fromThrowable(error), new Metadata());
        }
    }
}
