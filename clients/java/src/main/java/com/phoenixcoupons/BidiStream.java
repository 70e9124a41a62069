package com.phoenixcoupons;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A call of many requests and many answers. One thread may send while another one reads; a thread
 * that sends much and does not read waits forever, because the service waits for its answers to be
 * read. Close it, in a try statement: one that is left open and not read to its end keeps its
 * call.
 *
 * @param <Q> a request
 * @param <A> an answer
 */
public final class BidiStream<Q, A> implements Iterator<A>, AutoCloseable {
    private final StreamingCall<Q, A> call;

    BidiStream(StreamingCall<Q, A> call) {
        this.call = call;
    }

    /**
     * Sends a request; waits while the service is slow to take it.
     *
     * @return false if the service has ended the call with success, and takes no more
     * @throws CouponsException if the call has failed
     */
    public boolean send(Q request) {
        return call.send(request);
    }

    /** Says that there are no more requests; answers go on. */
    public void halfClose() {
        call.halfClose();
    }

    /**
     * Waits for the next answer, or the end.
     *
     * @throws CouponsException if the call fails
     */
    @Override
    public boolean hasNext() {
        return call.hasNext();
    }

    /**
     * Waits for the next answer.
     *
     * @throws CouponsException if the call fails
     * @throws NoSuchElementException if there are no more
     */
    @Override
    public A next() {
        return call.next();
    }

    /** Cancels the call, unless it has ended. */
    @Override
    public void close() {
        call.cancel();
    }
}
