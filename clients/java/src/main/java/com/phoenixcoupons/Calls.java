package com.phoenixcoupons;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.time.Duration;

/** Blocking calls of each kind, whose failures are {@link CouponsException}s. */
final class Calls {
    private final Channel channel;
    private final CallOptions options;

    Calls(Channel channel) {
        this(channel, CallOptions.DEFAULT);
    }

    private Calls(Channel channel, CallOptions options) {
        this.channel = channel;
        this.options = options;
    }

    Calls withTimeout(Duration timeout) {
        return new Calls(
                channel,
                options.withOption(PreparingInterceptor.TIMEOUT, Checks.timeout(timeout)));
    }

    <Q, A> A call(MethodDescriptor<Q, A> method, Q request) {
        try {
            return ClientCalls.blockingUnaryCall(channel, method, options, request);
        } catch (StatusRuntimeException error) {
            throw CouponsException.from(error);
        }
    }

    <Q, A> ServerStream<A> serverStream(MethodDescriptor<Q, A> method, Q request) {
        StreamingCall<Q, A> call = stream(method);
        call.send(request);
        call.halfClose();
        return new ServerStream<>(call);
    }

    <Q, A> ClientStream<Q, A> clientStream(MethodDescriptor<Q, A> method) {
        return new ClientStream<>(stream(method));
    }

    <Q, A> BidiStream<Q, A> bidiStream(MethodDescriptor<Q, A> method) {
        return new BidiStream<>(stream(method));
    }

    private <Q, A> StreamingCall<Q, A> stream(MethodDescriptor<Q, A> method) {
        return new StreamingCall<>(
                ClientCalls.blockingBidiStreamingCall(channel, method, options));
    }
}
