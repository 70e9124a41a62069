package com.phoenixcoupons;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.util.NoSuchElementException;

/** A call with a stream on either side, whose failures are {@link CouponsException}s. */
final class StreamingCall<Q, A> {
    private final BlockingClientCall<Q, A> call;
    private A next;

    StreamingCall(BlockingClientCall<Q, A> call) {
        this.call = call;
    }

    /** Returns false if the service has ended the call with success, and takes no more. */
    boolean send(Q request) {
        try {
            return call.write(request);
        } catch (StatusException error) {
            throw CouponsException.from(error);
        } catch (InterruptedException interrupted) {
            throw giveUp(interrupted);
        }
    }

    void halfClose() {
        call.halfClose();
    }

    /** Reads ahead: gRPC's own method of this name forgets an answer that came before a failure. */
    boolean hasNext() {
        if (next != null) {
            return true;
        }
        try {
            next = call.read();
        } catch (StatusException error) {
            throw CouponsException.from(error);
        } catch (InterruptedException interrupted) {
            throw giveUp(interrupted);
        }
        return next != null;
    }

    A next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the stream has ended");
        }
        A answer = next;
        next = null;
        return answer;
    }

    /** Waits for the one answer of a call that has no more, and for its end. */
    A only() {
        if (!hasNext()) {
            throw failure("the service did not answer");
        }
        A answer = next();
        if (hasNext()) {
            throw failure("the service answered more than once");
        }
        return answer;
    }

    /** Does nothing if the call has ended. */
    void cancel() {
        call.cancel("the stream was closed", null);
    }

    private CouponsException giveUp(InterruptedException interrupted) {
        call.cancel("interrupted", interrupted);
        Thread.currentThread().interrupt();
        return CouponsException.from(
                Status.CANCELLED
                        .withDescription("interrupted")
                        .withCause(interrupted)
                        .asException());
    }

    private static CouponsException failure(String description) {
        return CouponsException.from(Status.INTERNAL.withDescription(description).asException());
    }
}
