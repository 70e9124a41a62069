package com.phoenixcoupons;

/**
 * A call of many requests and one answer, for one thread. Close it, in a try statement: one that
 * is not finished is cancelled by that.
 *
 * @param <Q> a request
 * @param <A> the answer
 */
public final class ClientStream<Q, A> implements AutoCloseable {
    private final StreamingCall<Q, A> call;

    ClientStream(StreamingCall<Q, A> call) {
        this.call = call;
    }

    /**
     * Sends a request; waits while the service is slow to take it. Does nothing if the service has
     * answered already.
     *
     * @throws CouponsException if the call has failed
     */
    public void send(Q request) {
        call.send(request);
    }

    /**
     * Says that there are no more requests, and waits for the answer.
     *
     * @throws CouponsException if the call fails
     */
    public A finish() {
        call.halfClose();
        return call.only();
    }

    /** Cancels the call, unless it has ended. */
    @Override
    public void close() {
        call.cancel();
    }
}
