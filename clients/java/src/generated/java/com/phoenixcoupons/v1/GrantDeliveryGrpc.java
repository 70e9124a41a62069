package com.phoenixcoupons.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The stream of a tenant's events, for backends that pull them: grants to deliver, coupons
 * issued and revoked, redemptions reversed, guessing suspected. Each event is in it once,
 * at a position that never changes; the events of one user are in order.
 * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
 * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
 * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
 * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
 * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class GrantDeliveryGrpc {

  private GrantDeliveryGrpc() {}

  public static final java.lang.String SERVICE_NAME = "phoenix_coupons.v1.GrantDelivery";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetGrantCursorRequest,
      com.phoenixcoupons.v1.GetGrantCursorResponse> getGetGrantCursorMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetGrantCursor",
      requestType = com.phoenixcoupons.v1.GetGrantCursorRequest.class,
      responseType = com.phoenixcoupons.v1.GetGrantCursorResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetGrantCursorRequest,
      com.phoenixcoupons.v1.GetGrantCursorResponse> getGetGrantCursorMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetGrantCursorRequest, com.phoenixcoupons.v1.GetGrantCursorResponse> getGetGrantCursorMethod;
    if ((getGetGrantCursorMethod = GrantDeliveryGrpc.getGetGrantCursorMethod) == null) {
      synchronized (GrantDeliveryGrpc.class) {
        if ((getGetGrantCursorMethod = GrantDeliveryGrpc.getGetGrantCursorMethod) == null) {
          GrantDeliveryGrpc.getGetGrantCursorMethod = getGetGrantCursorMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetGrantCursorRequest, com.phoenixcoupons.v1.GetGrantCursorResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetGrantCursor"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetGrantCursorRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetGrantCursorResponse.getDefaultInstance()))
              .setSchemaDescriptor(new GrantDeliveryMethodDescriptorSupplier("GetGrantCursor"))
              .build();
        }
      }
    }
    return getGetGrantCursorMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.WatchGrantsRequest,
      com.phoenixcoupons.v1.WatchGrantsResponse> getWatchGrantsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchGrants",
      requestType = com.phoenixcoupons.v1.WatchGrantsRequest.class,
      responseType = com.phoenixcoupons.v1.WatchGrantsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.WatchGrantsRequest,
      com.phoenixcoupons.v1.WatchGrantsResponse> getWatchGrantsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.WatchGrantsRequest, com.phoenixcoupons.v1.WatchGrantsResponse> getWatchGrantsMethod;
    if ((getWatchGrantsMethod = GrantDeliveryGrpc.getWatchGrantsMethod) == null) {
      synchronized (GrantDeliveryGrpc.class) {
        if ((getWatchGrantsMethod = GrantDeliveryGrpc.getWatchGrantsMethod) == null) {
          GrantDeliveryGrpc.getWatchGrantsMethod = getWatchGrantsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.WatchGrantsRequest, com.phoenixcoupons.v1.WatchGrantsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchGrants"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.WatchGrantsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.WatchGrantsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new GrantDeliveryMethodDescriptorSupplier("WatchGrants"))
              .build();
        }
      }
    }
    return getWatchGrantsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.PollGrantsRequest,
      com.phoenixcoupons.v1.PollGrantsResponse> getPollGrantsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PollGrants",
      requestType = com.phoenixcoupons.v1.PollGrantsRequest.class,
      responseType = com.phoenixcoupons.v1.PollGrantsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.PollGrantsRequest,
      com.phoenixcoupons.v1.PollGrantsResponse> getPollGrantsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.PollGrantsRequest, com.phoenixcoupons.v1.PollGrantsResponse> getPollGrantsMethod;
    if ((getPollGrantsMethod = GrantDeliveryGrpc.getPollGrantsMethod) == null) {
      synchronized (GrantDeliveryGrpc.class) {
        if ((getPollGrantsMethod = GrantDeliveryGrpc.getPollGrantsMethod) == null) {
          GrantDeliveryGrpc.getPollGrantsMethod = getPollGrantsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.PollGrantsRequest, com.phoenixcoupons.v1.PollGrantsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PollGrants"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.PollGrantsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.PollGrantsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new GrantDeliveryMethodDescriptorSupplier("PollGrants"))
              .build();
        }
      }
    }
    return getPollGrantsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.AcknowledgeGrantsRequest,
      com.phoenixcoupons.v1.AcknowledgeGrantsResponse> getAcknowledgeGrantsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AcknowledgeGrants",
      requestType = com.phoenixcoupons.v1.AcknowledgeGrantsRequest.class,
      responseType = com.phoenixcoupons.v1.AcknowledgeGrantsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.AcknowledgeGrantsRequest,
      com.phoenixcoupons.v1.AcknowledgeGrantsResponse> getAcknowledgeGrantsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.AcknowledgeGrantsRequest, com.phoenixcoupons.v1.AcknowledgeGrantsResponse> getAcknowledgeGrantsMethod;
    if ((getAcknowledgeGrantsMethod = GrantDeliveryGrpc.getAcknowledgeGrantsMethod) == null) {
      synchronized (GrantDeliveryGrpc.class) {
        if ((getAcknowledgeGrantsMethod = GrantDeliveryGrpc.getAcknowledgeGrantsMethod) == null) {
          GrantDeliveryGrpc.getAcknowledgeGrantsMethod = getAcknowledgeGrantsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.AcknowledgeGrantsRequest, com.phoenixcoupons.v1.AcknowledgeGrantsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AcknowledgeGrants"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.AcknowledgeGrantsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.AcknowledgeGrantsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new GrantDeliveryMethodDescriptorSupplier("AcknowledgeGrants"))
              .build();
        }
      }
    }
    return getAcknowledgeGrantsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static GrantDeliveryStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GrantDeliveryStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GrantDeliveryStub>() {
        @java.lang.Override
        public GrantDeliveryStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GrantDeliveryStub(channel, callOptions);
        }
      };
    return GrantDeliveryStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static GrantDeliveryBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GrantDeliveryBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GrantDeliveryBlockingV2Stub>() {
        @java.lang.Override
        public GrantDeliveryBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GrantDeliveryBlockingV2Stub(channel, callOptions);
        }
      };
    return GrantDeliveryBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static GrantDeliveryBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GrantDeliveryBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GrantDeliveryBlockingStub>() {
        @java.lang.Override
        public GrantDeliveryBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GrantDeliveryBlockingStub(channel, callOptions);
        }
      };
    return GrantDeliveryBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static GrantDeliveryFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<GrantDeliveryFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<GrantDeliveryFutureStub>() {
        @java.lang.Override
        public GrantDeliveryFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new GrantDeliveryFutureStub(channel, callOptions);
        }
      };
    return GrantDeliveryFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The stream of a tenant's events, for backends that pull them: grants to deliver, coupons
   * issued and revoked, redemptions reversed, guessing suspected. Each event is in it once,
   * at a position that never changes; the events of one user are in order.
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
     * Returns the tenant's cursor, and the end of the stream.
     * </pre>
     */
    default void getGrantCursor(com.phoenixcoupons.v1.GetGrantCursorRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetGrantCursorResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetGrantCursorMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends the events after a cursor, and goes on with new ones as they happen, until
     * the caller ends the call. A heartbeat comes at the beginning, and whenever there was
     * nothing to send for a while. The stream goes at the reader's pace (backpressure).
     * It ends with SERVICE_UNAVAILABLE when the server is stopped, and with
     * CREDENTIAL_INVALID when the credential ends; go on from the last cursor. Reading
     * moves nothing: see AcknowledgeGrants. Over gRPC alone; over REST see PollGrants.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream;
     * TOO_MANY_STREAMS.
     * </pre>
     */
    default void watchGrants(com.phoenixcoupons.v1.WatchGrantsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.WatchGrantsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchGrantsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the events after a cursor; where there are none, waits until there are, for
     * up to `wait` (a long poll). Call it again with the `cursor` of the answer, at once.
     * Reading moves nothing: see AcknowledgeGrants.
     * It counts as a stream while it lasts. It ends with SERVICE_UNAVAILABLE when the server
     * is stopped, and with CREDENTIAL_INVALID when the credential ends; go on from the last
     * cursor.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream;
     * TOO_MANY_STREAMS.
     * </pre>
     */
    default void pollGrants(com.phoenixcoupons.v1.PollGrantsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.PollGrantsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPollGrantsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Moves the tenant's cursor forward: every event up to it is processed. A cursor
     * before the tenant's own changes nothing. From the first call on, events are kept
     * until they are acknowledged.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream.
     * </pre>
     */
    default void acknowledgeGrants(com.phoenixcoupons.v1.AcknowledgeGrantsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.AcknowledgeGrantsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAcknowledgeGrantsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service GrantDelivery.
   * <pre>
   * The stream of a tenant's events, for backends that pull them: grants to deliver, coupons
   * issued and revoked, redemptions reversed, guessing suspected. Each event is in it once,
   * at a position that never changes; the events of one user are in order.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static abstract class GrantDeliveryImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return GrantDeliveryGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service GrantDelivery.
   * <pre>
   * The stream of a tenant's events, for backends that pull them: grants to deliver, coupons
   * issued and revoked, redemptions reversed, guessing suspected. Each event is in it once,
   * at a position that never changes; the events of one user are in order.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static final class GrantDeliveryStub
      extends io.grpc.stub.AbstractAsyncStub<GrantDeliveryStub> {
    private GrantDeliveryStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GrantDeliveryStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GrantDeliveryStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns the tenant's cursor, and the end of the stream.
     * </pre>
     */
    public void getGrantCursor(com.phoenixcoupons.v1.GetGrantCursorRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetGrantCursorResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetGrantCursorMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends the events after a cursor, and goes on with new ones as they happen, until
     * the caller ends the call. A heartbeat comes at the beginning, and whenever there was
     * nothing to send for a while. The stream goes at the reader's pace (backpressure).
     * It ends with SERVICE_UNAVAILABLE when the server is stopped, and with
     * CREDENTIAL_INVALID when the credential ends; go on from the last cursor. Reading
     * moves nothing: see AcknowledgeGrants. Over gRPC alone; over REST see PollGrants.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream;
     * TOO_MANY_STREAMS.
     * </pre>
     */
    public void watchGrants(com.phoenixcoupons.v1.WatchGrantsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.WatchGrantsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchGrantsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the events after a cursor; where there are none, waits until there are, for
     * up to `wait` (a long poll). Call it again with the `cursor` of the answer, at once.
     * Reading moves nothing: see AcknowledgeGrants.
     * It counts as a stream while it lasts. It ends with SERVICE_UNAVAILABLE when the server
     * is stopped, and with CREDENTIAL_INVALID when the credential ends; go on from the last
     * cursor.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream;
     * TOO_MANY_STREAMS.
     * </pre>
     */
    public void pollGrants(com.phoenixcoupons.v1.PollGrantsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.PollGrantsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPollGrantsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Moves the tenant's cursor forward: every event up to it is processed. A cursor
     * before the tenant's own changes nothing. From the first call on, events are kept
     * until they are acknowledged.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream.
     * </pre>
     */
    public void acknowledgeGrants(com.phoenixcoupons.v1.AcknowledgeGrantsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.AcknowledgeGrantsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAcknowledgeGrantsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service GrantDelivery.
   * <pre>
   * The stream of a tenant's events, for backends that pull them: grants to deliver, coupons
   * issued and revoked, redemptions reversed, guessing suspected. Each event is in it once,
   * at a position that never changes; the events of one user are in order.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static final class GrantDeliveryBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<GrantDeliveryBlockingV2Stub> {
    private GrantDeliveryBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GrantDeliveryBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GrantDeliveryBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns the tenant's cursor, and the end of the stream.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetGrantCursorResponse getGrantCursor(com.phoenixcoupons.v1.GetGrantCursorRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetGrantCursorMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends the events after a cursor, and goes on with new ones as they happen, until
     * the caller ends the call. A heartbeat comes at the beginning, and whenever there was
     * nothing to send for a while. The stream goes at the reader's pace (backpressure).
     * It ends with SERVICE_UNAVAILABLE when the server is stopped, and with
     * CREDENTIAL_INVALID when the credential ends; go on from the last cursor. Reading
     * moves nothing: see AcknowledgeGrants. Over gRPC alone; over REST see PollGrants.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream;
     * TOO_MANY_STREAMS.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.phoenixcoupons.v1.WatchGrantsResponse>
        watchGrants(com.phoenixcoupons.v1.WatchGrantsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchGrantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the events after a cursor; where there are none, waits until there are, for
     * up to `wait` (a long poll). Call it again with the `cursor` of the answer, at once.
     * Reading moves nothing: see AcknowledgeGrants.
     * It counts as a stream while it lasts. It ends with SERVICE_UNAVAILABLE when the server
     * is stopped, and with CREDENTIAL_INVALID when the credential ends; go on from the last
     * cursor.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream;
     * TOO_MANY_STREAMS.
     * </pre>
     */
    public com.phoenixcoupons.v1.PollGrantsResponse pollGrants(com.phoenixcoupons.v1.PollGrantsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPollGrantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Moves the tenant's cursor forward: every event up to it is processed. A cursor
     * before the tenant's own changes nothing. From the first call on, events are kept
     * until they are acknowledged.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream.
     * </pre>
     */
    public com.phoenixcoupons.v1.AcknowledgeGrantsResponse acknowledgeGrants(com.phoenixcoupons.v1.AcknowledgeGrantsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAcknowledgeGrantsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service GrantDelivery.
   * <pre>
   * The stream of a tenant's events, for backends that pull them: grants to deliver, coupons
   * issued and revoked, redemptions reversed, guessing suspected. Each event is in it once,
   * at a position that never changes; the events of one user are in order.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static final class GrantDeliveryBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<GrantDeliveryBlockingStub> {
    private GrantDeliveryBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GrantDeliveryBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GrantDeliveryBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns the tenant's cursor, and the end of the stream.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetGrantCursorResponse getGrantCursor(com.phoenixcoupons.v1.GetGrantCursorRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetGrantCursorMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends the events after a cursor, and goes on with new ones as they happen, until
     * the caller ends the call. A heartbeat comes at the beginning, and whenever there was
     * nothing to send for a while. The stream goes at the reader's pace (backpressure).
     * It ends with SERVICE_UNAVAILABLE when the server is stopped, and with
     * CREDENTIAL_INVALID when the credential ends; go on from the last cursor. Reading
     * moves nothing: see AcknowledgeGrants. Over gRPC alone; over REST see PollGrants.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream;
     * TOO_MANY_STREAMS.
     * </pre>
     */
    public java.util.Iterator<com.phoenixcoupons.v1.WatchGrantsResponse> watchGrants(
        com.phoenixcoupons.v1.WatchGrantsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchGrantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the events after a cursor; where there are none, waits until there are, for
     * up to `wait` (a long poll). Call it again with the `cursor` of the answer, at once.
     * Reading moves nothing: see AcknowledgeGrants.
     * It counts as a stream while it lasts. It ends with SERVICE_UNAVAILABLE when the server
     * is stopped, and with CREDENTIAL_INVALID when the credential ends; go on from the last
     * cursor.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream;
     * TOO_MANY_STREAMS.
     * </pre>
     */
    public com.phoenixcoupons.v1.PollGrantsResponse pollGrants(com.phoenixcoupons.v1.PollGrantsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPollGrantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Moves the tenant's cursor forward: every event up to it is processed. A cursor
     * before the tenant's own changes nothing. From the first call on, events are kept
     * until they are acknowledged.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream.
     * </pre>
     */
    public com.phoenixcoupons.v1.AcknowledgeGrantsResponse acknowledgeGrants(com.phoenixcoupons.v1.AcknowledgeGrantsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAcknowledgeGrantsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service GrantDelivery.
   * <pre>
   * The stream of a tenant's events, for backends that pull them: grants to deliver, coupons
   * issued and revoked, redemptions reversed, guessing suspected. Each event is in it once,
   * at a position that never changes; the events of one user are in order.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT).
   * </pre>
   */
  public static final class GrantDeliveryFutureStub
      extends io.grpc.stub.AbstractFutureStub<GrantDeliveryFutureStub> {
    private GrantDeliveryFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected GrantDeliveryFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new GrantDeliveryFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Returns the tenant's cursor, and the end of the stream.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetGrantCursorResponse> getGrantCursor(
        com.phoenixcoupons.v1.GetGrantCursorRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetGrantCursorMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the events after a cursor; where there are none, waits until there are, for
     * up to `wait` (a long poll). Call it again with the `cursor` of the answer, at once.
     * Reading moves nothing: see AcknowledgeGrants.
     * It counts as a stream while it lasts. It ends with SERVICE_UNAVAILABLE when the server
     * is stopped, and with CREDENTIAL_INVALID when the credential ends; go on from the last
     * cursor.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream;
     * TOO_MANY_STREAMS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.PollGrantsResponse> pollGrants(
        com.phoenixcoupons.v1.PollGrantsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPollGrantsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Moves the tenant's cursor forward: every event up to it is processed. A cursor
     * before the tenant's own changes nothing. From the first call on, events are kept
     * until they are acknowledged.
     * Errors: INVALID_FIELD for a cursor that is not of this tenant's stream.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.AcknowledgeGrantsResponse> acknowledgeGrants(
        com.phoenixcoupons.v1.AcknowledgeGrantsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAcknowledgeGrantsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_GRANT_CURSOR = 0;
  private static final int METHODID_WATCH_GRANTS = 1;
  private static final int METHODID_POLL_GRANTS = 2;
  private static final int METHODID_ACKNOWLEDGE_GRANTS = 3;

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
        case METHODID_GET_GRANT_CURSOR:
          serviceImpl.getGrantCursor((com.phoenixcoupons.v1.GetGrantCursorRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetGrantCursorResponse>) responseObserver);
          break;
        case METHODID_WATCH_GRANTS:
          serviceImpl.watchGrants((com.phoenixcoupons.v1.WatchGrantsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.WatchGrantsResponse>) responseObserver);
          break;
        case METHODID_POLL_GRANTS:
          serviceImpl.pollGrants((com.phoenixcoupons.v1.PollGrantsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.PollGrantsResponse>) responseObserver);
          break;
        case METHODID_ACKNOWLEDGE_GRANTS:
          serviceImpl.acknowledgeGrants((com.phoenixcoupons.v1.AcknowledgeGrantsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.AcknowledgeGrantsResponse>) responseObserver);
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
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getGetGrantCursorMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetGrantCursorRequest,
              com.phoenixcoupons.v1.GetGrantCursorResponse>(
                service, METHODID_GET_GRANT_CURSOR)))
        .addMethod(
          getWatchGrantsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.WatchGrantsRequest,
              com.phoenixcoupons.v1.WatchGrantsResponse>(
                service, METHODID_WATCH_GRANTS)))
        .addMethod(
          getPollGrantsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.PollGrantsRequest,
              com.phoenixcoupons.v1.PollGrantsResponse>(
                service, METHODID_POLL_GRANTS)))
        .addMethod(
          getAcknowledgeGrantsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.AcknowledgeGrantsRequest,
              com.phoenixcoupons.v1.AcknowledgeGrantsResponse>(
                service, METHODID_ACKNOWLEDGE_GRANTS)))
        .build();
  }

  private static abstract class GrantDeliveryBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    GrantDeliveryBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.phoenixcoupons.v1.GrantDeliveryOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("GrantDelivery");
    }
  }

  private static final class GrantDeliveryFileDescriptorSupplier
      extends GrantDeliveryBaseDescriptorSupplier {
    GrantDeliveryFileDescriptorSupplier() {}
  }

  private static final class GrantDeliveryMethodDescriptorSupplier
      extends GrantDeliveryBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    GrantDeliveryMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (GrantDeliveryGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new GrantDeliveryFileDescriptorSupplier())
              .addMethod(getGetGrantCursorMethod())
              .addMethod(getWatchGrantsMethod())
              .addMethod(getPollGrantsMethod())
              .addMethod(getAcknowledgeGrantsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
