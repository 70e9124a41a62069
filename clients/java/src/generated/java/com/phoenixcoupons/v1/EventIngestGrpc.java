package com.phoenixcoupons.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * What a tenant's backends report of their users, so that these earn coupons.
 * Each active definition with an enabled trigger that an event meets issues exactly one
 * coupon per user and occurrence (run, completion, window; without one, once per user),
 * however events are repeated, reordered or sent at once. Events that meet no threshold
 * yet count as progress (see CouponQuery.ListUserProgress). Events that no active
 * definition watches are acknowledged and dropped; resuming a definition replays none.
 * An event that is acknowledged is durable. No request has a `request_id`: `event_id`
 * is the idempotency key, for at least 24 hours.
 * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
 * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
 * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
 * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
 * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class EventIngestGrpc {

  private EventIngestGrpc() {}

  public static final java.lang.String SERVICE_NAME = "phoenix_coupons.v1.EventIngest";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.SendEventRequest,
      com.phoenixcoupons.v1.SendEventResponse> getSendEventMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendEvent",
      requestType = com.phoenixcoupons.v1.SendEventRequest.class,
      responseType = com.phoenixcoupons.v1.SendEventResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.SendEventRequest,
      com.phoenixcoupons.v1.SendEventResponse> getSendEventMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.SendEventRequest, com.phoenixcoupons.v1.SendEventResponse> getSendEventMethod;
    if ((getSendEventMethod = EventIngestGrpc.getSendEventMethod) == null) {
      synchronized (EventIngestGrpc.class) {
        if ((getSendEventMethod = EventIngestGrpc.getSendEventMethod) == null) {
          EventIngestGrpc.getSendEventMethod = getSendEventMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.SendEventRequest, com.phoenixcoupons.v1.SendEventResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendEvent"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.SendEventRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.SendEventResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventIngestMethodDescriptorSupplier("SendEvent"))
              .build();
        }
      }
    }
    return getSendEventMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.SendEventsRequest,
      com.phoenixcoupons.v1.SendEventsResponse> getSendEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendEvents",
      requestType = com.phoenixcoupons.v1.SendEventsRequest.class,
      responseType = com.phoenixcoupons.v1.SendEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.SendEventsRequest,
      com.phoenixcoupons.v1.SendEventsResponse> getSendEventsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.SendEventsRequest, com.phoenixcoupons.v1.SendEventsResponse> getSendEventsMethod;
    if ((getSendEventsMethod = EventIngestGrpc.getSendEventsMethod) == null) {
      synchronized (EventIngestGrpc.class) {
        if ((getSendEventsMethod = EventIngestGrpc.getSendEventsMethod) == null) {
          EventIngestGrpc.getSendEventsMethod = getSendEventsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.SendEventsRequest, com.phoenixcoupons.v1.SendEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.SendEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.SendEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventIngestMethodDescriptorSupplier("SendEvents"))
              .build();
        }
      }
    }
    return getSendEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.StreamEventsRequest,
      com.phoenixcoupons.v1.StreamEventsResponse> getStreamEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StreamEvents",
      requestType = com.phoenixcoupons.v1.StreamEventsRequest.class,
      responseType = com.phoenixcoupons.v1.StreamEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.StreamEventsRequest,
      com.phoenixcoupons.v1.StreamEventsResponse> getStreamEventsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.StreamEventsRequest, com.phoenixcoupons.v1.StreamEventsResponse> getStreamEventsMethod;
    if ((getStreamEventsMethod = EventIngestGrpc.getStreamEventsMethod) == null) {
      synchronized (EventIngestGrpc.class) {
        if ((getStreamEventsMethod = EventIngestGrpc.getStreamEventsMethod) == null) {
          EventIngestGrpc.getStreamEventsMethod = getStreamEventsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.StreamEventsRequest, com.phoenixcoupons.v1.StreamEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StreamEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.StreamEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.StreamEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new EventIngestMethodDescriptorSupplier("StreamEvents"))
              .build();
        }
      }
    }
    return getStreamEventsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static EventIngestStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventIngestStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventIngestStub>() {
        @java.lang.Override
        public EventIngestStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventIngestStub(channel, callOptions);
        }
      };
    return EventIngestStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static EventIngestBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventIngestBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventIngestBlockingV2Stub>() {
        @java.lang.Override
        public EventIngestBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventIngestBlockingV2Stub(channel, callOptions);
        }
      };
    return EventIngestBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static EventIngestBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventIngestBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventIngestBlockingStub>() {
        @java.lang.Override
        public EventIngestBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventIngestBlockingStub(channel, callOptions);
        }
      };
    return EventIngestBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static EventIngestFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<EventIngestFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<EventIngestFutureStub>() {
        @java.lang.Override
        public EventIngestFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new EventIngestFutureStub(channel, callOptions);
        }
      };
    return EventIngestFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * What a tenant's backends report of their users, so that these earn coupons.
   * Each active definition with an enabled trigger that an event meets issues exactly one
   * coupon per user and occurrence (run, completion, window; without one, once per user),
   * however events are repeated, reordered or sent at once. Events that meet no threshold
   * yet count as progress (see CouponQuery.ListUserProgress). Events that no active
   * definition watches are acknowledged and dropped; resuming a definition replays none.
   * An event that is acknowledged is durable. No request has a `request_id`: `event_id`
   * is the idempotency key, for at least 24 hours.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Ingests one event, and returns what was issued for it.
     * </pre>
     */
    default void sendEvent(com.phoenixcoupons.v1.SendEventRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.SendEventResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendEventMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ingests up to 100 events, in their order. The call is not atomic: when it fails, some
     * of them may have been ingested, and all can be sent again. If one breaks a rule, the
     * call is refused before any is ingested.
     * </pre>
     */
    default void sendEvents(com.phoenixcoupons.v1.SendEventsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.SendEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ingests events for as long as the caller sends them, and acknowledges each, in their
     * order, once it is durable. At most 256 are in flight: the server reads no further before
     * it has acknowledged some (backpressure), and the caller's own flow control waits.
     * An event that breaks a rule is acknowledged as refused, and the stream goes on. Any
     * other failure ends the stream: events that were not acknowledged may have been
     * ingested, and have to be sent again. So does a server that is being stopped, with UNAVAILABLE, and
     * the end of the token, with CREDENTIAL_INVALID.
     * Errors: TOO_MANY_STREAMS.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StreamEventsRequest> streamEvents(
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StreamEventsResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getStreamEventsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service EventIngest.
   * <pre>
   * What a tenant's backends report of their users, so that these earn coupons.
   * Each active definition with an enabled trigger that an event meets issues exactly one
   * coupon per user and occurrence (run, completion, window; without one, once per user),
   * however events are repeated, reordered or sent at once. Events that meet no threshold
   * yet count as progress (see CouponQuery.ListUserProgress). Events that no active
   * definition watches are acknowledged and dropped; resuming a definition replays none.
   * An event that is acknowledged is durable. No request has a `request_id`: `event_id`
   * is the idempotency key, for at least 24 hours.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static abstract class EventIngestImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return EventIngestGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service EventIngest.
   * <pre>
   * What a tenant's backends report of their users, so that these earn coupons.
   * Each active definition with an enabled trigger that an event meets issues exactly one
   * coupon per user and occurrence (run, completion, window; without one, once per user),
   * however events are repeated, reordered or sent at once. Events that meet no threshold
   * yet count as progress (see CouponQuery.ListUserProgress). Events that no active
   * definition watches are acknowledged and dropped; resuming a definition replays none.
   * An event that is acknowledged is durable. No request has a `request_id`: `event_id`
   * is the idempotency key, for at least 24 hours.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static final class EventIngestStub
      extends io.grpc.stub.AbstractAsyncStub<EventIngestStub> {
    private EventIngestStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventIngestStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventIngestStub(channel, callOptions);
    }

    /**
     * <pre>
     * Ingests one event, and returns what was issued for it.
     * </pre>
     */
    public void sendEvent(com.phoenixcoupons.v1.SendEventRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.SendEventResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSendEventMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ingests up to 100 events, in their order. The call is not atomic: when it fails, some
     * of them may have been ingested, and all can be sent again. If one breaks a rule, the
     * call is refused before any is ingested.
     * </pre>
     */
    public void sendEvents(com.phoenixcoupons.v1.SendEventsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.SendEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSendEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ingests events for as long as the caller sends them, and acknowledges each, in their
     * order, once it is durable. At most 256 are in flight: the server reads no further before
     * it has acknowledged some (backpressure), and the caller's own flow control waits.
     * An event that breaks a rule is acknowledged as refused, and the stream goes on. Any
     * other failure ends the stream: events that were not acknowledged may have been
     * ingested, and have to be sent again. So does a server that is being stopped, with UNAVAILABLE, and
     * the end of the token, with CREDENTIAL_INVALID.
     * Errors: TOO_MANY_STREAMS.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StreamEventsRequest> streamEvents(
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StreamEventsResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getStreamEventsMethod(), getCallOptions()), responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service EventIngest.
   * <pre>
   * What a tenant's backends report of their users, so that these earn coupons.
   * Each active definition with an enabled trigger that an event meets issues exactly one
   * coupon per user and occurrence (run, completion, window; without one, once per user),
   * however events are repeated, reordered or sent at once. Events that meet no threshold
   * yet count as progress (see CouponQuery.ListUserProgress). Events that no active
   * definition watches are acknowledged and dropped; resuming a definition replays none.
   * An event that is acknowledged is durable. No request has a `request_id`: `event_id`
   * is the idempotency key, for at least 24 hours.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static final class EventIngestBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<EventIngestBlockingV2Stub> {
    private EventIngestBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventIngestBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventIngestBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Ingests one event, and returns what was issued for it.
     * </pre>
     */
    public com.phoenixcoupons.v1.SendEventResponse sendEvent(com.phoenixcoupons.v1.SendEventRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSendEventMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ingests up to 100 events, in their order. The call is not atomic: when it fails, some
     * of them may have been ingested, and all can be sent again. If one breaks a rule, the
     * call is refused before any is ingested.
     * </pre>
     */
    public com.phoenixcoupons.v1.SendEventsResponse sendEvents(com.phoenixcoupons.v1.SendEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSendEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ingests events for as long as the caller sends them, and acknowledges each, in their
     * order, once it is durable. At most 256 are in flight: the server reads no further before
     * it has acknowledged some (backpressure), and the caller's own flow control waits.
     * An event that breaks a rule is acknowledged as refused, and the stream goes on. Any
     * other failure ends the stream: events that were not acknowledged may have been
     * ingested, and have to be sent again. So does a server that is being stopped, with UNAVAILABLE, and
     * the end of the token, with CREDENTIAL_INVALID.
     * Errors: TOO_MANY_STREAMS.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<com.phoenixcoupons.v1.StreamEventsRequest, com.phoenixcoupons.v1.StreamEventsResponse>
        streamEvents() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getStreamEventsMethod(), getCallOptions());
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service EventIngest.
   * <pre>
   * What a tenant's backends report of their users, so that these earn coupons.
   * Each active definition with an enabled trigger that an event meets issues exactly one
   * coupon per user and occurrence (run, completion, window; without one, once per user),
   * however events are repeated, reordered or sent at once. Events that meet no threshold
   * yet count as progress (see CouponQuery.ListUserProgress). Events that no active
   * definition watches are acknowledged and dropped; resuming a definition replays none.
   * An event that is acknowledged is durable. No request has a `request_id`: `event_id`
   * is the idempotency key, for at least 24 hours.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static final class EventIngestBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<EventIngestBlockingStub> {
    private EventIngestBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventIngestBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventIngestBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Ingests one event, and returns what was issued for it.
     * </pre>
     */
    public com.phoenixcoupons.v1.SendEventResponse sendEvent(com.phoenixcoupons.v1.SendEventRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSendEventMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ingests up to 100 events, in their order. The call is not atomic: when it fails, some
     * of them may have been ingested, and all can be sent again. If one breaks a rule, the
     * call is refused before any is ingested.
     * </pre>
     */
    public com.phoenixcoupons.v1.SendEventsResponse sendEvents(com.phoenixcoupons.v1.SendEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSendEventsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service EventIngest.
   * <pre>
   * What a tenant's backends report of their users, so that these earn coupons.
   * Each active definition with an enabled trigger that an event meets issues exactly one
   * coupon per user and occurrence (run, completion, window; without one, once per user),
   * however events are repeated, reordered or sent at once. Events that meet no threshold
   * yet count as progress (see CouponQuery.ListUserProgress). Events that no active
   * definition watches are acknowledged and dropped; resuming a definition replays none.
   * An event that is acknowledged is durable. No request has a `request_id`: `event_id`
   * is the idempotency key, for at least 24 hours.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static final class EventIngestFutureStub
      extends io.grpc.stub.AbstractFutureStub<EventIngestFutureStub> {
    private EventIngestFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected EventIngestFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new EventIngestFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Ingests one event, and returns what was issued for it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.SendEventResponse> sendEvent(
        com.phoenixcoupons.v1.SendEventRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSendEventMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ingests up to 100 events, in their order. The call is not atomic: when it fails, some
     * of them may have been ingested, and all can be sent again. If one breaks a rule, the
     * call is refused before any is ingested.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.SendEventsResponse> sendEvents(
        com.phoenixcoupons.v1.SendEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSendEventsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_SEND_EVENT = 0;
  private static final int METHODID_SEND_EVENTS = 1;
  private static final int METHODID_STREAM_EVENTS = 2;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_SEND_EVENT:
          serviceImpl.sendEvent((com.phoenixcoupons.v1.SendEventRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.SendEventResponse>) responseObserver);
          break;
        case METHODID_SEND_EVENTS:
          serviceImpl.sendEvents((com.phoenixcoupons.v1.SendEventsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.SendEventsResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_STREAM_EVENTS:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.streamEvents(
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StreamEventsResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getSendEventMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.SendEventRequest,
              com.phoenixcoupons.v1.SendEventResponse>(
                service, METHODID_SEND_EVENT)))
        .addMethod(
          getSendEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.SendEventsRequest,
              com.phoenixcoupons.v1.SendEventsResponse>(
                service, METHODID_SEND_EVENTS)))
        .addMethod(
          getStreamEventsMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.StreamEventsRequest,
              com.phoenixcoupons.v1.StreamEventsResponse>(
                service, METHODID_STREAM_EVENTS)))
        .build();
  }

  private static abstract class EventIngestBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    EventIngestBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.phoenixcoupons.v1.EventIngestOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("EventIngest");
    }
  }

  private static final class EventIngestFileDescriptorSupplier
      extends EventIngestBaseDescriptorSupplier {
    EventIngestFileDescriptorSupplier() {}
  }

  private static final class EventIngestMethodDescriptorSupplier
      extends EventIngestBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    EventIngestMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (EventIngestGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new EventIngestFileDescriptorSupplier())
              .addMethod(getSendEventMethod())
              .addMethod(getSendEventsMethod())
              .addMethod(getStreamEventsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
