package com.phoenixcoupons;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The answers of a call, for one thread. Close it, in a try statement: one that is left open and
 * not read to its end keeps its call.
 *
 * @param <A> an answer
 */
public final class ServerStream<A> implements Iterator<A>, AutoCloseable {
    private final StreamingCall<?, A> call;

    ServerStream(StreamingCall<?, A> call) {
        this.call = call;
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
