package com.phoenixcoupons.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * A tenant's own credentials, API keys and the tenant secret, its webhook endpoints, its
 * protection against guessed codes, and its limits. A revocation or rotation of a
 * credential takes effect on every server within a second.
 * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
 * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
 * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
 * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
 * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
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

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListWebhookEndpointsRequest,
      com.phoenixcoupons.v1.ListWebhookEndpointsResponse> getListWebhookEndpointsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListWebhookEndpoints",
      requestType = com.phoenixcoupons.v1.ListWebhookEndpointsRequest.class,
      responseType = com.phoenixcoupons.v1.ListWebhookEndpointsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListWebhookEndpointsRequest,
      com.phoenixcoupons.v1.ListWebhookEndpointsResponse> getListWebhookEndpointsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListWebhookEndpointsRequest, com.phoenixcoupons.v1.ListWebhookEndpointsResponse> getListWebhookEndpointsMethod;
    if ((getListWebhookEndpointsMethod = TenantAdminGrpc.getListWebhookEndpointsMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getListWebhookEndpointsMethod = TenantAdminGrpc.getListWebhookEndpointsMethod) == null) {
          TenantAdminGrpc.getListWebhookEndpointsMethod = getListWebhookEndpointsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListWebhookEndpointsRequest, com.phoenixcoupons.v1.ListWebhookEndpointsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListWebhookEndpoints"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListWebhookEndpointsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListWebhookEndpointsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("ListWebhookEndpoints"))
              .build();
        }
      }
    }
    return getListWebhookEndpointsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetWebhookEndpointRequest,
      com.phoenixcoupons.v1.GetWebhookEndpointResponse> getGetWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetWebhookEndpoint",
      requestType = com.phoenixcoupons.v1.GetWebhookEndpointRequest.class,
      responseType = com.phoenixcoupons.v1.GetWebhookEndpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetWebhookEndpointRequest,
      com.phoenixcoupons.v1.GetWebhookEndpointResponse> getGetWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetWebhookEndpointRequest, com.phoenixcoupons.v1.GetWebhookEndpointResponse> getGetWebhookEndpointMethod;
    if ((getGetWebhookEndpointMethod = TenantAdminGrpc.getGetWebhookEndpointMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getGetWebhookEndpointMethod = TenantAdminGrpc.getGetWebhookEndpointMethod) == null) {
          TenantAdminGrpc.getGetWebhookEndpointMethod = getGetWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetWebhookEndpointRequest, com.phoenixcoupons.v1.GetWebhookEndpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetWebhookEndpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("GetWebhookEndpoint"))
              .build();
        }
      }
    }
    return getGetWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateWebhookEndpointRequest,
      com.phoenixcoupons.v1.CreateWebhookEndpointResponse> getCreateWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateWebhookEndpoint",
      requestType = com.phoenixcoupons.v1.CreateWebhookEndpointRequest.class,
      responseType = com.phoenixcoupons.v1.CreateWebhookEndpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateWebhookEndpointRequest,
      com.phoenixcoupons.v1.CreateWebhookEndpointResponse> getCreateWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateWebhookEndpointRequest, com.phoenixcoupons.v1.CreateWebhookEndpointResponse> getCreateWebhookEndpointMethod;
    if ((getCreateWebhookEndpointMethod = TenantAdminGrpc.getCreateWebhookEndpointMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getCreateWebhookEndpointMethod = TenantAdminGrpc.getCreateWebhookEndpointMethod) == null) {
          TenantAdminGrpc.getCreateWebhookEndpointMethod = getCreateWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.CreateWebhookEndpointRequest, com.phoenixcoupons.v1.CreateWebhookEndpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CreateWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CreateWebhookEndpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("CreateWebhookEndpoint"))
              .build();
        }
      }
    }
    return getCreateWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.UpdateWebhookEndpointRequest,
      com.phoenixcoupons.v1.UpdateWebhookEndpointResponse> getUpdateWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateWebhookEndpoint",
      requestType = com.phoenixcoupons.v1.UpdateWebhookEndpointRequest.class,
      responseType = com.phoenixcoupons.v1.UpdateWebhookEndpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.UpdateWebhookEndpointRequest,
      com.phoenixcoupons.v1.UpdateWebhookEndpointResponse> getUpdateWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.UpdateWebhookEndpointRequest, com.phoenixcoupons.v1.UpdateWebhookEndpointResponse> getUpdateWebhookEndpointMethod;
    if ((getUpdateWebhookEndpointMethod = TenantAdminGrpc.getUpdateWebhookEndpointMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getUpdateWebhookEndpointMethod = TenantAdminGrpc.getUpdateWebhookEndpointMethod) == null) {
          TenantAdminGrpc.getUpdateWebhookEndpointMethod = getUpdateWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.UpdateWebhookEndpointRequest, com.phoenixcoupons.v1.UpdateWebhookEndpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.UpdateWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.UpdateWebhookEndpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("UpdateWebhookEndpoint"))
              .build();
        }
      }
    }
    return getUpdateWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.DeleteWebhookEndpointRequest,
      com.phoenixcoupons.v1.DeleteWebhookEndpointResponse> getDeleteWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteWebhookEndpoint",
      requestType = com.phoenixcoupons.v1.DeleteWebhookEndpointRequest.class,
      responseType = com.phoenixcoupons.v1.DeleteWebhookEndpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.DeleteWebhookEndpointRequest,
      com.phoenixcoupons.v1.DeleteWebhookEndpointResponse> getDeleteWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.DeleteWebhookEndpointRequest, com.phoenixcoupons.v1.DeleteWebhookEndpointResponse> getDeleteWebhookEndpointMethod;
    if ((getDeleteWebhookEndpointMethod = TenantAdminGrpc.getDeleteWebhookEndpointMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getDeleteWebhookEndpointMethod = TenantAdminGrpc.getDeleteWebhookEndpointMethod) == null) {
          TenantAdminGrpc.getDeleteWebhookEndpointMethod = getDeleteWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.DeleteWebhookEndpointRequest, com.phoenixcoupons.v1.DeleteWebhookEndpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.DeleteWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.DeleteWebhookEndpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("DeleteWebhookEndpoint"))
              .build();
        }
      }
    }
    return getDeleteWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.PauseWebhookEndpointRequest,
      com.phoenixcoupons.v1.PauseWebhookEndpointResponse> getPauseWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PauseWebhookEndpoint",
      requestType = com.phoenixcoupons.v1.PauseWebhookEndpointRequest.class,
      responseType = com.phoenixcoupons.v1.PauseWebhookEndpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.PauseWebhookEndpointRequest,
      com.phoenixcoupons.v1.PauseWebhookEndpointResponse> getPauseWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.PauseWebhookEndpointRequest, com.phoenixcoupons.v1.PauseWebhookEndpointResponse> getPauseWebhookEndpointMethod;
    if ((getPauseWebhookEndpointMethod = TenantAdminGrpc.getPauseWebhookEndpointMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getPauseWebhookEndpointMethod = TenantAdminGrpc.getPauseWebhookEndpointMethod) == null) {
          TenantAdminGrpc.getPauseWebhookEndpointMethod = getPauseWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.PauseWebhookEndpointRequest, com.phoenixcoupons.v1.PauseWebhookEndpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PauseWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.PauseWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.PauseWebhookEndpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("PauseWebhookEndpoint"))
              .build();
        }
      }
    }
    return getPauseWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ResumeWebhookEndpointRequest,
      com.phoenixcoupons.v1.ResumeWebhookEndpointResponse> getResumeWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResumeWebhookEndpoint",
      requestType = com.phoenixcoupons.v1.ResumeWebhookEndpointRequest.class,
      responseType = com.phoenixcoupons.v1.ResumeWebhookEndpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ResumeWebhookEndpointRequest,
      com.phoenixcoupons.v1.ResumeWebhookEndpointResponse> getResumeWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ResumeWebhookEndpointRequest, com.phoenixcoupons.v1.ResumeWebhookEndpointResponse> getResumeWebhookEndpointMethod;
    if ((getResumeWebhookEndpointMethod = TenantAdminGrpc.getResumeWebhookEndpointMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getResumeWebhookEndpointMethod = TenantAdminGrpc.getResumeWebhookEndpointMethod) == null) {
          TenantAdminGrpc.getResumeWebhookEndpointMethod = getResumeWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ResumeWebhookEndpointRequest, com.phoenixcoupons.v1.ResumeWebhookEndpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResumeWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ResumeWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ResumeWebhookEndpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("ResumeWebhookEndpoint"))
              .build();
        }
      }
    }
    return getResumeWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RotateWebhookSecretRequest,
      com.phoenixcoupons.v1.RotateWebhookSecretResponse> getRotateWebhookSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RotateWebhookSecret",
      requestType = com.phoenixcoupons.v1.RotateWebhookSecretRequest.class,
      responseType = com.phoenixcoupons.v1.RotateWebhookSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RotateWebhookSecretRequest,
      com.phoenixcoupons.v1.RotateWebhookSecretResponse> getRotateWebhookSecretMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RotateWebhookSecretRequest, com.phoenixcoupons.v1.RotateWebhookSecretResponse> getRotateWebhookSecretMethod;
    if ((getRotateWebhookSecretMethod = TenantAdminGrpc.getRotateWebhookSecretMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getRotateWebhookSecretMethod = TenantAdminGrpc.getRotateWebhookSecretMethod) == null) {
          TenantAdminGrpc.getRotateWebhookSecretMethod = getRotateWebhookSecretMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.RotateWebhookSecretRequest, com.phoenixcoupons.v1.RotateWebhookSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RotateWebhookSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RotateWebhookSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RotateWebhookSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("RotateWebhookSecret"))
              .build();
        }
      }
    }
    return getRotateWebhookSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.TestWebhookEndpointRequest,
      com.phoenixcoupons.v1.TestWebhookEndpointResponse> getTestWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "TestWebhookEndpoint",
      requestType = com.phoenixcoupons.v1.TestWebhookEndpointRequest.class,
      responseType = com.phoenixcoupons.v1.TestWebhookEndpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.TestWebhookEndpointRequest,
      com.phoenixcoupons.v1.TestWebhookEndpointResponse> getTestWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.TestWebhookEndpointRequest, com.phoenixcoupons.v1.TestWebhookEndpointResponse> getTestWebhookEndpointMethod;
    if ((getTestWebhookEndpointMethod = TenantAdminGrpc.getTestWebhookEndpointMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getTestWebhookEndpointMethod = TenantAdminGrpc.getTestWebhookEndpointMethod) == null) {
          TenantAdminGrpc.getTestWebhookEndpointMethod = getTestWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.TestWebhookEndpointRequest, com.phoenixcoupons.v1.TestWebhookEndpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "TestWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.TestWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.TestWebhookEndpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("TestWebhookEndpoint"))
              .build();
        }
      }
    }
    return getTestWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListWebhookAttemptsRequest,
      com.phoenixcoupons.v1.ListWebhookAttemptsResponse> getListWebhookAttemptsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListWebhookAttempts",
      requestType = com.phoenixcoupons.v1.ListWebhookAttemptsRequest.class,
      responseType = com.phoenixcoupons.v1.ListWebhookAttemptsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListWebhookAttemptsRequest,
      com.phoenixcoupons.v1.ListWebhookAttemptsResponse> getListWebhookAttemptsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListWebhookAttemptsRequest, com.phoenixcoupons.v1.ListWebhookAttemptsResponse> getListWebhookAttemptsMethod;
    if ((getListWebhookAttemptsMethod = TenantAdminGrpc.getListWebhookAttemptsMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getListWebhookAttemptsMethod = TenantAdminGrpc.getListWebhookAttemptsMethod) == null) {
          TenantAdminGrpc.getListWebhookAttemptsMethod = getListWebhookAttemptsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListWebhookAttemptsRequest, com.phoenixcoupons.v1.ListWebhookAttemptsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListWebhookAttempts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListWebhookAttemptsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListWebhookAttemptsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("ListWebhookAttempts"))
              .build();
        }
      }
    }
    return getListWebhookAttemptsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListDeadLettersRequest,
      com.phoenixcoupons.v1.ListDeadLettersResponse> getListDeadLettersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListDeadLetters",
      requestType = com.phoenixcoupons.v1.ListDeadLettersRequest.class,
      responseType = com.phoenixcoupons.v1.ListDeadLettersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListDeadLettersRequest,
      com.phoenixcoupons.v1.ListDeadLettersResponse> getListDeadLettersMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListDeadLettersRequest, com.phoenixcoupons.v1.ListDeadLettersResponse> getListDeadLettersMethod;
    if ((getListDeadLettersMethod = TenantAdminGrpc.getListDeadLettersMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getListDeadLettersMethod = TenantAdminGrpc.getListDeadLettersMethod) == null) {
          TenantAdminGrpc.getListDeadLettersMethod = getListDeadLettersMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListDeadLettersRequest, com.phoenixcoupons.v1.ListDeadLettersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListDeadLetters"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListDeadLettersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListDeadLettersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("ListDeadLetters"))
              .build();
        }
      }
    }
    return getListDeadLettersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RedeliverWebhookRequest,
      com.phoenixcoupons.v1.RedeliverWebhookResponse> getRedeliverWebhookMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RedeliverWebhook",
      requestType = com.phoenixcoupons.v1.RedeliverWebhookRequest.class,
      responseType = com.phoenixcoupons.v1.RedeliverWebhookResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RedeliverWebhookRequest,
      com.phoenixcoupons.v1.RedeliverWebhookResponse> getRedeliverWebhookMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RedeliverWebhookRequest, com.phoenixcoupons.v1.RedeliverWebhookResponse> getRedeliverWebhookMethod;
    if ((getRedeliverWebhookMethod = TenantAdminGrpc.getRedeliverWebhookMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getRedeliverWebhookMethod = TenantAdminGrpc.getRedeliverWebhookMethod) == null) {
          TenantAdminGrpc.getRedeliverWebhookMethod = getRedeliverWebhookMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.RedeliverWebhookRequest, com.phoenixcoupons.v1.RedeliverWebhookResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RedeliverWebhook"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RedeliverWebhookRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RedeliverWebhookResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("RedeliverWebhook"))
              .build();
        }
      }
    }
    return getRedeliverWebhookMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetTenantUsageRequest,
      com.phoenixcoupons.v1.GetTenantUsageResponse> getGetTenantUsageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetTenantUsage",
      requestType = com.phoenixcoupons.v1.GetTenantUsageRequest.class,
      responseType = com.phoenixcoupons.v1.GetTenantUsageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetTenantUsageRequest,
      com.phoenixcoupons.v1.GetTenantUsageResponse> getGetTenantUsageMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetTenantUsageRequest, com.phoenixcoupons.v1.GetTenantUsageResponse> getGetTenantUsageMethod;
    if ((getGetTenantUsageMethod = TenantAdminGrpc.getGetTenantUsageMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getGetTenantUsageMethod = TenantAdminGrpc.getGetTenantUsageMethod) == null) {
          TenantAdminGrpc.getGetTenantUsageMethod = getGetTenantUsageMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetTenantUsageRequest, com.phoenixcoupons.v1.GetTenantUsageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetTenantUsage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetTenantUsageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetTenantUsageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("GetTenantUsage"))
              .build();
        }
      }
    }
    return getGetTenantUsageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetGuessPolicyRequest,
      com.phoenixcoupons.v1.GetGuessPolicyResponse> getGetGuessPolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetGuessPolicy",
      requestType = com.phoenixcoupons.v1.GetGuessPolicyRequest.class,
      responseType = com.phoenixcoupons.v1.GetGuessPolicyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetGuessPolicyRequest,
      com.phoenixcoupons.v1.GetGuessPolicyResponse> getGetGuessPolicyMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetGuessPolicyRequest, com.phoenixcoupons.v1.GetGuessPolicyResponse> getGetGuessPolicyMethod;
    if ((getGetGuessPolicyMethod = TenantAdminGrpc.getGetGuessPolicyMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getGetGuessPolicyMethod = TenantAdminGrpc.getGetGuessPolicyMethod) == null) {
          TenantAdminGrpc.getGetGuessPolicyMethod = getGetGuessPolicyMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetGuessPolicyRequest, com.phoenixcoupons.v1.GetGuessPolicyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetGuessPolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetGuessPolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetGuessPolicyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("GetGuessPolicy"))
              .build();
        }
      }
    }
    return getGetGuessPolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.SetGuessPolicyRequest,
      com.phoenixcoupons.v1.SetGuessPolicyResponse> getSetGuessPolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetGuessPolicy",
      requestType = com.phoenixcoupons.v1.SetGuessPolicyRequest.class,
      responseType = com.phoenixcoupons.v1.SetGuessPolicyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.SetGuessPolicyRequest,
      com.phoenixcoupons.v1.SetGuessPolicyResponse> getSetGuessPolicyMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.SetGuessPolicyRequest, com.phoenixcoupons.v1.SetGuessPolicyResponse> getSetGuessPolicyMethod;
    if ((getSetGuessPolicyMethod = TenantAdminGrpc.getSetGuessPolicyMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getSetGuessPolicyMethod = TenantAdminGrpc.getSetGuessPolicyMethod) == null) {
          TenantAdminGrpc.getSetGuessPolicyMethod = getSetGuessPolicyMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.SetGuessPolicyRequest, com.phoenixcoupons.v1.SetGuessPolicyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetGuessPolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.SetGuessPolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.SetGuessPolicyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("SetGuessPolicy"))
              .build();
        }
      }
    }
    return getSetGuessPolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.LiftGuessBlockRequest,
      com.phoenixcoupons.v1.LiftGuessBlockResponse> getLiftGuessBlockMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "LiftGuessBlock",
      requestType = com.phoenixcoupons.v1.LiftGuessBlockRequest.class,
      responseType = com.phoenixcoupons.v1.LiftGuessBlockResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.LiftGuessBlockRequest,
      com.phoenixcoupons.v1.LiftGuessBlockResponse> getLiftGuessBlockMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.LiftGuessBlockRequest, com.phoenixcoupons.v1.LiftGuessBlockResponse> getLiftGuessBlockMethod;
    if ((getLiftGuessBlockMethod = TenantAdminGrpc.getLiftGuessBlockMethod) == null) {
      synchronized (TenantAdminGrpc.class) {
        if ((getLiftGuessBlockMethod = TenantAdminGrpc.getLiftGuessBlockMethod) == null) {
          TenantAdminGrpc.getLiftGuessBlockMethod = getLiftGuessBlockMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.LiftGuessBlockRequest, com.phoenixcoupons.v1.LiftGuessBlockResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "LiftGuessBlock"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.LiftGuessBlockRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.LiftGuessBlockResponse.getDefaultInstance()))
              .setSchemaDescriptor(new TenantAdminMethodDescriptorSupplier("LiftGuessBlock"))
              .build();
        }
      }
    }
    return getLiftGuessBlockMethod;
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
   * A tenant's own credentials, API keys and the tenant secret, its webhook endpoints, its
   * protection against guessed codes, and its limits. A revocation or rotation of a
   * credential takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
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
     * Creates an API key. Its value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own; SECRET_NOT_SHOWN_AGAIN for a later retry.
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
     * Errors: API_KEY_NOT_FOUND; API_KEY_LAST for the only one with the scope manage.
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
     * a retry with the same `request_id` returns it for a minute.
     * Errors: SECRET_NOT_SHOWN_AGAIN for a later retry. Revoke the secret that it names, and
     * rotate anew: the secret in use lives on.
     * </pre>
     */
    default void rotateTenantSecret(com.phoenixcoupons.v1.RotateTenantSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RotateTenantSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateTenantSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends a secret now. The older one ends before its overlap is over. If it is the newest
     * one, whose value was lost or must not be used, the one before is the current secret
     * again, and does not expire.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the only one.
     * </pre>
     */
    default void revokeTenantSecret(com.phoenixcoupons.v1.RevokeTenantSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeTenantSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeTenantSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the webhook endpoints, newest first. Secrets are not shown.
     * </pre>
     */
    default void listWebhookEndpoints(com.phoenixcoupons.v1.ListWebhookEndpointsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListWebhookEndpointsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListWebhookEndpointsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a webhook endpoint, without its secret.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    default void getWebhookEndpoint(com.phoenixcoupons.v1.GetWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates an endpoint, to which events are sent from now on. The secret is in this
     * answer alone; a retry with the same `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_LIMIT_REACHED; INVALID_FIELD for a URL to which webhooks may
     * not be sent; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    default void createWebhookEndpoint(com.phoenixcoupons.v1.CreateWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the URL, the description or the event types. Pending
     * events are sent to the new URL, at once.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    default void updateWebhookEndpoint(com.phoenixcoupons.v1.UpdateWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.UpdateWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes an endpoint with its pending events and its dead letters.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    default void deleteWebhookEndpoint(com.phoenixcoupons.v1.DeleteWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.DeleteWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stops sending to the endpoint until it is resumed; its events wait. Webhooks in flight
     * are completed.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    default void pauseWebhookEndpoint(com.phoenixcoupons.v1.PauseWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.PauseWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPauseWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends to a paused or disabled endpoint again, its pending events first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    default void resumeWebhookEndpoint(com.phoenixcoupons.v1.ResumeWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ResumeWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResumeWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a new secret for the endpoint. For `overlap` webhooks carry two signatures, one
     * with the secret before. The value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    default void rotateWebhookSecret(com.phoenixcoupons.v1.RotateWebhookSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RotateWebhookSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateWebhookSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends an event of type `webhook.test` now, a GrantEvent without user and subject,
     * whatever the endpoint's status, and returns the outcome, after 15 seconds at most. One
     * test of an endpoint runs at a time.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    default void testWebhookEndpoint(com.phoenixcoupons.v1.TestWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.TestWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getTestWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the delivery log of an endpoint, newest first. Attempts are kept for as long as
     * delivered events are: 30 days, unless the service is set up otherwise.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    default void listWebhookAttempts(com.phoenixcoupons.v1.ListWebhookAttemptsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListWebhookAttemptsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListWebhookAttemptsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the dead letters of an endpoint, events that it did not accept after all retries;
     * newest event first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    default void listDeadLetters(com.phoenixcoupons.v1.ListDeadLettersRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListDeadLettersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListDeadLettersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Redelivers one event, or all dead letters of the endpoint, with the retries of any event.
     * A redelivery is out of the user's order. One that is pending already is due at once. A
     * dead letter that is delivered is deleted.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; WEBHOOK_EVENT_NOT_FOUND for an event that is not
     * kept any more.
     * </pre>
     */
    default void redeliverWebhook(com.phoenixcoupons.v1.RedeliverWebhookRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RedeliverWebhookResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRedeliverWebhookMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns each of the tenant's limits, and how much of it is used. Operators set
     * limits; a change takes effect on every server within a second.
     * </pre>
     */
    default void getTenantUsage(com.phoenixcoupons.v1.GetTenantUsageRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetTenantUsageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetTenantUsageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the tenant's guess policy, default limits included.
     * </pre>
     */
    default void getGuessPolicy(com.phoenixcoupons.v1.GetGuessPolicyRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetGuessPolicyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetGuessPolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Replaces the limits of failed attempts; those that are absent become the default ones.
     * Every server applies them within a second. Existing blocks stay.
     * A policy that allows more failures of a user asks for longer codes: see
     * GenerateCoupons and GetCodeStrength.
     * </pre>
     */
    default void setGuessPolicy(com.phoenixcoupons.v1.SetGuessPolicyRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.SetGuessPolicyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetGuessPolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends the blocks of a user and of the user's tokens, and forgets their failures; on
     * every server within a second. Blocks of a network address stay.
     * </pre>
     */
    default void liftGuessBlock(com.phoenixcoupons.v1.LiftGuessBlockRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.LiftGuessBlockResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getLiftGuessBlockMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service TenantAdmin.
   * <pre>
   * A tenant's own credentials, API keys and the tenant secret, its webhook endpoints, its
   * protection against guessed codes, and its limits. A revocation or rotation of a
   * credential takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
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
   * A tenant's own credentials, API keys and the tenant secret, its webhook endpoints, its
   * protection against guessed codes, and its limits. A revocation or rotation of a
   * credential takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
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
     * Creates an API key. Its value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own; SECRET_NOT_SHOWN_AGAIN for a later retry.
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
     * Errors: API_KEY_NOT_FOUND; API_KEY_LAST for the only one with the scope manage.
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
     * a retry with the same `request_id` returns it for a minute.
     * Errors: SECRET_NOT_SHOWN_AGAIN for a later retry. Revoke the secret that it names, and
     * rotate anew: the secret in use lives on.
     * </pre>
     */
    public void rotateTenantSecret(com.phoenixcoupons.v1.RotateTenantSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RotateTenantSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateTenantSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends a secret now. The older one ends before its overlap is over. If it is the newest
     * one, whose value was lost or must not be used, the one before is the current secret
     * again, and does not expire.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the only one.
     * </pre>
     */
    public void revokeTenantSecret(com.phoenixcoupons.v1.RevokeTenantSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeTenantSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeTenantSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the webhook endpoints, newest first. Secrets are not shown.
     * </pre>
     */
    public void listWebhookEndpoints(com.phoenixcoupons.v1.ListWebhookEndpointsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListWebhookEndpointsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListWebhookEndpointsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a webhook endpoint, without its secret.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public void getWebhookEndpoint(com.phoenixcoupons.v1.GetWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates an endpoint, to which events are sent from now on. The secret is in this
     * answer alone; a retry with the same `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_LIMIT_REACHED; INVALID_FIELD for a URL to which webhooks may
     * not be sent; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    public void createWebhookEndpoint(com.phoenixcoupons.v1.CreateWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the URL, the description or the event types. Pending
     * events are sent to the new URL, at once.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public void updateWebhookEndpoint(com.phoenixcoupons.v1.UpdateWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.UpdateWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes an endpoint with its pending events and its dead letters.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public void deleteWebhookEndpoint(com.phoenixcoupons.v1.DeleteWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.DeleteWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stops sending to the endpoint until it is resumed; its events wait. Webhooks in flight
     * are completed.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public void pauseWebhookEndpoint(com.phoenixcoupons.v1.PauseWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.PauseWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPauseWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends to a paused or disabled endpoint again, its pending events first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public void resumeWebhookEndpoint(com.phoenixcoupons.v1.ResumeWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ResumeWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResumeWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a new secret for the endpoint. For `overlap` webhooks carry two signatures, one
     * with the secret before. The value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    public void rotateWebhookSecret(com.phoenixcoupons.v1.RotateWebhookSecretRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RotateWebhookSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateWebhookSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends an event of type `webhook.test` now, a GrantEvent without user and subject,
     * whatever the endpoint's status, and returns the outcome, after 15 seconds at most. One
     * test of an endpoint runs at a time.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public void testWebhookEndpoint(com.phoenixcoupons.v1.TestWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.TestWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getTestWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the delivery log of an endpoint, newest first. Attempts are kept for as long as
     * delivered events are: 30 days, unless the service is set up otherwise.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public void listWebhookAttempts(com.phoenixcoupons.v1.ListWebhookAttemptsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListWebhookAttemptsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListWebhookAttemptsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the dead letters of an endpoint, events that it did not accept after all retries;
     * newest event first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public void listDeadLetters(com.phoenixcoupons.v1.ListDeadLettersRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListDeadLettersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListDeadLettersMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Redelivers one event, or all dead letters of the endpoint, with the retries of any event.
     * A redelivery is out of the user's order. One that is pending already is due at once. A
     * dead letter that is delivered is deleted.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; WEBHOOK_EVENT_NOT_FOUND for an event that is not
     * kept any more.
     * </pre>
     */
    public void redeliverWebhook(com.phoenixcoupons.v1.RedeliverWebhookRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RedeliverWebhookResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRedeliverWebhookMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns each of the tenant's limits, and how much of it is used. Operators set
     * limits; a change takes effect on every server within a second.
     * </pre>
     */
    public void getTenantUsage(com.phoenixcoupons.v1.GetTenantUsageRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetTenantUsageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetTenantUsageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the tenant's guess policy, default limits included.
     * </pre>
     */
    public void getGuessPolicy(com.phoenixcoupons.v1.GetGuessPolicyRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetGuessPolicyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetGuessPolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Replaces the limits of failed attempts; those that are absent become the default ones.
     * Every server applies them within a second. Existing blocks stay.
     * A policy that allows more failures of a user asks for longer codes: see
     * GenerateCoupons and GetCodeStrength.
     * </pre>
     */
    public void setGuessPolicy(com.phoenixcoupons.v1.SetGuessPolicyRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.SetGuessPolicyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetGuessPolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends the blocks of a user and of the user's tokens, and forgets their failures; on
     * every server within a second. Blocks of a network address stay.
     * </pre>
     */
    public void liftGuessBlock(com.phoenixcoupons.v1.LiftGuessBlockRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.LiftGuessBlockResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getLiftGuessBlockMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service TenantAdmin.
   * <pre>
   * A tenant's own credentials, API keys and the tenant secret, its webhook endpoints, its
   * protection against guessed codes, and its limits. A revocation or rotation of a
   * credential takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
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
     * Creates an API key. Its value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own; SECRET_NOT_SHOWN_AGAIN for a later retry.
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
     * Errors: API_KEY_NOT_FOUND; API_KEY_LAST for the only one with the scope manage.
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
     * a retry with the same `request_id` returns it for a minute.
     * Errors: SECRET_NOT_SHOWN_AGAIN for a later retry. Revoke the secret that it names, and
     * rotate anew: the secret in use lives on.
     * </pre>
     */
    public com.phoenixcoupons.v1.RotateTenantSecretResponse rotateTenantSecret(com.phoenixcoupons.v1.RotateTenantSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateTenantSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a secret now. The older one ends before its overlap is over. If it is the newest
     * one, whose value was lost or must not be used, the one before is the current secret
     * again, and does not expire.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the only one.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeTenantSecretResponse revokeTenantSecret(com.phoenixcoupons.v1.RevokeTenantSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeTenantSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the webhook endpoints, newest first. Secrets are not shown.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListWebhookEndpointsResponse listWebhookEndpoints(com.phoenixcoupons.v1.ListWebhookEndpointsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListWebhookEndpointsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a webhook endpoint, without its secret.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetWebhookEndpointResponse getWebhookEndpoint(com.phoenixcoupons.v1.GetWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an endpoint, to which events are sent from now on. The secret is in this
     * answer alone; a retry with the same `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_LIMIT_REACHED; INVALID_FIELD for a URL to which webhooks may
     * not be sent; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    public com.phoenixcoupons.v1.CreateWebhookEndpointResponse createWebhookEndpoint(com.phoenixcoupons.v1.CreateWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the URL, the description or the event types. Pending
     * events are sent to the new URL, at once.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.phoenixcoupons.v1.UpdateWebhookEndpointResponse updateWebhookEndpoint(com.phoenixcoupons.v1.UpdateWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an endpoint with its pending events and its dead letters.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.phoenixcoupons.v1.DeleteWebhookEndpointResponse deleteWebhookEndpoint(com.phoenixcoupons.v1.DeleteWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops sending to the endpoint until it is resumed; its events wait. Webhooks in flight
     * are completed.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.PauseWebhookEndpointResponse pauseWebhookEndpoint(com.phoenixcoupons.v1.PauseWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPauseWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends to a paused or disabled endpoint again, its pending events first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ResumeWebhookEndpointResponse resumeWebhookEndpoint(com.phoenixcoupons.v1.ResumeWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResumeWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a new secret for the endpoint. For `overlap` webhooks carry two signatures, one
     * with the secret before. The value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    public com.phoenixcoupons.v1.RotateWebhookSecretResponse rotateWebhookSecret(com.phoenixcoupons.v1.RotateWebhookSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateWebhookSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends an event of type `webhook.test` now, a GrantEvent without user and subject,
     * whatever the endpoint's status, and returns the outcome, after 15 seconds at most. One
     * test of an endpoint runs at a time.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.TestWebhookEndpointResponse testWebhookEndpoint(com.phoenixcoupons.v1.TestWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getTestWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the delivery log of an endpoint, newest first. Attempts are kept for as long as
     * delivered events are: 30 days, unless the service is set up otherwise.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListWebhookAttemptsResponse listWebhookAttempts(com.phoenixcoupons.v1.ListWebhookAttemptsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListWebhookAttemptsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the dead letters of an endpoint, events that it did not accept after all retries;
     * newest event first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListDeadLettersResponse listDeadLetters(com.phoenixcoupons.v1.ListDeadLettersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Redelivers one event, or all dead letters of the endpoint, with the retries of any event.
     * A redelivery is out of the user's order. One that is pending already is due at once. A
     * dead letter that is delivered is deleted.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; WEBHOOK_EVENT_NOT_FOUND for an event that is not
     * kept any more.
     * </pre>
     */
    public com.phoenixcoupons.v1.RedeliverWebhookResponse redeliverWebhook(com.phoenixcoupons.v1.RedeliverWebhookRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRedeliverWebhookMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns each of the tenant's limits, and how much of it is used. Operators set
     * limits; a change takes effect on every server within a second.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetTenantUsageResponse getTenantUsage(com.phoenixcoupons.v1.GetTenantUsageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetTenantUsageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the tenant's guess policy, default limits included.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetGuessPolicyResponse getGuessPolicy(com.phoenixcoupons.v1.GetGuessPolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetGuessPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces the limits of failed attempts; those that are absent become the default ones.
     * Every server applies them within a second. Existing blocks stay.
     * A policy that allows more failures of a user asks for longer codes: see
     * GenerateCoupons and GetCodeStrength.
     * </pre>
     */
    public com.phoenixcoupons.v1.SetGuessPolicyResponse setGuessPolicy(com.phoenixcoupons.v1.SetGuessPolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetGuessPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends the blocks of a user and of the user's tokens, and forgets their failures; on
     * every server within a second. Blocks of a network address stay.
     * </pre>
     */
    public com.phoenixcoupons.v1.LiftGuessBlockResponse liftGuessBlock(com.phoenixcoupons.v1.LiftGuessBlockRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getLiftGuessBlockMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service TenantAdmin.
   * <pre>
   * A tenant's own credentials, API keys and the tenant secret, its webhook endpoints, its
   * protection against guessed codes, and its limits. A revocation or rotation of a
   * credential takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
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
     * Creates an API key. Its value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own; SECRET_NOT_SHOWN_AGAIN for a later retry.
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
     * Errors: API_KEY_NOT_FOUND; API_KEY_LAST for the only one with the scope manage.
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
     * a retry with the same `request_id` returns it for a minute.
     * Errors: SECRET_NOT_SHOWN_AGAIN for a later retry. Revoke the secret that it names, and
     * rotate anew: the secret in use lives on.
     * </pre>
     */
    public com.phoenixcoupons.v1.RotateTenantSecretResponse rotateTenantSecret(com.phoenixcoupons.v1.RotateTenantSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateTenantSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a secret now. The older one ends before its overlap is over. If it is the newest
     * one, whose value was lost or must not be used, the one before is the current secret
     * again, and does not expire.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the only one.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeTenantSecretResponse revokeTenantSecret(com.phoenixcoupons.v1.RevokeTenantSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeTenantSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the webhook endpoints, newest first. Secrets are not shown.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListWebhookEndpointsResponse listWebhookEndpoints(com.phoenixcoupons.v1.ListWebhookEndpointsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListWebhookEndpointsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a webhook endpoint, without its secret.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetWebhookEndpointResponse getWebhookEndpoint(com.phoenixcoupons.v1.GetWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an endpoint, to which events are sent from now on. The secret is in this
     * answer alone; a retry with the same `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_LIMIT_REACHED; INVALID_FIELD for a URL to which webhooks may
     * not be sent; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    public com.phoenixcoupons.v1.CreateWebhookEndpointResponse createWebhookEndpoint(com.phoenixcoupons.v1.CreateWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the URL, the description or the event types. Pending
     * events are sent to the new URL, at once.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.phoenixcoupons.v1.UpdateWebhookEndpointResponse updateWebhookEndpoint(com.phoenixcoupons.v1.UpdateWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an endpoint with its pending events and its dead letters.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.phoenixcoupons.v1.DeleteWebhookEndpointResponse deleteWebhookEndpoint(com.phoenixcoupons.v1.DeleteWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops sending to the endpoint until it is resumed; its events wait. Webhooks in flight
     * are completed.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.PauseWebhookEndpointResponse pauseWebhookEndpoint(com.phoenixcoupons.v1.PauseWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPauseWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends to a paused or disabled endpoint again, its pending events first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ResumeWebhookEndpointResponse resumeWebhookEndpoint(com.phoenixcoupons.v1.ResumeWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResumeWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a new secret for the endpoint. For `overlap` webhooks carry two signatures, one
     * with the secret before. The value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    public com.phoenixcoupons.v1.RotateWebhookSecretResponse rotateWebhookSecret(com.phoenixcoupons.v1.RotateWebhookSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateWebhookSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends an event of type `webhook.test` now, a GrantEvent without user and subject,
     * whatever the endpoint's status, and returns the outcome, after 15 seconds at most. One
     * test of an endpoint runs at a time.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.TestWebhookEndpointResponse testWebhookEndpoint(com.phoenixcoupons.v1.TestWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getTestWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the delivery log of an endpoint, newest first. Attempts are kept for as long as
     * delivered events are: 30 days, unless the service is set up otherwise.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListWebhookAttemptsResponse listWebhookAttempts(com.phoenixcoupons.v1.ListWebhookAttemptsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListWebhookAttemptsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the dead letters of an endpoint, events that it did not accept after all retries;
     * newest event first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListDeadLettersResponse listDeadLetters(com.phoenixcoupons.v1.ListDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListDeadLettersMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Redelivers one event, or all dead letters of the endpoint, with the retries of any event.
     * A redelivery is out of the user's order. One that is pending already is due at once. A
     * dead letter that is delivered is deleted.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; WEBHOOK_EVENT_NOT_FOUND for an event that is not
     * kept any more.
     * </pre>
     */
    public com.phoenixcoupons.v1.RedeliverWebhookResponse redeliverWebhook(com.phoenixcoupons.v1.RedeliverWebhookRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRedeliverWebhookMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns each of the tenant's limits, and how much of it is used. Operators set
     * limits; a change takes effect on every server within a second.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetTenantUsageResponse getTenantUsage(com.phoenixcoupons.v1.GetTenantUsageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetTenantUsageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the tenant's guess policy, default limits included.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetGuessPolicyResponse getGuessPolicy(com.phoenixcoupons.v1.GetGuessPolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetGuessPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces the limits of failed attempts; those that are absent become the default ones.
     * Every server applies them within a second. Existing blocks stay.
     * A policy that allows more failures of a user asks for longer codes: see
     * GenerateCoupons and GetCodeStrength.
     * </pre>
     */
    public com.phoenixcoupons.v1.SetGuessPolicyResponse setGuessPolicy(com.phoenixcoupons.v1.SetGuessPolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetGuessPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends the blocks of a user and of the user's tokens, and forgets their failures; on
     * every server within a second. Blocks of a network address stay.
     * </pre>
     */
    public com.phoenixcoupons.v1.LiftGuessBlockResponse liftGuessBlock(com.phoenixcoupons.v1.LiftGuessBlockRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getLiftGuessBlockMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service TenantAdmin.
   * <pre>
   * A tenant's own credentials, API keys and the tenant secret, its webhook endpoints, its
   * protection against guessed codes, and its limits. A revocation or rotation of a
   * credential takes effect on every server within a second.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE,
   * INVALID_PAGE_TOKEN), UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED
   * (CREDENTIAL_NOT_ALLOWED), RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a
   * call that stores something), DEADLINE_EXCEEDED (the request's message did not arrive in
   * time), UNAVAILABLE (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT); mutations with FAILED_PRECONDITION (REQUEST_ID_REUSED), too.
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
     * Creates an API key. Its value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: CREDENTIAL_NOT_ALLOWED when a scope is asked for that the calling key
     * lacks, or an expiry after its own; SECRET_NOT_SHOWN_AGAIN for a later retry.
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
     * Errors: API_KEY_NOT_FOUND; API_KEY_LAST for the only one with the scope manage.
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
     * a retry with the same `request_id` returns it for a minute.
     * Errors: SECRET_NOT_SHOWN_AGAIN for a later retry. Revoke the secret that it names, and
     * rotate anew: the secret in use lives on.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RotateTenantSecretResponse> rotateTenantSecret(
        com.phoenixcoupons.v1.RotateTenantSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateTenantSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends a secret now. The older one ends before its overlap is over. If it is the newest
     * one, whose value was lost or must not be used, the one before is the current secret
     * again, and does not expire.
     * Errors: TENANT_SECRET_NOT_FOUND; TENANT_SECRET_CURRENT for the only one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RevokeTenantSecretResponse> revokeTenantSecret(
        com.phoenixcoupons.v1.RevokeTenantSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeTenantSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the webhook endpoints, newest first. Secrets are not shown.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListWebhookEndpointsResponse> listWebhookEndpoints(
        com.phoenixcoupons.v1.ListWebhookEndpointsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListWebhookEndpointsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a webhook endpoint, without its secret.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetWebhookEndpointResponse> getWebhookEndpoint(
        com.phoenixcoupons.v1.GetWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates an endpoint, to which events are sent from now on. The secret is in this
     * answer alone; a retry with the same `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_LIMIT_REACHED; INVALID_FIELD for a URL to which webhooks may
     * not be sent; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.CreateWebhookEndpointResponse> createWebhookEndpoint(
        com.phoenixcoupons.v1.CreateWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the URL, the description or the event types. Pending
     * events are sent to the new URL, at once.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.UpdateWebhookEndpointResponse> updateWebhookEndpoint(
        com.phoenixcoupons.v1.UpdateWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes an endpoint with its pending events and its dead letters.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.DeleteWebhookEndpointResponse> deleteWebhookEndpoint(
        com.phoenixcoupons.v1.DeleteWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stops sending to the endpoint until it is resumed; its events wait. Webhooks in flight
     * are completed.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.PauseWebhookEndpointResponse> pauseWebhookEndpoint(
        com.phoenixcoupons.v1.PauseWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPauseWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sends to a paused or disabled endpoint again, its pending events first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ResumeWebhookEndpointResponse> resumeWebhookEndpoint(
        com.phoenixcoupons.v1.ResumeWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResumeWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a new secret for the endpoint. For `overlap` webhooks carry two signatures, one
     * with the secret before. The value is in this answer alone; a retry with the same
     * `request_id` returns it for a minute.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; SECRET_NOT_SHOWN_AGAIN for a later retry.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RotateWebhookSecretResponse> rotateWebhookSecret(
        com.phoenixcoupons.v1.RotateWebhookSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateWebhookSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sends an event of type `webhook.test` now, a GrantEvent without user and subject,
     * whatever the endpoint's status, and returns the outcome, after 15 seconds at most. One
     * test of an endpoint runs at a time.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.TestWebhookEndpointResponse> testWebhookEndpoint(
        com.phoenixcoupons.v1.TestWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getTestWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the delivery log of an endpoint, newest first. Attempts are kept for as long as
     * delivered events are: 30 days, unless the service is set up otherwise.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListWebhookAttemptsResponse> listWebhookAttempts(
        com.phoenixcoupons.v1.ListWebhookAttemptsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListWebhookAttemptsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the dead letters of an endpoint, events that it did not accept after all retries;
     * newest event first.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListDeadLettersResponse> listDeadLetters(
        com.phoenixcoupons.v1.ListDeadLettersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListDeadLettersMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Redelivers one event, or all dead letters of the endpoint, with the retries of any event.
     * A redelivery is out of the user's order. One that is pending already is due at once. A
     * dead letter that is delivered is deleted.
     * Errors: WEBHOOK_ENDPOINT_NOT_FOUND; WEBHOOK_EVENT_NOT_FOUND for an event that is not
     * kept any more.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RedeliverWebhookResponse> redeliverWebhook(
        com.phoenixcoupons.v1.RedeliverWebhookRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRedeliverWebhookMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns each of the tenant's limits, and how much of it is used. Operators set
     * limits; a change takes effect on every server within a second.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetTenantUsageResponse> getTenantUsage(
        com.phoenixcoupons.v1.GetTenantUsageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetTenantUsageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the tenant's guess policy, default limits included.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetGuessPolicyResponse> getGuessPolicy(
        com.phoenixcoupons.v1.GetGuessPolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetGuessPolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Replaces the limits of failed attempts; those that are absent become the default ones.
     * Every server applies them within a second. Existing blocks stay.
     * A policy that allows more failures of a user asks for longer codes: see
     * GenerateCoupons and GetCodeStrength.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.SetGuessPolicyResponse> setGuessPolicy(
        com.phoenixcoupons.v1.SetGuessPolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetGuessPolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends the blocks of a user and of the user's tokens, and forgets their failures; on
     * every server within a second. Blocks of a network address stay.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.LiftGuessBlockResponse> liftGuessBlock(
        com.phoenixcoupons.v1.LiftGuessBlockRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getLiftGuessBlockMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_API_KEYS = 0;
  private static final int METHODID_CREATE_API_KEY = 1;
  private static final int METHODID_REVOKE_API_KEY = 2;
  private static final int METHODID_LIST_TENANT_SECRETS = 3;
  private static final int METHODID_ROTATE_TENANT_SECRET = 4;
  private static final int METHODID_REVOKE_TENANT_SECRET = 5;
  private static final int METHODID_LIST_WEBHOOK_ENDPOINTS = 6;
  private static final int METHODID_GET_WEBHOOK_ENDPOINT = 7;
  private static final int METHODID_CREATE_WEBHOOK_ENDPOINT = 8;
  private static final int METHODID_UPDATE_WEBHOOK_ENDPOINT = 9;
  private static final int METHODID_DELETE_WEBHOOK_ENDPOINT = 10;
  private static final int METHODID_PAUSE_WEBHOOK_ENDPOINT = 11;
  private static final int METHODID_RESUME_WEBHOOK_ENDPOINT = 12;
  private static final int METHODID_ROTATE_WEBHOOK_SECRET = 13;
  private static final int METHODID_TEST_WEBHOOK_ENDPOINT = 14;
  private static final int METHODID_LIST_WEBHOOK_ATTEMPTS = 15;
  private static final int METHODID_LIST_DEAD_LETTERS = 16;
  private static final int METHODID_REDELIVER_WEBHOOK = 17;
  private static final int METHODID_GET_TENANT_USAGE = 18;
  private static final int METHODID_GET_GUESS_POLICY = 19;
  private static final int METHODID_SET_GUESS_POLICY = 20;
  private static final int METHODID_LIFT_GUESS_BLOCK = 21;

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
        case METHODID_LIST_WEBHOOK_ENDPOINTS:
          serviceImpl.listWebhookEndpoints((com.phoenixcoupons.v1.ListWebhookEndpointsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListWebhookEndpointsResponse>) responseObserver);
          break;
        case METHODID_GET_WEBHOOK_ENDPOINT:
          serviceImpl.getWebhookEndpoint((com.phoenixcoupons.v1.GetWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetWebhookEndpointResponse>) responseObserver);
          break;
        case METHODID_CREATE_WEBHOOK_ENDPOINT:
          serviceImpl.createWebhookEndpoint((com.phoenixcoupons.v1.CreateWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateWebhookEndpointResponse>) responseObserver);
          break;
        case METHODID_UPDATE_WEBHOOK_ENDPOINT:
          serviceImpl.updateWebhookEndpoint((com.phoenixcoupons.v1.UpdateWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.UpdateWebhookEndpointResponse>) responseObserver);
          break;
        case METHODID_DELETE_WEBHOOK_ENDPOINT:
          serviceImpl.deleteWebhookEndpoint((com.phoenixcoupons.v1.DeleteWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.DeleteWebhookEndpointResponse>) responseObserver);
          break;
        case METHODID_PAUSE_WEBHOOK_ENDPOINT:
          serviceImpl.pauseWebhookEndpoint((com.phoenixcoupons.v1.PauseWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.PauseWebhookEndpointResponse>) responseObserver);
          break;
        case METHODID_RESUME_WEBHOOK_ENDPOINT:
          serviceImpl.resumeWebhookEndpoint((com.phoenixcoupons.v1.ResumeWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ResumeWebhookEndpointResponse>) responseObserver);
          break;
        case METHODID_ROTATE_WEBHOOK_SECRET:
          serviceImpl.rotateWebhookSecret((com.phoenixcoupons.v1.RotateWebhookSecretRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RotateWebhookSecretResponse>) responseObserver);
          break;
        case METHODID_TEST_WEBHOOK_ENDPOINT:
          serviceImpl.testWebhookEndpoint((com.phoenixcoupons.v1.TestWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.TestWebhookEndpointResponse>) responseObserver);
          break;
        case METHODID_LIST_WEBHOOK_ATTEMPTS:
          serviceImpl.listWebhookAttempts((com.phoenixcoupons.v1.ListWebhookAttemptsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListWebhookAttemptsResponse>) responseObserver);
          break;
        case METHODID_LIST_DEAD_LETTERS:
          serviceImpl.listDeadLetters((com.phoenixcoupons.v1.ListDeadLettersRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListDeadLettersResponse>) responseObserver);
          break;
        case METHODID_REDELIVER_WEBHOOK:
          serviceImpl.redeliverWebhook((com.phoenixcoupons.v1.RedeliverWebhookRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RedeliverWebhookResponse>) responseObserver);
          break;
        case METHODID_GET_TENANT_USAGE:
          serviceImpl.getTenantUsage((com.phoenixcoupons.v1.GetTenantUsageRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetTenantUsageResponse>) responseObserver);
          break;
        case METHODID_GET_GUESS_POLICY:
          serviceImpl.getGuessPolicy((com.phoenixcoupons.v1.GetGuessPolicyRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetGuessPolicyResponse>) responseObserver);
          break;
        case METHODID_SET_GUESS_POLICY:
          serviceImpl.setGuessPolicy((com.phoenixcoupons.v1.SetGuessPolicyRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.SetGuessPolicyResponse>) responseObserver);
          break;
        case METHODID_LIFT_GUESS_BLOCK:
          serviceImpl.liftGuessBlock((com.phoenixcoupons.v1.LiftGuessBlockRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.LiftGuessBlockResponse>) responseObserver);
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
        .addMethod(
          getListWebhookEndpointsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListWebhookEndpointsRequest,
              com.phoenixcoupons.v1.ListWebhookEndpointsResponse>(
                service, METHODID_LIST_WEBHOOK_ENDPOINTS)))
        .addMethod(
          getGetWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetWebhookEndpointRequest,
              com.phoenixcoupons.v1.GetWebhookEndpointResponse>(
                service, METHODID_GET_WEBHOOK_ENDPOINT)))
        .addMethod(
          getCreateWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.CreateWebhookEndpointRequest,
              com.phoenixcoupons.v1.CreateWebhookEndpointResponse>(
                service, METHODID_CREATE_WEBHOOK_ENDPOINT)))
        .addMethod(
          getUpdateWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.UpdateWebhookEndpointRequest,
              com.phoenixcoupons.v1.UpdateWebhookEndpointResponse>(
                service, METHODID_UPDATE_WEBHOOK_ENDPOINT)))
        .addMethod(
          getDeleteWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.DeleteWebhookEndpointRequest,
              com.phoenixcoupons.v1.DeleteWebhookEndpointResponse>(
                service, METHODID_DELETE_WEBHOOK_ENDPOINT)))
        .addMethod(
          getPauseWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.PauseWebhookEndpointRequest,
              com.phoenixcoupons.v1.PauseWebhookEndpointResponse>(
                service, METHODID_PAUSE_WEBHOOK_ENDPOINT)))
        .addMethod(
          getResumeWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ResumeWebhookEndpointRequest,
              com.phoenixcoupons.v1.ResumeWebhookEndpointResponse>(
                service, METHODID_RESUME_WEBHOOK_ENDPOINT)))
        .addMethod(
          getRotateWebhookSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.RotateWebhookSecretRequest,
              com.phoenixcoupons.v1.RotateWebhookSecretResponse>(
                service, METHODID_ROTATE_WEBHOOK_SECRET)))
        .addMethod(
          getTestWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.TestWebhookEndpointRequest,
              com.phoenixcoupons.v1.TestWebhookEndpointResponse>(
                service, METHODID_TEST_WEBHOOK_ENDPOINT)))
        .addMethod(
          getListWebhookAttemptsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListWebhookAttemptsRequest,
              com.phoenixcoupons.v1.ListWebhookAttemptsResponse>(
                service, METHODID_LIST_WEBHOOK_ATTEMPTS)))
        .addMethod(
          getListDeadLettersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListDeadLettersRequest,
              com.phoenixcoupons.v1.ListDeadLettersResponse>(
                service, METHODID_LIST_DEAD_LETTERS)))
        .addMethod(
          getRedeliverWebhookMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.RedeliverWebhookRequest,
              com.phoenixcoupons.v1.RedeliverWebhookResponse>(
                service, METHODID_REDELIVER_WEBHOOK)))
        .addMethod(
          getGetTenantUsageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetTenantUsageRequest,
              com.phoenixcoupons.v1.GetTenantUsageResponse>(
                service, METHODID_GET_TENANT_USAGE)))
        .addMethod(
          getGetGuessPolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetGuessPolicyRequest,
              com.phoenixcoupons.v1.GetGuessPolicyResponse>(
                service, METHODID_GET_GUESS_POLICY)))
        .addMethod(
          getSetGuessPolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.SetGuessPolicyRequest,
              com.phoenixcoupons.v1.SetGuessPolicyResponse>(
                service, METHODID_SET_GUESS_POLICY)))
        .addMethod(
          getLiftGuessBlockMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.LiftGuessBlockRequest,
              com.phoenixcoupons.v1.LiftGuessBlockResponse>(
                service, METHODID_LIFT_GUESS_BLOCK)))
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
              .addMethod(getListWebhookEndpointsMethod())
              .addMethod(getGetWebhookEndpointMethod())
              .addMethod(getCreateWebhookEndpointMethod())
              .addMethod(getUpdateWebhookEndpointMethod())
              .addMethod(getDeleteWebhookEndpointMethod())
              .addMethod(getPauseWebhookEndpointMethod())
              .addMethod(getResumeWebhookEndpointMethod())
              .addMethod(getRotateWebhookSecretMethod())
              .addMethod(getTestWebhookEndpointMethod())
              .addMethod(getListWebhookAttemptsMethod())
              .addMethod(getListDeadLettersMethod())
              .addMethod(getRedeliverWebhookMethod())
              .addMethod(getGetTenantUsageMethod())
              .addMethod(getGetGuessPolicyMethod())
              .addMethod(getSetGuessPolicyMethod())
              .addMethod(getLiftGuessBlockMethod())
              .build();
        }
      }
    }
    return result;
  }
}
