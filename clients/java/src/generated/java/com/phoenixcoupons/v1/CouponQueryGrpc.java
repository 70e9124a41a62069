package com.phoenixcoupons.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * What a tenant's own backends and apps do for their users: show coupons, check a
 * typed code, redeem it.
 * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
 * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
 * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
 * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
 * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Each RPC lists its other errors.
 * A tenant JWT with a `user_id` claim reaches that user's data alone.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CouponQueryGrpc {

  private CouponQueryGrpc() {}

  public static final java.lang.String SERVICE_NAME = "phoenix_coupons.v1.CouponQuery";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListActiveDefinitionsRequest,
      com.phoenixcoupons.v1.ListActiveDefinitionsResponse> getListActiveDefinitionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListActiveDefinitions",
      requestType = com.phoenixcoupons.v1.ListActiveDefinitionsRequest.class,
      responseType = com.phoenixcoupons.v1.ListActiveDefinitionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListActiveDefinitionsRequest,
      com.phoenixcoupons.v1.ListActiveDefinitionsResponse> getListActiveDefinitionsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListActiveDefinitionsRequest, com.phoenixcoupons.v1.ListActiveDefinitionsResponse> getListActiveDefinitionsMethod;
    if ((getListActiveDefinitionsMethod = CouponQueryGrpc.getListActiveDefinitionsMethod) == null) {
      synchronized (CouponQueryGrpc.class) {
        if ((getListActiveDefinitionsMethod = CouponQueryGrpc.getListActiveDefinitionsMethod) == null) {
          CouponQueryGrpc.getListActiveDefinitionsMethod = getListActiveDefinitionsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListActiveDefinitionsRequest, com.phoenixcoupons.v1.ListActiveDefinitionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListActiveDefinitions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListActiveDefinitionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListActiveDefinitionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponQueryMethodDescriptorSupplier("ListActiveDefinitions"))
              .build();
        }
      }
    }
    return getListActiveDefinitionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListUserCouponsRequest,
      com.phoenixcoupons.v1.ListUserCouponsResponse> getListUserCouponsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListUserCoupons",
      requestType = com.phoenixcoupons.v1.ListUserCouponsRequest.class,
      responseType = com.phoenixcoupons.v1.ListUserCouponsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListUserCouponsRequest,
      com.phoenixcoupons.v1.ListUserCouponsResponse> getListUserCouponsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListUserCouponsRequest, com.phoenixcoupons.v1.ListUserCouponsResponse> getListUserCouponsMethod;
    if ((getListUserCouponsMethod = CouponQueryGrpc.getListUserCouponsMethod) == null) {
      synchronized (CouponQueryGrpc.class) {
        if ((getListUserCouponsMethod = CouponQueryGrpc.getListUserCouponsMethod) == null) {
          CouponQueryGrpc.getListUserCouponsMethod = getListUserCouponsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListUserCouponsRequest, com.phoenixcoupons.v1.ListUserCouponsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListUserCoupons"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListUserCouponsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListUserCouponsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponQueryMethodDescriptorSupplier("ListUserCoupons"))
              .build();
        }
      }
    }
    return getListUserCouponsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ValidateCouponRequest,
      com.phoenixcoupons.v1.ValidateCouponResponse> getValidateCouponMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ValidateCoupon",
      requestType = com.phoenixcoupons.v1.ValidateCouponRequest.class,
      responseType = com.phoenixcoupons.v1.ValidateCouponResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ValidateCouponRequest,
      com.phoenixcoupons.v1.ValidateCouponResponse> getValidateCouponMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ValidateCouponRequest, com.phoenixcoupons.v1.ValidateCouponResponse> getValidateCouponMethod;
    if ((getValidateCouponMethod = CouponQueryGrpc.getValidateCouponMethod) == null) {
      synchronized (CouponQueryGrpc.class) {
        if ((getValidateCouponMethod = CouponQueryGrpc.getValidateCouponMethod) == null) {
          CouponQueryGrpc.getValidateCouponMethod = getValidateCouponMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ValidateCouponRequest, com.phoenixcoupons.v1.ValidateCouponResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ValidateCoupon"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ValidateCouponRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ValidateCouponResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponQueryMethodDescriptorSupplier("ValidateCoupon"))
              .build();
        }
      }
    }
    return getValidateCouponMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RedeemCouponRequest,
      com.phoenixcoupons.v1.RedeemCouponResponse> getRedeemCouponMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RedeemCoupon",
      requestType = com.phoenixcoupons.v1.RedeemCouponRequest.class,
      responseType = com.phoenixcoupons.v1.RedeemCouponResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RedeemCouponRequest,
      com.phoenixcoupons.v1.RedeemCouponResponse> getRedeemCouponMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RedeemCouponRequest, com.phoenixcoupons.v1.RedeemCouponResponse> getRedeemCouponMethod;
    if ((getRedeemCouponMethod = CouponQueryGrpc.getRedeemCouponMethod) == null) {
      synchronized (CouponQueryGrpc.class) {
        if ((getRedeemCouponMethod = CouponQueryGrpc.getRedeemCouponMethod) == null) {
          CouponQueryGrpc.getRedeemCouponMethod = getRedeemCouponMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.RedeemCouponRequest, com.phoenixcoupons.v1.RedeemCouponResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RedeemCoupon"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RedeemCouponRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RedeemCouponResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponQueryMethodDescriptorSupplier("RedeemCoupon"))
              .build();
        }
      }
    }
    return getRedeemCouponMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListUserRedemptionsRequest,
      com.phoenixcoupons.v1.ListUserRedemptionsResponse> getListUserRedemptionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListUserRedemptions",
      requestType = com.phoenixcoupons.v1.ListUserRedemptionsRequest.class,
      responseType = com.phoenixcoupons.v1.ListUserRedemptionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListUserRedemptionsRequest,
      com.phoenixcoupons.v1.ListUserRedemptionsResponse> getListUserRedemptionsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListUserRedemptionsRequest, com.phoenixcoupons.v1.ListUserRedemptionsResponse> getListUserRedemptionsMethod;
    if ((getListUserRedemptionsMethod = CouponQueryGrpc.getListUserRedemptionsMethod) == null) {
      synchronized (CouponQueryGrpc.class) {
        if ((getListUserRedemptionsMethod = CouponQueryGrpc.getListUserRedemptionsMethod) == null) {
          CouponQueryGrpc.getListUserRedemptionsMethod = getListUserRedemptionsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListUserRedemptionsRequest, com.phoenixcoupons.v1.ListUserRedemptionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListUserRedemptions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListUserRedemptionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListUserRedemptionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponQueryMethodDescriptorSupplier("ListUserRedemptions"))
              .build();
        }
      }
    }
    return getListUserRedemptionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListUserProgressRequest,
      com.phoenixcoupons.v1.ListUserProgressResponse> getListUserProgressMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListUserProgress",
      requestType = com.phoenixcoupons.v1.ListUserProgressRequest.class,
      responseType = com.phoenixcoupons.v1.ListUserProgressResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListUserProgressRequest,
      com.phoenixcoupons.v1.ListUserProgressResponse> getListUserProgressMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListUserProgressRequest, com.phoenixcoupons.v1.ListUserProgressResponse> getListUserProgressMethod;
    if ((getListUserProgressMethod = CouponQueryGrpc.getListUserProgressMethod) == null) {
      synchronized (CouponQueryGrpc.class) {
        if ((getListUserProgressMethod = CouponQueryGrpc.getListUserProgressMethod) == null) {
          CouponQueryGrpc.getListUserProgressMethod = getListUserProgressMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListUserProgressRequest, com.phoenixcoupons.v1.ListUserProgressResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListUserProgress"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListUserProgressRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListUserProgressResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponQueryMethodDescriptorSupplier("ListUserProgress"))
              .build();
        }
      }
    }
    return getListUserProgressMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CouponQueryStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponQueryStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponQueryStub>() {
        @java.lang.Override
        public CouponQueryStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponQueryStub(channel, callOptions);
        }
      };
    return CouponQueryStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CouponQueryBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponQueryBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponQueryBlockingV2Stub>() {
        @java.lang.Override
        public CouponQueryBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponQueryBlockingV2Stub(channel, callOptions);
        }
      };
    return CouponQueryBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CouponQueryBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponQueryBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponQueryBlockingStub>() {
        @java.lang.Override
        public CouponQueryBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponQueryBlockingStub(channel, callOptions);
        }
      };
    return CouponQueryBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CouponQueryFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponQueryFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponQueryFutureStub>() {
        @java.lang.Override
        public CouponQueryFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponQueryFutureStub(channel, callOptions);
        }
      };
    return CouponQueryFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * What a tenant's own backends and apps do for their users: show coupons, check a
   * typed code, redeem it.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Each RPC lists its other errors.
   * A tenant JWT with a `user_id` claim reaches that user's data alone.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the definitions of status active, newest first. A user-scoped token sees
     * them without codes and triggers.
     * </pre>
     */
    default void listActiveDefinitions(com.phoenixcoupons.v1.ListActiveDefinitionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListActiveDefinitionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListActiveDefinitionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists a user's coupons, newest first.
     * </pre>
     */
    default void listUserCoupons(com.phoenixcoupons.v1.ListUserCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListUserCouponsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListUserCouponsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns whether this user could redeem this code now. Changes no coupon; an unknown
     * code is an answer, not an error.
     * An answer COUPON_NOT_FOUND or COUPON_NOT_ASSIGNED is a failed attempt, which counts
     * towards the tenant's GuessPolicy.
     * Errors: TOO_MANY_ATTEMPTS, with a right code as with a wrong one, while the user, the
     * token or the network address is blocked.
     * </pre>
     */
    default void validateCoupon(com.phoenixcoupons.v1.ValidateCouponRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ValidateCouponResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getValidateCouponMethod(), responseObserver);
    }

    /**
     * <pre>
     * Uses a coupon once, records it in the ledger and queues the grant, atomically.
     * An answer is sent after the redemption is durable.
     * Errors, the first that holds: COUPON_NOT_FOUND, COUPON_NOT_ASSIGNED,
     * COUPON_UNAVAILABLE, COUPON_REVOKED, COUPON_ALREADY_REDEEMED,
     * COUPON_NOT_YET_ACTIVE, COUPON_EXPIRED, COUPON_LIMIT_REACHED; and
     * REQUEST_ID_REUSED. QUOTA_EXCEEDED comes after all of these. The first two are failed attempts, which count towards the tenant's
     * GuessPolicy. Before all of them TOO_MANY_ATTEMPTS, with a right code as with a wrong
     * one, while the user, the token or the network address is blocked; a retry with the
     * same `request_id` gets its answer afterwards. An HMAC-signed call has one effect
     * however often its bytes are replayed.
     * </pre>
     */
    default void redeemCoupon(com.phoenixcoupons.v1.RedeemCouponRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RedeemCouponResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRedeemCouponMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists a user's redemptions, newest first. A reversed one has `reversed_at`.
     * </pre>
     */
    default void listUserRedemptions(com.phoenixcoupons.v1.ListUserRedemptionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListUserRedemptionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListUserRedemptionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists how far a user is towards the coupons that can be earned: every definition of
     * status active with an enabled trigger, newest first. Of the user's occurrences (runs,
     * completions, windows) it returns the current one, which is that of the latest event.
     * A user-scoped token does not see `target` and `occurrence`.
     * </pre>
     */
    default void listUserProgress(com.phoenixcoupons.v1.ListUserProgressRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListUserProgressResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListUserProgressMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CouponQuery.
   * <pre>
   * What a tenant's own backends and apps do for their users: show coupons, check a
   * typed code, redeem it.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Each RPC lists its other errors.
   * A tenant JWT with a `user_id` claim reaches that user's data alone.
   * </pre>
   */
  public static abstract class CouponQueryImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CouponQueryGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CouponQuery.
   * <pre>
   * What a tenant's own backends and apps do for their users: show coupons, check a
   * typed code, redeem it.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Each RPC lists its other errors.
   * A tenant JWT with a `user_id` claim reaches that user's data alone.
   * </pre>
   */
  public static final class CouponQueryStub
      extends io.grpc.stub.AbstractAsyncStub<CouponQueryStub> {
    private CouponQueryStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponQueryStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponQueryStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the definitions of status active, newest first. A user-scoped token sees
     * them without codes and triggers.
     * </pre>
     */
    public void listActiveDefinitions(com.phoenixcoupons.v1.ListActiveDefinitionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListActiveDefinitionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListActiveDefinitionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists a user's coupons, newest first.
     * </pre>
     */
    public void listUserCoupons(com.phoenixcoupons.v1.ListUserCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListUserCouponsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListUserCouponsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns whether this user could redeem this code now. Changes no coupon; an unknown
     * code is an answer, not an error.
     * An answer COUPON_NOT_FOUND or COUPON_NOT_ASSIGNED is a failed attempt, which counts
     * towards the tenant's GuessPolicy.
     * Errors: TOO_MANY_ATTEMPTS, with a right code as with a wrong one, while the user, the
     * token or the network address is blocked.
     * </pre>
     */
    public void validateCoupon(com.phoenixcoupons.v1.ValidateCouponRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ValidateCouponResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getValidateCouponMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Uses a coupon once, records it in the ledger and queues the grant, atomically.
     * An answer is sent after the redemption is durable.
     * Errors, the first that holds: COUPON_NOT_FOUND, COUPON_NOT_ASSIGNED,
     * COUPON_UNAVAILABLE, COUPON_REVOKED, COUPON_ALREADY_REDEEMED,
     * COUPON_NOT_YET_ACTIVE, COUPON_EXPIRED, COUPON_LIMIT_REACHED; and
     * REQUEST_ID_REUSED. QUOTA_EXCEEDED comes after all of these. The first two are failed attempts, which count towards the tenant's
     * GuessPolicy. Before all of them TOO_MANY_ATTEMPTS, with a right code as with a wrong
     * one, while the user, the token or the network address is blocked; a retry with the
     * same `request_id` gets its answer afterwards. An HMAC-signed call has one effect
     * however often its bytes are replayed.
     * </pre>
     */
    public void redeemCoupon(com.phoenixcoupons.v1.RedeemCouponRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RedeemCouponResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRedeemCouponMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists a user's redemptions, newest first. A reversed one has `reversed_at`.
     * </pre>
     */
    public void listUserRedemptions(com.phoenixcoupons.v1.ListUserRedemptionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListUserRedemptionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListUserRedemptionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists how far a user is towards the coupons that can be earned: every definition of
     * status active with an enabled trigger, newest first. Of the user's occurrences (runs,
     * completions, windows) it returns the current one, which is that of the latest event.
     * A user-scoped token does not see `target` and `occurrence`.
     * </pre>
     */
    public void listUserProgress(com.phoenixcoupons.v1.ListUserProgressRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListUserProgressResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListUserProgressMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CouponQuery.
   * <pre>
   * What a tenant's own backends and apps do for their users: show coupons, check a
   * typed code, redeem it.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Each RPC lists its other errors.
   * A tenant JWT with a `user_id` claim reaches that user's data alone.
   * </pre>
   */
  public static final class CouponQueryBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CouponQueryBlockingV2Stub> {
    private CouponQueryBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponQueryBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponQueryBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the definitions of status active, newest first. A user-scoped token sees
     * them without codes and triggers.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListActiveDefinitionsResponse listActiveDefinitions(com.phoenixcoupons.v1.ListActiveDefinitionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListActiveDefinitionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists a user's coupons, newest first.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListUserCouponsResponse listUserCoupons(com.phoenixcoupons.v1.ListUserCouponsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListUserCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns whether this user could redeem this code now. Changes no coupon; an unknown
     * code is an answer, not an error.
     * An answer COUPON_NOT_FOUND or COUPON_NOT_ASSIGNED is a failed attempt, which counts
     * towards the tenant's GuessPolicy.
     * Errors: TOO_MANY_ATTEMPTS, with a right code as with a wrong one, while the user, the
     * token or the network address is blocked.
     * </pre>
     */
    public com.phoenixcoupons.v1.ValidateCouponResponse validateCoupon(com.phoenixcoupons.v1.ValidateCouponRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getValidateCouponMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Uses a coupon once, records it in the ledger and queues the grant, atomically.
     * An answer is sent after the redemption is durable.
     * Errors, the first that holds: COUPON_NOT_FOUND, COUPON_NOT_ASSIGNED,
     * COUPON_UNAVAILABLE, COUPON_REVOKED, COUPON_ALREADY_REDEEMED,
     * COUPON_NOT_YET_ACTIVE, COUPON_EXPIRED, COUPON_LIMIT_REACHED; and
     * REQUEST_ID_REUSED. QUOTA_EXCEEDED comes after all of these. The first two are failed attempts, which count towards the tenant's
     * GuessPolicy. Before all of them TOO_MANY_ATTEMPTS, with a right code as with a wrong
     * one, while the user, the token or the network address is blocked; a retry with the
     * same `request_id` gets its answer afterwards. An HMAC-signed call has one effect
     * however often its bytes are replayed.
     * </pre>
     */
    public com.phoenixcoupons.v1.RedeemCouponResponse redeemCoupon(com.phoenixcoupons.v1.RedeemCouponRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRedeemCouponMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists a user's redemptions, newest first. A reversed one has `reversed_at`.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListUserRedemptionsResponse listUserRedemptions(com.phoenixcoupons.v1.ListUserRedemptionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListUserRedemptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists how far a user is towards the coupons that can be earned: every definition of
     * status active with an enabled trigger, newest first. Of the user's occurrences (runs,
     * completions, windows) it returns the current one, which is that of the latest event.
     * A user-scoped token does not see `target` and `occurrence`.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListUserProgressResponse listUserProgress(com.phoenixcoupons.v1.ListUserProgressRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListUserProgressMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CouponQuery.
   * <pre>
   * What a tenant's own backends and apps do for their users: show coupons, check a
   * typed code, redeem it.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Each RPC lists its other errors.
   * A tenant JWT with a `user_id` claim reaches that user's data alone.
   * </pre>
   */
  public static final class CouponQueryBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CouponQueryBlockingStub> {
    private CouponQueryBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponQueryBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponQueryBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the definitions of status active, newest first. A user-scoped token sees
     * them without codes and triggers.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListActiveDefinitionsResponse listActiveDefinitions(com.phoenixcoupons.v1.ListActiveDefinitionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListActiveDefinitionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists a user's coupons, newest first.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListUserCouponsResponse listUserCoupons(com.phoenixcoupons.v1.ListUserCouponsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListUserCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns whether this user could redeem this code now. Changes no coupon; an unknown
     * code is an answer, not an error.
     * An answer COUPON_NOT_FOUND or COUPON_NOT_ASSIGNED is a failed attempt, which counts
     * towards the tenant's GuessPolicy.
     * Errors: TOO_MANY_ATTEMPTS, with a right code as with a wrong one, while the user, the
     * token or the network address is blocked.
     * </pre>
     */
    public com.phoenixcoupons.v1.ValidateCouponResponse validateCoupon(com.phoenixcoupons.v1.ValidateCouponRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getValidateCouponMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Uses a coupon once, records it in the ledger and queues the grant, atomically.
     * An answer is sent after the redemption is durable.
     * Errors, the first that holds: COUPON_NOT_FOUND, COUPON_NOT_ASSIGNED,
     * COUPON_UNAVAILABLE, COUPON_REVOKED, COUPON_ALREADY_REDEEMED,
     * COUPON_NOT_YET_ACTIVE, COUPON_EXPIRED, COUPON_LIMIT_REACHED; and
     * REQUEST_ID_REUSED. QUOTA_EXCEEDED comes after all of these. The first two are failed attempts, which count towards the tenant's
     * GuessPolicy. Before all of them TOO_MANY_ATTEMPTS, with a right code as with a wrong
     * one, while the user, the token or the network address is blocked; a retry with the
     * same `request_id` gets its answer afterwards. An HMAC-signed call has one effect
     * however often its bytes are replayed.
     * </pre>
     */
    public com.phoenixcoupons.v1.RedeemCouponResponse redeemCoupon(com.phoenixcoupons.v1.RedeemCouponRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRedeemCouponMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists a user's redemptions, newest first. A reversed one has `reversed_at`.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListUserRedemptionsResponse listUserRedemptions(com.phoenixcoupons.v1.ListUserRedemptionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListUserRedemptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists how far a user is towards the coupons that can be earned: every definition of
     * status active with an enabled trigger, newest first. Of the user's occurrences (runs,
     * completions, windows) it returns the current one, which is that of the latest event.
     * A user-scoped token does not see `target` and `occurrence`.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListUserProgressResponse listUserProgress(com.phoenixcoupons.v1.ListUserProgressRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListUserProgressMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CouponQuery.
   * <pre>
   * What a tenant's own backends and apps do for their users: show coupons, check a
   * typed code, redeem it.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Each RPC lists its other errors.
   * A tenant JWT with a `user_id` claim reaches that user's data alone.
   * </pre>
   */
  public static final class CouponQueryFutureStub
      extends io.grpc.stub.AbstractFutureStub<CouponQueryFutureStub> {
    private CouponQueryFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponQueryFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponQueryFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the definitions of status active, newest first. A user-scoped token sees
     * them without codes and triggers.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListActiveDefinitionsResponse> listActiveDefinitions(
        com.phoenixcoupons.v1.ListActiveDefinitionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListActiveDefinitionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists a user's coupons, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListUserCouponsResponse> listUserCoupons(
        com.phoenixcoupons.v1.ListUserCouponsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListUserCouponsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns whether this user could redeem this code now. Changes no coupon; an unknown
     * code is an answer, not an error.
     * An answer COUPON_NOT_FOUND or COUPON_NOT_ASSIGNED is a failed attempt, which counts
     * towards the tenant's GuessPolicy.
     * Errors: TOO_MANY_ATTEMPTS, with a right code as with a wrong one, while the user, the
     * token or the network address is blocked.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ValidateCouponResponse> validateCoupon(
        com.phoenixcoupons.v1.ValidateCouponRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getValidateCouponMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Uses a coupon once, records it in the ledger and queues the grant, atomically.
     * An answer is sent after the redemption is durable.
     * Errors, the first that holds: COUPON_NOT_FOUND, COUPON_NOT_ASSIGNED,
     * COUPON_UNAVAILABLE, COUPON_REVOKED, COUPON_ALREADY_REDEEMED,
     * COUPON_NOT_YET_ACTIVE, COUPON_EXPIRED, COUPON_LIMIT_REACHED; and
     * REQUEST_ID_REUSED. QUOTA_EXCEEDED comes after all of these. The first two are failed attempts, which count towards the tenant's
     * GuessPolicy. Before all of them TOO_MANY_ATTEMPTS, with a right code as with a wrong
     * one, while the user, the token or the network address is blocked; a retry with the
     * same `request_id` gets its answer afterwards. An HMAC-signed call has one effect
     * however often its bytes are replayed.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RedeemCouponResponse> redeemCoupon(
        com.phoenixcoupons.v1.RedeemCouponRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRedeemCouponMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists a user's redemptions, newest first. A reversed one has `reversed_at`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListUserRedemptionsResponse> listUserRedemptions(
        com.phoenixcoupons.v1.ListUserRedemptionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListUserRedemptionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists how far a user is towards the coupons that can be earned: every definition of
     * status active with an enabled trigger, newest first. Of the user's occurrences (runs,
     * completions, windows) it returns the current one, which is that of the latest event.
     * A user-scoped token does not see `target` and `occurrence`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListUserProgressResponse> listUserProgress(
        com.phoenixcoupons.v1.ListUserProgressRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListUserProgressMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_ACTIVE_DEFINITIONS = 0;
  private static final int METHODID_LIST_USER_COUPONS = 1;
  private static final int METHODID_VALIDATE_COUPON = 2;
  private static final int METHODID_REDEEM_COUPON = 3;
  private static final int METHODID_LIST_USER_REDEMPTIONS = 4;
  private static final int METHODID_LIST_USER_PROGRESS = 5;

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
        case METHODID_LIST_ACTIVE_DEFINITIONS:
          serviceImpl.listActiveDefinitions((com.phoenixcoupons.v1.ListActiveDefinitionsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListActiveDefinitionsResponse>) responseObserver);
          break;
        case METHODID_LIST_USER_COUPONS:
          serviceImpl.listUserCoupons((com.phoenixcoupons.v1.ListUserCouponsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListUserCouponsResponse>) responseObserver);
          break;
        case METHODID_VALIDATE_COUPON:
          serviceImpl.validateCoupon((com.phoenixcoupons.v1.ValidateCouponRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ValidateCouponResponse>) responseObserver);
          break;
        case METHODID_REDEEM_COUPON:
          serviceImpl.redeemCoupon((com.phoenixcoupons.v1.RedeemCouponRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RedeemCouponResponse>) responseObserver);
          break;
        case METHODID_LIST_USER_REDEMPTIONS:
          serviceImpl.listUserRedemptions((com.phoenixcoupons.v1.ListUserRedemptionsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListUserRedemptionsResponse>) responseObserver);
          break;
        case METHODID_LIST_USER_PROGRESS:
          serviceImpl.listUserProgress((com.phoenixcoupons.v1.ListUserProgressRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListUserProgressResponse>) responseObserver);
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
          getListActiveDefinitionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListActiveDefinitionsRequest,
              com.phoenixcoupons.v1.ListActiveDefinitionsResponse>(
                service, METHODID_LIST_ACTIVE_DEFINITIONS)))
        .addMethod(
          getListUserCouponsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListUserCouponsRequest,
              com.phoenixcoupons.v1.ListUserCouponsResponse>(
                service, METHODID_LIST_USER_COUPONS)))
        .addMethod(
          getValidateCouponMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ValidateCouponRequest,
              com.phoenixcoupons.v1.ValidateCouponResponse>(
                service, METHODID_VALIDATE_COUPON)))
        .addMethod(
          getRedeemCouponMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.RedeemCouponRequest,
              com.phoenixcoupons.v1.RedeemCouponResponse>(
                service, METHODID_REDEEM_COUPON)))
        .addMethod(
          getListUserRedemptionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListUserRedemptionsRequest,
              com.phoenixcoupons.v1.ListUserRedemptionsResponse>(
                service, METHODID_LIST_USER_REDEMPTIONS)))
        .addMethod(
          getListUserProgressMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListUserProgressRequest,
              com.phoenixcoupons.v1.ListUserProgressResponse>(
                service, METHODID_LIST_USER_PROGRESS)))
        .build();
  }

  private static abstract class CouponQueryBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CouponQueryBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.phoenixcoupons.v1.CouponQueryOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CouponQuery");
    }
  }

  private static final class CouponQueryFileDescriptorSupplier
      extends CouponQueryBaseDescriptorSupplier {
    CouponQueryFileDescriptorSupplier() {}
  }

  private static final class CouponQueryMethodDescriptorSupplier
      extends CouponQueryBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CouponQueryMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CouponQueryGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CouponQueryFileDescriptorSupplier())
              .addMethod(getListActiveDefinitionsMethod())
              .addMethod(getListUserCouponsMethod())
              .addMethod(getValidateCouponMethod())
              .addMethod(getRedeemCouponMethod())
              .addMethod(getListUserRedemptionsMethod())
              .addMethod(getListUserProgressMethod())
              .build();
        }
      }
    }
    return result;
  }
}
