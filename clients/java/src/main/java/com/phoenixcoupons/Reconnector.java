package com.phoenixcoupons;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes a lost connection anew, in time: gRPC's own pauses grow to two minutes, and an attempt of it
 * to connect may take half a minute, without an option for either.
 */
final class Reconnector {
    private static final double GROWTH = 1.6;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private final ManagedChannel connection;
    private final ScheduledExecutorService scheduler;
    private final long longestNanos;
    private final AtomicBoolean isWaiting = new AtomicBoolean();
    private volatile long pauseNanos;

    Reconnector(
            ManagedChannel connection, ScheduledExecutorService scheduler, Duration longestPause) {
        this.connection = connection;
        this.scheduler = scheduler;
        this.longestNanos = Attempts.nanos(longestPause);
        this.pauseNanos = firstPause();
    }

    private long firstPause() {
        return Math.min(FIRST_PAUSE.toNanos(), longestNanos);
    }

    /** Watches the connection until it is shut down. */
    void watch() {
        ConnectivityState state = connection.getState(false);
        switch (state) {
            case SHUTDOWN -> {
                return;
            }
            case READY -> pauseNanos = firstPause();
            case CONNECTING -> schedule(() -> startOver(ConnectivityState.CONNECTING), longestNanos);
            case TRANSIENT_FAILURE -> connectLater();
            case IDLE -> {
                // The next call connects.
            }
        }
        connection.notifyWhenStateChanged(state, this::watch);
    }

    private void connectLater() {
        if (isWaiting.compareAndSet(false, true)) {
            double jitter = ThreadLocalRandom.current().nextDouble(0.8, 1);
            schedule(this::connect, (long) (pauseNanos * jitter));
        }
    }

    private void connect() {
        isWaiting.set(false);
        if (connection.getState(false) != ConnectivityState.TRANSIENT_FAILURE) {
            return;
        }
        if (pauseNanos >= longestNanos) {
            startOver(ConnectivityState.TRANSIENT_FAILURE);
        } else {
            connection.resetConnectBackoff();
        }
        pauseNanos = Math.min((long) (pauseNanos * GROWTH), longestNanos);
        connectLater();
    }

    /** Drops an attempt that takes too long, and begins another. */
    private void startOver(ConnectivityState stuck) {
        if (connection.getState(false) == stuck) {
            connection.enterIdle();
            connection.getState(true);
        }
    }

    private void schedule(Runnable task, long nanos) {
        try {
            scheduler.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException clientIsClosed) {
            // Nothing is left to be done.
        }
    }
}
