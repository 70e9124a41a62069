package com.phoenixcoupons.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * A tenant's own credentials: API keys and the tenant secret. A revocation or
 * rotation takes effect on every server within a second.
 * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
 * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
 * (CREDENTIAL_NOT_ALLOWED), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL
 * (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class TenantAdminGrpc {

  private TenantAdminGrpc() {}

  public static final java.lang.String SERVICE_NAME = "phoenix_coupons.v1.TenantAdmin";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListApiKeysRequest,
      com.phoenixcoupons.v1.ListApiKeysResponse> getListApiKeysMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListApiKeys",
      requestType = com.phoenixcoupons.v1.ListApiKeysRequest.class,
      responseType = com.phoenixcoupons.v1.ListApiKeysResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListApiKeysRequest,
      com.phoenixcoupons.v1.ListApiKeysResponse> getListApiKeysMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListApiKeysRequest, com.phoenixcoupons.v1.ListApiKeysResponse> getListApiKeysMethod;
    if ((getListApiKeysMethod = TenantAdminGrpc.getListApiKeysMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getListApiKeysMethod = TenantAdminGrpc.getListApiKeysMethod) == null) {
          TenantAdminGrpc.getListApiKeysMethod = getListApiKeysMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListApiKeysRequest, com.phoenixcoupons.v1.ListApiKeysResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListApiKeys"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListApiKeysRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListApiKeysResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("ListApiKeys"))
              .build();
        }
      }
    }
    return getListApiKeysMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateApiKeyRequest,
      com.phoenixcoupons.v1.CreateApiKeyResponse> getCreateApiKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateApiKey",
      requestType = com.phoenixcoupons.v1.CreateApiKeyRequest.class,
      responseType = com.phoenixcoupons.v1.CreateApiKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateApiKeyRequest,
      com.phoenixcoupons.v1.CreateApiKeyResponse> getCreateApiKeyMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateApiKeyRequest, com.phoenixcoupons.v1.CreateApiKeyResponse> getCreateApiKeyMethod;
    if ((getCreateApiKeyMethod = TenantAdminGrpc.getCreateApiKeyMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getCreateApiKeyMethod = TenantAdminGrpc.getCreateApiKeyMethod) == null) {
          TenantAdminGrpc.getCreateApiKeyMethod = getCreateApiKeyMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.CreateApiKeyRequest, com.phoenixcoupons.v1.CreateApiKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateApiKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CreateApiKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CreateApiKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("CreateApiKey"))
              .build();
        }
      }
    }
    return getCreateApiKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeApiKeyRequest,
      com.phoenixcoupons.v1.RevokeApiKeyResponse> getRevokeApiKeyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeApiKey",
      requestType = com.phoenixcoupons.v1.RevokeApiKeyRequest.class,
      responseType = com.phoenixcoupons.v1.RevokeApiKeyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeApiKeyRequest,
      com.phoenixcoupons.v1.RevokeApiKeyResponse> getRevokeApiKeyMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeApiKeyRequest, com.phoenixcoupons.v1.RevokeApiKeyResponse> getRevokeApiKeyMethod;
    if ((getRevokeApiKeyMethod = TenantAdminGrpc.getRevokeApiKeyMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getRevokeApiKeyMethod = TenantAdminGrpc.getRevokeApiKeyMethod) == null) {
          TenantAdminGrpc.getRevokeApiKeyMethod = getRevokeApiKeyMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.RevokeApiKeyRequest, com.phoenixcoupons.v1.RevokeApiKeyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeApiKey"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RevokeApiKeyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RevokeApiKeyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("RevokeApiKey"))
              .build();
        }
      }
    }
    return getRevokeApiKeyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListTenantSecretsRequest,
      com.phoenixcoupons.v1.ListTenantSecretsResponse> getListTenantSecretsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListTenantSecrets",
      requestType = com.phoenixcoupons.v1.ListTenantSecretsRequest.class,
      responseType = com.phoenixcoupons.v1.ListTenantSecretsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListTenantSecretsRequest,
      com.phoenixcoupons.v1.ListTenantSecretsResponse> getListTenantSecretsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListTenantSecretsRequest, com.phoenixcoupons.v1.ListTenantSecretsResponse> getListTenantSecretsMethod;
    if ((getListTenantSecretsMethod = TenantAdminGrpc.getListTenantSecretsMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getListTenantSecretsMethod = TenantAdminGrpc.getListTenantSecretsMethod) == null) {
          TenantAdminGrpc.getListTenantSecretsMethod = getListTenantSecretsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListTenantSecretsRequest, com.phoenixcoupons.v1.ListTenantSecretsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListTenantSecrets"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListTenantSecretsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListTenantSecretsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("ListTenantSecrets"))
              .build();
        }
      }
    }
    return getListTenantSecretsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RotateTenantSecretRequest,
      com.phoenixcoupons.v1.RotateTenantSecretResponse> getRotateTenantSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RotateTenantSecret",
      requestType = com.phoenixcoupons.v1.RotateTenantSecretRequest.class,
      responseType = com.phoenixcoupons.v1.RotateTenantSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RotateTenantSecretRequest,
      com.phoenixcoupons.v1.RotateTenantSecretResponse> getRotateTenantSecretMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RotateTenantSecretRequest, com.phoenixcoupons.v1.RotateTenantSecretResponse> getRotateTenantSecretMethod;
    if ((getRotateTenantSecretMethod = TenantAdminGrpc.getRotateTenantSecretMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getRotateTenantSecretMethod = TenantAdminGrpc.getRotateTenantSecretMethod) == null) {
          TenantAdminGrpc.getRotateTenantSecretMethod = getRotateTenantSecretMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.RotateTenantSecretRequest, com.phoenixcoupons.v1.RotateTenantSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RotateTenantSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RotateTenantSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RotateTenantSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("RotateTenantSecret"))
              .build();
        }
      }
    }
    return getRotateTenantSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeTenantSecretRequest,
      com.phoenixcoupons.v1.RevokeTenantSecretResponse> getRevokeTenantSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeTenantSecret",
      requestType = com.phoenixcoupons.v1.RevokeTenantSecretRequest.class,
      responseType = com.phoenixcoupons.v1.RevokeTenantSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeTenantSecretRequest,
      com.phoenixcoupons.v1.RevokeTenantSecretResponse> getRevokeTenantSecretMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeTenantSecretRequest, com.phoenixcoupons.v1.RevokeTenantSecretResponse> getRevokeTenantSecretMethod;
    if ((getRevokeTenantSecretMethod = TenantAdminGrpc.getRevokeTenantSecretMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getRevokeTenantSecretMethod = TenantAdminGrpc.getRevokeTenantSecretMethod) == null) {
          TenantAdminGrpc.getRevokeTenantSecretMethod = getRevokeTenantSecretMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.RevokeTenantSecretRequest, com.phoenixcoupons.v1.RevokeTenantSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeTenantSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RevokeTenantSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RevokeTenantSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("RevokeTenantSecret"))
              .build();
        }
      }
    }
    return getRevokeTenantSecretMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static TenantAdminStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TenantAdminStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TenantAdminStub>() {
        @java.lang.Override
        public TenantAdminStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TenantAdminStub(channel, callOptions);
        }
      };
    return TenantAdminStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static TenantAdminBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TenantAdminBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TenantAdminBlockingV2Stub>() {
        @java.lang.Override
        public TenantAdminBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TenantAdminBlockingV2Stub(channel, callOptions);
        }
      };
    return TenantAdminBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static TenantAdminBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TenantAdminBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TenantAdminBlockingStub>() {
        @java.lang.Override
        public TenantAdminBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TenantAdminBlockingStub(channel, callOptions);
        }
      };
    return TenantAdminBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static TenantAdminFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<TenantAdminFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<TenantAdminFutureStub>() {
        @java.lang.Override
        public TenantAdminFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new TenantAdminFutureStub(channel, callOptions);
        }
      };
    return TenantAdminFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * A tenant's own credentials: API keys and the tenant secret. A revocation or
   * rotation takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL
   * (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the API keys, newest first, revoked and expired ones too. Values are not
     * shown.
     * </pre>
     */
    default void listApiKeys(com.phoenixcoupons.v1.ListApiKeysRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListApiKeysResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListApiKeysMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates an API key. Its value is in this answer alone; a replay of the request
     * returns the answer without it.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own.
     * </pre>
     */
    default void createApiKey(com.phoenixcoupons.v1.CreateApiKeyRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateApiKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateApiKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends an API key and the admin JWTs signed with it for good. Revoking a revoked
     * key changes nothing.
     * Errors: API_KEY_NOT_FOUND.
     * </pre>
     */
    default void revokeApiKey(com.phoenixcoupons.v1.RevokeApiKeyRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeApiKeyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeApiKeyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the live secrets, newest first: at most two. Values are not shown.
     * </pre>
     */
    default void listTenantSecrets(com.phoenixcoupons.v1.ListTenantSecretsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListTenantSecretsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListTenantSecretsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a new tenant secret and lets the one before live on for `overlap`. A third
     * secret, of an earlier rotation, ends at once. The value is in this answer alone;
     * a replay of the request returns the answer without it.
     * </pre>
     */
    default void rotateTenantSecret(com.phoenixcoupons.v1.RotateTenantSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RotateTenantSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateTenantSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends the older secret before its overlap is over.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the newest one.
     * </pre>
     */
    default void revokeTenantSecret(com.phoenixcoupons.v1.RevokeTenantSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeTenantSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeTenantSecretMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service TenantAdmin.
   * <pre>
   * A tenant's own credentials: API keys and the tenant secret. A revocation or
   * rotation takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL
   * (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
   * </pre>
   */
  public static abstract class TenantAdminImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return TenantAdminGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service TenantAdmin.
   * <pre>
   * A tenant's own credentials: API keys and the tenant secret. A revocation or
   * rotation takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL
   * (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
   * </pre>
   */
  public static final class TenantAdminStub
      extends io.grpc.stub.AbstractAsyncStub<TenantAdminStub> {
    private TenantAdminStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TenantAdminStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TenantAdminStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the API keys, newest first, revoked and expired ones too. Values are not
     * shown.
     * </pre>
     */
    public void listApiKeys(com.phoenixcoupons.v1.ListApiKeysRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListApiKeysResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListApiKeysMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates an API key. Its value is in this answer alone; a replay of the request
     * returns the answer without it.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own.
     * </pre>
     */
    public void createApiKey(com.phoenixcoupons.v1.CreateApiKeyRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateApiKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateApiKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends an API key and the admin JWTs signed with it for good. Revoking a revoked
     * key changes nothing.
     * Errors: API_KEY_NOT_FOUND.
     * </pre>
     */
    public void revokeApiKey(com.phoenixcoupons.v1.RevokeApiKeyRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeApiKeyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeApiKeyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the live secrets, newest first: at most two. Values are not shown.
     * </pre>
     */
    public void listTenantSecrets(com.phoenixcoupons.v1.ListTenantSecretsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListTenantSecretsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListTenantSecretsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a new tenant secret and lets the one before live on for `overlap`. A third
     * secret, of an earlier rotation, ends at once. The value is in this answer alone;
     * a replay of the request returns the answer without it.
     * </pre>
     */
    public void rotateTenantSecret(com.phoenixcoupons.v1.RotateTenantSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RotateTenantSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateTenantSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends the older secret before its overlap is over.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the newest one.
     * </pre>
     */
    public void revokeTenantSecret(com.phoenixcoupons.v1.RevokeTenantSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeTenantSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeTenantSecretMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service TenantAdmin.
   * <pre>
   * A tenant's own credentials: API keys and the tenant secret. A revocation or
   * rotation takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL
   * (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
   * </pre>
   */
  public static final class TenantAdminBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<TenantAdminBlockingV2Stub> {
    private TenantAdminBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TenantAdminBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TenantAdminBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the API keys, newest first, revoked and expired ones too. Values are not
     * shown.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListApiKeysResponse listApiKeys(com.phoenixcoupons.v1.ListApiKeysRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an API key. Its value is in this answer alone; a replay of the request
     * returns the answer without it.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own.
     * </pre>
     */
    public com.phoenixcoupons.v1.CreateApiKeyResponse createApiKey(com.phoenixcoupons.v1.CreateApiKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends an API key and the admin JWTs signed with it for good. Revoking a revoked
     * key changes nothing.
     * Errors: API_KEY_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeApiKeyResponse revokeApiKey(com.phoenixcoupons.v1.RevokeApiKeyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the live secrets, newest first: at most two. Values are not shown.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListTenantSecretsResponse listTenantSecrets(com.phoenixcoupons.v1.ListTenantSecretsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListTenantSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a new tenant secret and lets the one before live on for `overlap`. A third
     * secret, of an earlier rotation, ends at once. The value is in this answer alone;
     * a replay of the request returns the answer without it.
     * </pre>
     */
    public com.phoenixcoupons.v1.RotateTenantSecretResponse rotateTenantSecret(com.phoenixcoupons.v1.RotateTenantSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateTenantSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends the older secret before its overlap is over.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the newest one.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeTenantSecretResponse revokeTenantSecret(com.phoenixcoupons.v1.RevokeTenantSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeTenantSecretMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service TenantAdmin.
   * <pre>
   * A tenant's own credentials: API keys and the tenant secret. A revocation or
   * rotation takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL
   * (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
   * </pre>
   */
  public static final class TenantAdminBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<TenantAdminBlockingStub> {
    private TenantAdminBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TenantAdminBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TenantAdminBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the API keys, newest first, revoked and expired ones too. Values are not
     * shown.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListApiKeysResponse listApiKeys(com.phoenixcoupons.v1.ListApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListApiKeysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an API key. Its value is in this answer alone; a replay of the request
     * returns the answer without it.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own.
     * </pre>
     */
    public com.phoenixcoupons.v1.CreateApiKeyResponse createApiKey(com.phoenixcoupons.v1.CreateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends an API key and the admin JWTs signed with it for good. Revoking a revoked
     * key changes nothing.
     * Errors: API_KEY_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeApiKeyResponse revokeApiKey(com.phoenixcoupons.v1.RevokeApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeApiKeyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the live secrets, newest first: at most two. Values are not shown.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListTenantSecretsResponse listTenantSecrets(com.phoenixcoupons.v1.ListTenantSecretsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListTenantSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a new tenant secret and lets the one before live on for `overlap`. A third
     * secret, of an earlier rotation, ends at once. The value is in this answer alone;
     * a replay of the request returns the answer without it.
     * </pre>
     */
    public com.phoenixcoupons.v1.RotateTenantSecretResponse rotateTenantSecret(com.phoenixcoupons.v1.RotateTenantSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateTenantSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends the older secret before its overlap is over.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the newest one.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeTenantSecretResponse revokeTenantSecret(com.phoenixcoupons.v1.RevokeTenantSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeTenantSecretMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service TenantAdmin.
   * <pre>
   * A tenant's own credentials: API keys and the tenant secret. A revocation or
   * rotation takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL
   * (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
   * </pre>
   */
  public static final class TenantAdminFutureStub
      extends io.grpc.stub.AbstractFutureStub<TenantAdminFutureStub> {
    private TenantAdminFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected TenantAdminFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new TenantAdminFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the API keys, newest first, revoked and expired ones too. Values are not
     * shown.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListApiKeysResponse> listApiKeys(
        com.phoenixcoupons.v1.ListApiKeysRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListApiKeysMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates an API key. Its value is in this answer alone; a replay of the request
     * returns the answer without it.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.CreateApiKeyResponse> createApiKey(
        com.phoenixcoupons.v1.CreateApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateApiKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends an API key and the admin JWTs signed with it for good. Revoking a revoked
     * key changes nothing.
     * Errors: API_KEY_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RevokeApiKeyResponse> revokeApiKey(
        com.phoenixcoupons.v1.RevokeApiKeyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeApiKeyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the live secrets, newest first: at most two. Values are not shown.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListTenantSecretsResponse> listTenantSecrets(
        com.phoenixcoupons.v1.ListTenantSecretsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListTenantSecretsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a new tenant secret and lets the one before live on for `overlap`. A third
     * secret, of an earlier rotation, ends at once. The value is in this answer alone;
     * a replay of the request returns the answer without it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RotateTenantSecretResponse> rotateTenantSecret(
        com.phoenixcoupons.v1.RotateTenantSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateTenantSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends the older secret before its overlap is over.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the newest one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RevokeTenantSecretResponse> revokeTenantSecret(
        com.phoenixcoupons.v1.RevokeTenantSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeTenantSecretMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_API_KEYS = 0;
  private static final int METHODID_CREATE_API_KEY = 1;
  private static final int METHODID_REVOKE_API_KEY = 2;
  private static final int METHODID_LIST_TENANT_SECRETS = 3;
  private static final int METHODID_ROTATE_TENANT_SECRET = 4;
  private static final int METHODID_REVOKE_TENANT_SECRET = 5;

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
        case METHODID_LIST_API_KEYS:
          serviceImpl.listApiKeys((com.phoenixcoupons.v1.ListApiKeysRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListApiKeysResponse>) responseObserver);
          break;
        case METHODID_CREATE_API_KEY:
          serviceImpl.createApiKey((com.phoenixcoupons.v1.CreateApiKeyRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateApiKeyResponse>) responseObserver);
          break;
        case METHODID_REVOKE_API_KEY:
          serviceImpl.revokeApiKey((com.phoenixcoupons.v1.RevokeApiKeyRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeApiKeyResponse>) responseObserver);
          break;
        case METHODID_LIST_TENANT_SECRETS:
          serviceImpl.listTenantSecrets((com.phoenixcoupons.v1.ListTenantSecretsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListTenantSecretsResponse>) responseObserver);
          break;
        case METHODID_ROTATE_TENANT_SECRET:
          serviceImpl.rotateTenantSecret((com.phoenixcoupons.v1.RotateTenantSecretRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RotateTenantSecretResponse>) responseObserver);
          break;
        case METHODID_REVOKE_TENANT_SECRET:
          serviceImpl.revokeTenantSecret((com.phoenixcoupons.v1.RevokeTenantSecretRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeTenantSecretResponse>) responseObserver);
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
          getListApiKeysMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListApiKeysRequest,
              com.phoenixcoupons.v1.ListApiKeysResponse>(
                service, METHODID_LIST_API_KEYS)))
        .addMethod(
          getCreateApiKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.CreateApiKeyRequest,
              com.phoenixcoupons.v1.CreateApiKeyResponse>(
                service, METHODID_CREATE_API_KEY)))
        .addMethod(
          getRevokeApiKeyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.RevokeApiKeyRequest,
              com.phoenixcoupons.v1.RevokeApiKeyResponse>(
                service, METHODID_REVOKE_API_KEY)))
        .addMethod(
          getListTenantSecretsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListTenantSecretsRequest,
              com.phoenixcoupons.v1.ListTenantSecretsResponse>(
                service, METHODID_LIST_TENANT_SECRETS)))
        .addMethod(
          getRotateTenantSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.RotateTenantSecretRequest,
              com.phoenixcoupons.v1.RotateTenantSecretResponse>(
                service, METHODID_ROTATE_TENANT_SECRET)))
        .addMethod(
          getRevokeTenantSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.RevokeTenantSecretRequest,
              com.phoenixcoupons.v1.RevokeTenantSecretResponse>(
                service, METHODID_REVOKE_TENANT_SECRET)))
        .build();
  }

  private static abstract class TenantAdminBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    TenantAdminBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.phoenixcoupons.v1.TenantAdminOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("TenantAdmin");
    }
  }

  private static final class TenantAdminFileDescriptorSupplier
      extends TenantAdminBaseDescriptorSupplier {
    TenantAdminFileDescriptorSupplier() {}
  }

  private static final class TenantAdminMethodDescriptorSupplier
      extends TenantAdminBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    TenantAdminMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (TenantAdminGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new TenantAdminFileDescriptorSupplier())
              .addMethod(getListApiKeysMethod())
              .addMethod(getCreateApiKeyMethod())
              .addMethod(getRevokeApiKeyMethod())
              .addMethod(getListTenantSecretsMethod())
              .addMethod(getRotateTenantSecretMethod())
              .addMethod(getRevokeTenantSecretMethod())
              .build();
        }
      }
    }
    return result;
  }
}
