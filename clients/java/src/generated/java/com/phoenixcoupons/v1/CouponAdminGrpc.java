package com.phoenixcoupons.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The tenant's back office: reward items, coupon definitions, issued coupons and
 * the redemption ledger.
 * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
 * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
 * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
 * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
 * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
 * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
 * lists its other errors. Every mutation is atomic.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CouponAdminGrpc {

  private CouponAdminGrpc() {}

  public static final java.lang.String SERVICE_NAME = "phoenix_coupons.v1.CouponAdmin";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListRewardItemsRequest,
      com.phoenixcoupons.v1.ListRewardItemsResponse> getListRewardItemsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRewardItems",
      requestType = com.phoenixcoupons.v1.ListRewardItemsRequest.class,
      responseType = com.phoenixcoupons.v1.ListRewardItemsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListRewardItemsRequest,
      com.phoenixcoupons.v1.ListRewardItemsResponse> getListRewardItemsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListRewardItemsRequest, com.phoenixcoupons.v1.ListRewardItemsResponse> getListRewardItemsMethod;
    if ((getListRewardItemsMethod = CouponAdminGrpc.getListRewardItemsMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getListRewardItemsMethod = CouponAdminGrpc.getListRewardItemsMethod) == null) {
          CouponAdminGrpc.getListRewardItemsMethod = getListRewardItemsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListRewardItemsRequest, com.phoenixcoupons.v1.ListRewardItemsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRewardItems"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListRewardItemsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListRewardItemsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("ListRewardItems"))
              .build();
        }
      }
    }
    return getListRewardItemsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetRewardItemRequest,
      com.phoenixcoupons.v1.GetRewardItemResponse> getGetRewardItemMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRewardItem",
      requestType = com.phoenixcoupons.v1.GetRewardItemRequest.class,
      responseType = com.phoenixcoupons.v1.GetRewardItemResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetRewardItemRequest,
      com.phoenixcoupons.v1.GetRewardItemResponse> getGetRewardItemMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetRewardItemRequest, com.phoenixcoupons.v1.GetRewardItemResponse> getGetRewardItemMethod;
    if ((getGetRewardItemMethod = CouponAdminGrpc.getGetRewardItemMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getGetRewardItemMethod = CouponAdminGrpc.getGetRewardItemMethod) == null) {
          CouponAdminGrpc.getGetRewardItemMethod = getGetRewardItemMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetRewardItemRequest, com.phoenixcoupons.v1.GetRewardItemResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRewardItem"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetRewardItemRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetRewardItemResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("GetRewardItem"))
              .build();
        }
      }
    }
    return getGetRewardItemMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateRewardItemRequest,
      com.phoenixcoupons.v1.CreateRewardItemResponse> getCreateRewardItemMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateRewardItem",
      requestType = com.phoenixcoupons.v1.CreateRewardItemRequest.class,
      responseType = com.phoenixcoupons.v1.CreateRewardItemResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateRewardItemRequest,
      com.phoenixcoupons.v1.CreateRewardItemResponse> getCreateRewardItemMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateRewardItemRequest, com.phoenixcoupons.v1.CreateRewardItemResponse> getCreateRewardItemMethod;
    if ((getCreateRewardItemMethod = CouponAdminGrpc.getCreateRewardItemMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getCreateRewardItemMethod = CouponAdminGrpc.getCreateRewardItemMethod) == null) {
          CouponAdminGrpc.getCreateRewardItemMethod = getCreateRewardItemMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.CreateRewardItemRequest, com.phoenixcoupons.v1.CreateRewardItemResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateRewardItem"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CreateRewardItemRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CreateRewardItemResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("CreateRewardItem"))
              .build();
        }
      }
    }
    return getCreateRewardItemMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.UpdateRewardItemRequest,
      com.phoenixcoupons.v1.UpdateRewardItemResponse> getUpdateRewardItemMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateRewardItem",
      requestType = com.phoenixcoupons.v1.UpdateRewardItemRequest.class,
      responseType = com.phoenixcoupons.v1.UpdateRewardItemResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.UpdateRewardItemRequest,
      com.phoenixcoupons.v1.UpdateRewardItemResponse> getUpdateRewardItemMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.UpdateRewardItemRequest, com.phoenixcoupons.v1.UpdateRewardItemResponse> getUpdateRewardItemMethod;
    if ((getUpdateRewardItemMethod = CouponAdminGrpc.getUpdateRewardItemMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getUpdateRewardItemMethod = CouponAdminGrpc.getUpdateRewardItemMethod) == null) {
          CouponAdminGrpc.getUpdateRewardItemMethod = getUpdateRewardItemMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.UpdateRewardItemRequest, com.phoenixcoupons.v1.UpdateRewardItemResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateRewardItem"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.UpdateRewardItemRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.UpdateRewardItemResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("UpdateRewardItem"))
              .build();
        }
      }
    }
    return getUpdateRewardItemMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.DeleteRewardItemRequest,
      com.phoenixcoupons.v1.DeleteRewardItemResponse> getDeleteRewardItemMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteRewardItem",
      requestType = com.phoenixcoupons.v1.DeleteRewardItemRequest.class,
      responseType = com.phoenixcoupons.v1.DeleteRewardItemResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.DeleteRewardItemRequest,
      com.phoenixcoupons.v1.DeleteRewardItemResponse> getDeleteRewardItemMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.DeleteRewardItemRequest, com.phoenixcoupons.v1.DeleteRewardItemResponse> getDeleteRewardItemMethod;
    if ((getDeleteRewardItemMethod = CouponAdminGrpc.getDeleteRewardItemMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getDeleteRewardItemMethod = CouponAdminGrpc.getDeleteRewardItemMethod) == null) {
          CouponAdminGrpc.getDeleteRewardItemMethod = getDeleteRewardItemMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.DeleteRewardItemRequest, com.phoenixcoupons.v1.DeleteRewardItemResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteRewardItem"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.DeleteRewardItemRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.DeleteRewardItemResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("DeleteRewardItem"))
              .build();
        }
      }
    }
    return getDeleteRewardItemMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListCouponDefinitionsRequest,
      com.phoenixcoupons.v1.ListCouponDefinitionsResponse> getListCouponDefinitionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListCouponDefinitions",
      requestType = com.phoenixcoupons.v1.ListCouponDefinitionsRequest.class,
      responseType = com.phoenixcoupons.v1.ListCouponDefinitionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListCouponDefinitionsRequest,
      com.phoenixcoupons.v1.ListCouponDefinitionsResponse> getListCouponDefinitionsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListCouponDefinitionsRequest, com.phoenixcoupons.v1.ListCouponDefinitionsResponse> getListCouponDefinitionsMethod;
    if ((getListCouponDefinitionsMethod = CouponAdminGrpc.getListCouponDefinitionsMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getListCouponDefinitionsMethod = CouponAdminGrpc.getListCouponDefinitionsMethod) == null) {
          CouponAdminGrpc.getListCouponDefinitionsMethod = getListCouponDefinitionsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListCouponDefinitionsRequest, com.phoenixcoupons.v1.ListCouponDefinitionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListCouponDefinitions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListCouponDefinitionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListCouponDefinitionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("ListCouponDefinitions"))
              .build();
        }
      }
    }
    return getListCouponDefinitionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetCouponDefinitionRequest,
      com.phoenixcoupons.v1.GetCouponDefinitionResponse> getGetCouponDefinitionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetCouponDefinition",
      requestType = com.phoenixcoupons.v1.GetCouponDefinitionRequest.class,
      responseType = com.phoenixcoupons.v1.GetCouponDefinitionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetCouponDefinitionRequest,
      com.phoenixcoupons.v1.GetCouponDefinitionResponse> getGetCouponDefinitionMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetCouponDefinitionRequest, com.phoenixcoupons.v1.GetCouponDefinitionResponse> getGetCouponDefinitionMethod;
    if ((getGetCouponDefinitionMethod = CouponAdminGrpc.getGetCouponDefinitionMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getGetCouponDefinitionMethod = CouponAdminGrpc.getGetCouponDefinitionMethod) == null) {
          CouponAdminGrpc.getGetCouponDefinitionMethod = getGetCouponDefinitionMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetCouponDefinitionRequest, com.phoenixcoupons.v1.GetCouponDefinitionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetCouponDefinition"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetCouponDefinitionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetCouponDefinitionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("GetCouponDefinition"))
              .build();
        }
      }
    }
    return getGetCouponDefinitionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateCouponDefinitionRequest,
      com.phoenixcoupons.v1.CreateCouponDefinitionResponse> getCreateCouponDefinitionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateCouponDefinition",
      requestType = com.phoenixcoupons.v1.CreateCouponDefinitionRequest.class,
      responseType = com.phoenixcoupons.v1.CreateCouponDefinitionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateCouponDefinitionRequest,
      com.phoenixcoupons.v1.CreateCouponDefinitionResponse> getCreateCouponDefinitionMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CreateCouponDefinitionRequest, com.phoenixcoupons.v1.CreateCouponDefinitionResponse> getCreateCouponDefinitionMethod;
    if ((getCreateCouponDefinitionMethod = CouponAdminGrpc.getCreateCouponDefinitionMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getCreateCouponDefinitionMethod = CouponAdminGrpc.getCreateCouponDefinitionMethod) == null) {
          CouponAdminGrpc.getCreateCouponDefinitionMethod = getCreateCouponDefinitionMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.CreateCouponDefinitionRequest, com.phoenixcoupons.v1.CreateCouponDefinitionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateCouponDefinition"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CreateCouponDefinitionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CreateCouponDefinitionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("CreateCouponDefinition"))
              .build();
        }
      }
    }
    return getCreateCouponDefinitionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.UpdateCouponDefinitionRequest,
      com.phoenixcoupons.v1.UpdateCouponDefinitionResponse> getUpdateCouponDefinitionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateCouponDefinition",
      requestType = com.phoenixcoupons.v1.UpdateCouponDefinitionRequest.class,
      responseType = com.phoenixcoupons.v1.UpdateCouponDefinitionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.UpdateCouponDefinitionRequest,
      com.phoenixcoupons.v1.UpdateCouponDefinitionResponse> getUpdateCouponDefinitionMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.UpdateCouponDefinitionRequest, com.phoenixcoupons.v1.UpdateCouponDefinitionResponse> getUpdateCouponDefinitionMethod;
    if ((getUpdateCouponDefinitionMethod = CouponAdminGrpc.getUpdateCouponDefinitionMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getUpdateCouponDefinitionMethod = CouponAdminGrpc.getUpdateCouponDefinitionMethod) == null) {
          CouponAdminGrpc.getUpdateCouponDefinitionMethod = getUpdateCouponDefinitionMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.UpdateCouponDefinitionRequest, com.phoenixcoupons.v1.UpdateCouponDefinitionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateCouponDefinition"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.UpdateCouponDefinitionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.UpdateCouponDefinitionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("UpdateCouponDefinition"))
              .build();
        }
      }
    }
    return getUpdateCouponDefinitionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.PauseCouponDefinitionRequest,
      com.phoenixcoupons.v1.PauseCouponDefinitionResponse> getPauseCouponDefinitionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PauseCouponDefinition",
      requestType = com.phoenixcoupons.v1.PauseCouponDefinitionRequest.class,
      responseType = com.phoenixcoupons.v1.PauseCouponDefinitionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.PauseCouponDefinitionRequest,
      com.phoenixcoupons.v1.PauseCouponDefinitionResponse> getPauseCouponDefinitionMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.PauseCouponDefinitionRequest, com.phoenixcoupons.v1.PauseCouponDefinitionResponse> getPauseCouponDefinitionMethod;
    if ((getPauseCouponDefinitionMethod = CouponAdminGrpc.getPauseCouponDefinitionMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getPauseCouponDefinitionMethod = CouponAdminGrpc.getPauseCouponDefinitionMethod) == null) {
          CouponAdminGrpc.getPauseCouponDefinitionMethod = getPauseCouponDefinitionMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.PauseCouponDefinitionRequest, com.phoenixcoupons.v1.PauseCouponDefinitionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PauseCouponDefinition"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.PauseCouponDefinitionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.PauseCouponDefinitionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("PauseCouponDefinition"))
              .build();
        }
      }
    }
    return getPauseCouponDefinitionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ResumeCouponDefinitionRequest,
      com.phoenixcoupons.v1.ResumeCouponDefinitionResponse> getResumeCouponDefinitionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResumeCouponDefinition",
      requestType = com.phoenixcoupons.v1.ResumeCouponDefinitionRequest.class,
      responseType = com.phoenixcoupons.v1.ResumeCouponDefinitionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ResumeCouponDefinitionRequest,
      com.phoenixcoupons.v1.ResumeCouponDefinitionResponse> getResumeCouponDefinitionMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ResumeCouponDefinitionRequest, com.phoenixcoupons.v1.ResumeCouponDefinitionResponse> getResumeCouponDefinitionMethod;
    if ((getResumeCouponDefinitionMethod = CouponAdminGrpc.getResumeCouponDefinitionMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getResumeCouponDefinitionMethod = CouponAdminGrpc.getResumeCouponDefinitionMethod) == null) {
          CouponAdminGrpc.getResumeCouponDefinitionMethod = getResumeCouponDefinitionMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ResumeCouponDefinitionRequest, com.phoenixcoupons.v1.ResumeCouponDefinitionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResumeCouponDefinition"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ResumeCouponDefinitionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ResumeCouponDefinitionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("ResumeCouponDefinition"))
              .build();
        }
      }
    }
    return getResumeCouponDefinitionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest,
      com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse> getArchiveCouponDefinitionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ArchiveCouponDefinition",
      requestType = com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest.class,
      responseType = com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest,
      com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse> getArchiveCouponDefinitionMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest, com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse> getArchiveCouponDefinitionMethod;
    if ((getArchiveCouponDefinitionMethod = CouponAdminGrpc.getArchiveCouponDefinitionMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getArchiveCouponDefinitionMethod = CouponAdminGrpc.getArchiveCouponDefinitionMethod) == null) {
          CouponAdminGrpc.getArchiveCouponDefinitionMethod = getArchiveCouponDefinitionMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest, com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ArchiveCouponDefinition"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("ArchiveCouponDefinition"))
              .build();
        }
      }
    }
    return getArchiveCouponDefinitionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest,
      com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse> getGetCouponDefinitionStatsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetCouponDefinitionStats",
      requestType = com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest.class,
      responseType = com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest,
      com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse> getGetCouponDefinitionStatsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest, com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse> getGetCouponDefinitionStatsMethod;
    if ((getGetCouponDefinitionStatsMethod = CouponAdminGrpc.getGetCouponDefinitionStatsMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getGetCouponDefinitionStatsMethod = CouponAdminGrpc.getGetCouponDefinitionStatsMethod) == null) {
          CouponAdminGrpc.getGetCouponDefinitionStatsMethod = getGetCouponDefinitionStatsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest, com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetCouponDefinitionStats"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("GetCouponDefinitionStats"))
              .build();
        }
      }
    }
    return getGetCouponDefinitionStatsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetCodeStrengthRequest,
      com.phoenixcoupons.v1.GetCodeStrengthResponse> getGetCodeStrengthMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetCodeStrength",
      requestType = com.phoenixcoupons.v1.GetCodeStrengthRequest.class,
      responseType = com.phoenixcoupons.v1.GetCodeStrengthResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetCodeStrengthRequest,
      com.phoenixcoupons.v1.GetCodeStrengthResponse> getGetCodeStrengthMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetCodeStrengthRequest, com.phoenixcoupons.v1.GetCodeStrengthResponse> getGetCodeStrengthMethod;
    if ((getGetCodeStrengthMethod = CouponAdminGrpc.getGetCodeStrengthMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getGetCodeStrengthMethod = CouponAdminGrpc.getGetCodeStrengthMethod) == null) {
          CouponAdminGrpc.getGetCodeStrengthMethod = getGetCodeStrengthMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetCodeStrengthRequest, com.phoenixcoupons.v1.GetCodeStrengthResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetCodeStrength"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetCodeStrengthRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetCodeStrengthResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("GetCodeStrength"))
              .build();
        }
      }
    }
    return getGetCodeStrengthMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GenerateCouponsRequest,
      com.phoenixcoupons.v1.GenerateCouponsResponse> getGenerateCouponsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GenerateCoupons",
      requestType = com.phoenixcoupons.v1.GenerateCouponsRequest.class,
      responseType = com.phoenixcoupons.v1.GenerateCouponsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GenerateCouponsRequest,
      com.phoenixcoupons.v1.GenerateCouponsResponse> getGenerateCouponsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GenerateCouponsRequest, com.phoenixcoupons.v1.GenerateCouponsResponse> getGenerateCouponsMethod;
    if ((getGenerateCouponsMethod = CouponAdminGrpc.getGenerateCouponsMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getGenerateCouponsMethod = CouponAdminGrpc.getGenerateCouponsMethod) == null) {
          CouponAdminGrpc.getGenerateCouponsMethod = getGenerateCouponsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GenerateCouponsRequest, com.phoenixcoupons.v1.GenerateCouponsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GenerateCoupons"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GenerateCouponsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GenerateCouponsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("GenerateCoupons"))
              .build();
        }
      }
    }
    return getGenerateCouponsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListIssuedCouponsRequest,
      com.phoenixcoupons.v1.ListIssuedCouponsResponse> getListIssuedCouponsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListIssuedCoupons",
      requestType = com.phoenixcoupons.v1.ListIssuedCouponsRequest.class,
      responseType = com.phoenixcoupons.v1.ListIssuedCouponsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListIssuedCouponsRequest,
      com.phoenixcoupons.v1.ListIssuedCouponsResponse> getListIssuedCouponsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListIssuedCouponsRequest, com.phoenixcoupons.v1.ListIssuedCouponsResponse> getListIssuedCouponsMethod;
    if ((getListIssuedCouponsMethod = CouponAdminGrpc.getListIssuedCouponsMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getListIssuedCouponsMethod = CouponAdminGrpc.getListIssuedCouponsMethod) == null) {
          CouponAdminGrpc.getListIssuedCouponsMethod = getListIssuedCouponsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListIssuedCouponsRequest, com.phoenixcoupons.v1.ListIssuedCouponsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListIssuedCoupons"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListIssuedCouponsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListIssuedCouponsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("ListIssuedCoupons"))
              .build();
        }
      }
    }
    return getListIssuedCouponsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetIssuedCouponRequest,
      com.phoenixcoupons.v1.GetIssuedCouponResponse> getGetIssuedCouponMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetIssuedCoupon",
      requestType = com.phoenixcoupons.v1.GetIssuedCouponRequest.class,
      responseType = com.phoenixcoupons.v1.GetIssuedCouponResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetIssuedCouponRequest,
      com.phoenixcoupons.v1.GetIssuedCouponResponse> getGetIssuedCouponMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetIssuedCouponRequest, com.phoenixcoupons.v1.GetIssuedCouponResponse> getGetIssuedCouponMethod;
    if ((getGetIssuedCouponMethod = CouponAdminGrpc.getGetIssuedCouponMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getGetIssuedCouponMethod = CouponAdminGrpc.getGetIssuedCouponMethod) == null) {
          CouponAdminGrpc.getGetIssuedCouponMethod = getGetIssuedCouponMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetIssuedCouponRequest, com.phoenixcoupons.v1.GetIssuedCouponResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetIssuedCoupon"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetIssuedCouponRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetIssuedCouponResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("GetIssuedCoupon"))
              .build();
        }
      }
    }
    return getGetIssuedCouponMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeCouponRequest,
      com.phoenixcoupons.v1.RevokeCouponResponse> getRevokeCouponMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeCoupon",
      requestType = com.phoenixcoupons.v1.RevokeCouponRequest.class,
      responseType = com.phoenixcoupons.v1.RevokeCouponResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeCouponRequest,
      com.phoenixcoupons.v1.RevokeCouponResponse> getRevokeCouponMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeCouponRequest, com.phoenixcoupons.v1.RevokeCouponResponse> getRevokeCouponMethod;
    if ((getRevokeCouponMethod = CouponAdminGrpc.getRevokeCouponMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getRevokeCouponMethod = CouponAdminGrpc.getRevokeCouponMethod) == null) {
          CouponAdminGrpc.getRevokeCouponMethod = getRevokeCouponMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.RevokeCouponRequest, com.phoenixcoupons.v1.RevokeCouponResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeCoupon"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RevokeCouponRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RevokeCouponResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("RevokeCoupon"))
              .build();
        }
      }
    }
    return getRevokeCouponMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeCouponsRequest,
      com.phoenixcoupons.v1.RevokeCouponsResponse> getRevokeCouponsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RevokeCoupons",
      requestType = com.phoenixcoupons.v1.RevokeCouponsRequest.class,
      responseType = com.phoenixcoupons.v1.RevokeCouponsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeCouponsRequest,
      com.phoenixcoupons.v1.RevokeCouponsResponse> getRevokeCouponsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.RevokeCouponsRequest, com.phoenixcoupons.v1.RevokeCouponsResponse> getRevokeCouponsMethod;
    if ((getRevokeCouponsMethod = CouponAdminGrpc.getRevokeCouponsMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getRevokeCouponsMethod = CouponAdminGrpc.getRevokeCouponsMethod) == null) {
          CouponAdminGrpc.getRevokeCouponsMethod = getRevokeCouponsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.RevokeCouponsRequest, com.phoenixcoupons.v1.RevokeCouponsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RevokeCoupons"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RevokeCouponsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.RevokeCouponsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("RevokeCoupons"))
              .build();
        }
      }
    }
    return getRevokeCouponsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListRedemptionsRequest,
      com.phoenixcoupons.v1.ListRedemptionsResponse> getListRedemptionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRedemptions",
      requestType = com.phoenixcoupons.v1.ListRedemptionsRequest.class,
      responseType = com.phoenixcoupons.v1.ListRedemptionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListRedemptionsRequest,
      com.phoenixcoupons.v1.ListRedemptionsResponse> getListRedemptionsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListRedemptionsRequest, com.phoenixcoupons.v1.ListRedemptionsResponse> getListRedemptionsMethod;
    if ((getListRedemptionsMethod = CouponAdminGrpc.getListRedemptionsMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getListRedemptionsMethod = CouponAdminGrpc.getListRedemptionsMethod) == null) {
          CouponAdminGrpc.getListRedemptionsMethod = getListRedemptionsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListRedemptionsRequest, com.phoenixcoupons.v1.ListRedemptionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRedemptions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListRedemptionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListRedemptionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("ListRedemptions"))
              .build();
        }
      }
    }
    return getListRedemptionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetRedemptionRequest,
      com.phoenixcoupons.v1.GetRedemptionResponse> getGetRedemptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRedemption",
      requestType = com.phoenixcoupons.v1.GetRedemptionRequest.class,
      responseType = com.phoenixcoupons.v1.GetRedemptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetRedemptionRequest,
      com.phoenixcoupons.v1.GetRedemptionResponse> getGetRedemptionMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetRedemptionRequest, com.phoenixcoupons.v1.GetRedemptionResponse> getGetRedemptionMethod;
    if ((getGetRedemptionMethod = CouponAdminGrpc.getGetRedemptionMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getGetRedemptionMethod = CouponAdminGrpc.getGetRedemptionMethod) == null) {
          CouponAdminGrpc.getGetRedemptionMethod = getGetRedemptionMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetRedemptionRequest, com.phoenixcoupons.v1.GetRedemptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRedemption"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetRedemptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetRedemptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("GetRedemption"))
              .build();
        }
      }
    }
    return getGetRedemptionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ReverseRedemptionRequest,
      com.phoenixcoupons.v1.ReverseRedemptionResponse> getReverseRedemptionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReverseRedemption",
      requestType = com.phoenixcoupons.v1.ReverseRedemptionRequest.class,
      responseType = com.phoenixcoupons.v1.ReverseRedemptionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ReverseRedemptionRequest,
      com.phoenixcoupons.v1.ReverseRedemptionResponse> getReverseRedemptionMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ReverseRedemptionRequest, com.phoenixcoupons.v1.ReverseRedemptionResponse> getReverseRedemptionMethod;
    if ((getReverseRedemptionMethod = CouponAdminGrpc.getReverseRedemptionMethod) == null) {
      synchronized (CouponAdminGrpc.class) {
        if ((getReverseRedemptionMethod = CouponAdminGrpc.getReverseRedemptionMethod) == null) {
          CouponAdminGrpc.getReverseRedemptionMethod = getReverseRedemptionMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ReverseRedemptionRequest, com.phoenixcoupons.v1.ReverseRedemptionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReverseRedemption"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ReverseRedemptionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ReverseRedemptionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponAdminMethodDescriptorSupplier("ReverseRedemption"))
              .build();
        }
      }
    }
    return getReverseRedemptionMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CouponAdminStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponAdminStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponAdminStub>() {
        @java.lang.Override
        public CouponAdminStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponAdminStub(channel, callOptions);
        }
      };
    return CouponAdminStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CouponAdminBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponAdminBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponAdminBlockingV2Stub>() {
        @java.lang.Override
        public CouponAdminBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponAdminBlockingV2Stub(channel, callOptions);
        }
      };
    return CouponAdminBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CouponAdminBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponAdminBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponAdminBlockingStub>() {
        @java.lang.Override
        public CouponAdminBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponAdminBlockingStub(channel, callOptions);
        }
      };
    return CouponAdminBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CouponAdminFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponAdminFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponAdminFutureStub>() {
        @java.lang.Override
        public CouponAdminFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponAdminFutureStub(channel, callOptions);
        }
      };
    return CouponAdminFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The tenant's back office: reward items, coupon definitions, issued coupons and
   * the redemption ledger.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Every mutation is atomic.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the reward items, newest first.
     * </pre>
     */
    default void listRewardItems(com.phoenixcoupons.v1.ListRewardItemsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListRewardItemsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRewardItemsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a reward item.
     * Errors: REWARD_ITEM_NOT_FOUND.
     * </pre>
     */
    default void getRewardItem(com.phoenixcoupons.v1.GetRewardItemRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetRewardItemResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRewardItemMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates a reward item.
     * </pre>
     */
    default void createRewardItem(com.phoenixcoupons.v1.CreateRewardItemRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateRewardItemResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateRewardItemMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a reward item. Redemptions keep the item as it was.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    default void updateRewardItem(com.phoenixcoupons.v1.UpdateRewardItemRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.UpdateRewardItemResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateRewardItemMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a reward item that no definition grants, archived ones aside. The
     * ledger keeps its copy.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH, REWARD_ITEM_IN_USE.
     * </pre>
     */
    default void deleteRewardItem(com.phoenixcoupons.v1.DeleteRewardItemRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.DeleteRewardItemResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteRewardItemMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the definitions, newest first.
     * </pre>
     */
    default void listCouponDefinitions(com.phoenixcoupons.v1.ListCouponDefinitionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListCouponDefinitionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListCouponDefinitionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a definition, archived ones too.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    default void getCouponDefinition(com.phoenixcoupons.v1.GetCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetCouponDefinitionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates an active definition.
     * Errors: REWARD_ITEM_NOT_FOUND; CODE_TAKEN when the custom code is in use;
     * TRIGGER_LIMIT_REACHED when 100 others watch the same streak, achievement or leaderboard.
     * </pre>
     */
    default void createCouponDefinition(com.phoenixcoupons.v1.CreateCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateCouponDefinitionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a definition. Dates and limits hold for coupons
     * already issued, too.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, REWARD_ITEM_NOT_FOUND,
     * ETAG_MISMATCH, CODE_TAKEN; DEFINITION_FIELD_FIXED for code format, custom code,
     * case sensitivity and limit type once a coupon exists; LIMIT_BELOW_USAGE;
     * TRIGGER_LIMIT_REACHED as on creation, if the trigger becomes another one.
     * </pre>
     */
    default void updateCouponDefinition(com.phoenixcoupons.v1.UpdateCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.UpdateCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateCouponDefinitionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stops generation; existing coupons stay valid. Pausing a paused definition
     * changes nothing. A redemption of a custom code that is being decided at this
     * moment may still make a coupon.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED.
     * </pre>
     */
    default void pauseCouponDefinition(com.phoenixcoupons.v1.PauseCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.PauseCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPauseCouponDefinitionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Undoes a pause. Resuming an active definition changes nothing.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED; TRIGGER_LIMIT_REACHED as on
     * creation.
     * </pre>
     */
    default void resumeCouponDefinition(com.phoenixcoupons.v1.ResumeCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ResumeCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResumeCouponDefinitionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends a definition for good. Archiving an archived one changes nothing. A
     * redemption that is being decided at this moment may still complete.
     * Errors: DEFINITION_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    default void archiveCouponDefinition(com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getArchiveCouponDefinitionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Counts the coupons and redemptions of a definition, at this moment.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    default void getCouponDefinitionStats(com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetCouponDefinitionStatsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns how hard the definition's random codes are to guess: the chance of one guess,
     * and how long an attacker needs at the rate that the tenant's GuessPolicy allows.
     * Errors: DEFINITION_NOT_FOUND; INVALID_FIELD for a custom code, which is meant to be
     * known.
     * </pre>
     */
    default void getCodeStrength(com.phoenixcoupons.v1.GetCodeStrengthRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetCodeStrengthResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetCodeStrengthMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes coupons: one for each of `user_ids`, or `quantity` unclaimed ones that the
     * first user who redeems one claims. All of them or none.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED,
     * DEFINITION_EXPIRED, ISSUE_LIMIT_REACHED, KEY_SPACE_TOO_SMALL.
     * </pre>
     */
    default void generateCoupons(com.phoenixcoupons.v1.GenerateCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GenerateCouponsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGenerateCouponsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists coupons, newest first. Filters are combined with AND.
     * </pre>
     */
    default void listIssuedCoupons(com.phoenixcoupons.v1.ListIssuedCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListIssuedCouponsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListIssuedCouponsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a coupon.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    default void getIssuedCoupon(com.phoenixcoupons.v1.GetIssuedCouponRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetIssuedCouponResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetIssuedCouponMethod(), responseObserver);
    }

    /**
     * <pre>
     * Revokes a coupon for good. Revoking a revoked one changes nothing and keeps the
     * first reason. Against a concurrent redemption the first lock wins.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    default void revokeCoupon(com.phoenixcoupons.v1.RevokeCouponRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeCouponResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeCouponMethod(), responseObserver);
    }

    /**
     * <pre>
     * Revokes many coupons for one reason: all of them, or none when one is unknown.
     * Errors: COUPON_NOT_FOUND, with the first unknown id in metadata `coupon_id`.
     * </pre>
     */
    default void revokeCoupons(com.phoenixcoupons.v1.RevokeCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeCouponsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRevokeCouponsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the ledger, newest first: redemptions and reversals. Filters are combined
     * with AND.
     * </pre>
     */
    default void listRedemptions(com.phoenixcoupons.v1.ListRedemptionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListRedemptionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRedemptionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a ledger row.
     * Errors: REDEMPTION_NOT_FOUND.
     * </pre>
     */
    default void getRedemption(com.phoenixcoupons.v1.GetRedemptionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetRedemptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRedemptionMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reverses a redemption: the use returns to the coupon's, the user's and the
     * definition's counters, archived or expired or not. The ledger keeps both rows; a
     * claimed coupon stays with its holder. Reversing a redemption again returns the
     * first reversal.
     * Errors: REDEMPTION_NOT_FOUND, REDEMPTION_NOT_REVERSIBLE.
     * </pre>
     */
    default void reverseRedemption(com.phoenixcoupons.v1.ReverseRedemptionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ReverseRedemptionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReverseRedemptionMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CouponAdmin.
   * <pre>
   * The tenant's back office: reward items, coupon definitions, issued coupons and
   * the redemption ledger.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Every mutation is atomic.
   * </pre>
   */
  public static abstract class CouponAdminImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CouponAdminGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CouponAdmin.
   * <pre>
   * The tenant's back office: reward items, coupon definitions, issued coupons and
   * the redemption ledger.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Every mutation is atomic.
   * </pre>
   */
  public static final class CouponAdminStub
      extends io.grpc.stub.AbstractAsyncStub<CouponAdminStub> {
    private CouponAdminStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponAdminStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponAdminStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the reward items, newest first.
     * </pre>
     */
    public void listRewardItems(com.phoenixcoupons.v1.ListRewardItemsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListRewardItemsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRewardItemsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a reward item.
     * Errors: REWARD_ITEM_NOT_FOUND.
     * </pre>
     */
    public void getRewardItem(com.phoenixcoupons.v1.GetRewardItemRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetRewardItemResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRewardItemMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates a reward item.
     * </pre>
     */
    public void createRewardItem(com.phoenixcoupons.v1.CreateRewardItemRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateRewardItemResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateRewardItemMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a reward item. Redemptions keep the item as it was.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public void updateRewardItem(com.phoenixcoupons.v1.UpdateRewardItemRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.UpdateRewardItemResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateRewardItemMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a reward item that no definition grants, archived ones aside. The
     * ledger keeps its copy.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH, REWARD_ITEM_IN_USE.
     * </pre>
     */
    public void deleteRewardItem(com.phoenixcoupons.v1.DeleteRewardItemRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.DeleteRewardItemResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteRewardItemMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the definitions, newest first.
     * </pre>
     */
    public void listCouponDefinitions(com.phoenixcoupons.v1.ListCouponDefinitionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListCouponDefinitionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListCouponDefinitionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a definition, archived ones too.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    public void getCouponDefinition(com.phoenixcoupons.v1.GetCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetCouponDefinitionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates an active definition.
     * Errors: REWARD_ITEM_NOT_FOUND; CODE_TAKEN when the custom code is in use;
     * TRIGGER_LIMIT_REACHED when 100 others watch the same streak, achievement or leaderboard.
     * </pre>
     */
    public void createCouponDefinition(com.phoenixcoupons.v1.CreateCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateCouponDefinitionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the named fields of a definition. Dates and limits hold for coupons
     * already issued, too.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, REWARD_ITEM_NOT_FOUND,
     * ETAG_MISMATCH, CODE_TAKEN; DEFINITION_FIELD_FIXED for code format, custom code,
     * case sensitivity and limit type once a coupon exists; LIMIT_BELOW_USAGE;
     * TRIGGER_LIMIT_REACHED as on creation, if the trigger becomes another one.
     * </pre>
     */
    public void updateCouponDefinition(com.phoenixcoupons.v1.UpdateCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.UpdateCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateCouponDefinitionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stops generation; existing coupons stay valid. Pausing a paused definition
     * changes nothing. A redemption of a custom code that is being decided at this
     * moment may still make a coupon.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED.
     * </pre>
     */
    public void pauseCouponDefinition(com.phoenixcoupons.v1.PauseCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.PauseCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPauseCouponDefinitionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Undoes a pause. Resuming an active definition changes nothing.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED; TRIGGER_LIMIT_REACHED as on
     * creation.
     * </pre>
     */
    public void resumeCouponDefinition(com.phoenixcoupons.v1.ResumeCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ResumeCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResumeCouponDefinitionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends a definition for good. Archiving an archived one changes nothing. A
     * redemption that is being decided at this moment may still complete.
     * Errors: DEFINITION_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public void archiveCouponDefinition(com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getArchiveCouponDefinitionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Counts the coupons and redemptions of a definition, at this moment.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    public void getCouponDefinitionStats(com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetCouponDefinitionStatsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns how hard the definition's random codes are to guess: the chance of one guess,
     * and how long an attacker needs at the rate that the tenant's GuessPolicy allows.
     * Errors: DEFINITION_NOT_FOUND; INVALID_FIELD for a custom code, which is meant to be
     * known.
     * </pre>
     */
    public void getCodeStrength(com.phoenixcoupons.v1.GetCodeStrengthRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetCodeStrengthResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetCodeStrengthMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes coupons: one for each of `user_ids`, or `quantity` unclaimed ones that the
     * first user who redeems one claims. All of them or none.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED,
     * DEFINITION_EXPIRED, ISSUE_LIMIT_REACHED, KEY_SPACE_TOO_SMALL.
     * </pre>
     */
    public void generateCoupons(com.phoenixcoupons.v1.GenerateCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GenerateCouponsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGenerateCouponsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists coupons, newest first. Filters are combined with AND.
     * </pre>
     */
    public void listIssuedCoupons(com.phoenixcoupons.v1.ListIssuedCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListIssuedCouponsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListIssuedCouponsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a coupon.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    public void getIssuedCoupon(com.phoenixcoupons.v1.GetIssuedCouponRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetIssuedCouponResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetIssuedCouponMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Revokes a coupon for good. Revoking a revoked one changes nothing and keeps the
     * first reason. Against a concurrent redemption the first lock wins.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    public void revokeCoupon(com.phoenixcoupons.v1.RevokeCouponRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeCouponResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeCouponMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Revokes many coupons for one reason: all of them, or none when one is unknown.
     * Errors: COUPON_NOT_FOUND, with the first unknown id in metadata `coupon_id`.
     * </pre>
     */
    public void revokeCoupons(com.phoenixcoupons.v1.RevokeCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeCouponsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRevokeCouponsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the ledger, newest first: redemptions and reversals. Filters are combined
     * with AND.
     * </pre>
     */
    public void listRedemptions(com.phoenixcoupons.v1.ListRedemptionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListRedemptionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRedemptionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a ledger row.
     * Errors: REDEMPTION_NOT_FOUND.
     * </pre>
     */
    public void getRedemption(com.phoenixcoupons.v1.GetRedemptionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetRedemptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRedemptionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reverses a redemption: the use returns to the coupon's, the user's and the
     * definition's counters, archived or expired or not. The ledger keeps both rows; a
     * claimed coupon stays with its holder. Reversing a redemption again returns the
     * first reversal.
     * Errors: REDEMPTION_NOT_FOUND, REDEMPTION_NOT_REVERSIBLE.
     * </pre>
     */
    public void reverseRedemption(com.phoenixcoupons.v1.ReverseRedemptionRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ReverseRedemptionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReverseRedemptionMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CouponAdmin.
   * <pre>
   * The tenant's back office: reward items, coupon definitions, issued coupons and
   * the redemption ledger.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Every mutation is atomic.
   * </pre>
   */
  public static final class CouponAdminBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CouponAdminBlockingV2Stub> {
    private CouponAdminBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponAdminBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponAdminBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the reward items, newest first.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListRewardItemsResponse listRewardItems(com.phoenixcoupons.v1.ListRewardItemsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRewardItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a reward item.
     * Errors: REWARD_ITEM_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetRewardItemResponse getRewardItem(com.phoenixcoupons.v1.GetRewardItemRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRewardItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a reward item.
     * </pre>
     */
    public com.phoenixcoupons.v1.CreateRewardItemResponse createRewardItem(com.phoenixcoupons.v1.CreateRewardItemRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateRewardItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a reward item. Redemptions keep the item as it was.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.phoenixcoupons.v1.UpdateRewardItemResponse updateRewardItem(com.phoenixcoupons.v1.UpdateRewardItemRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateRewardItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a reward item that no definition grants, archived ones aside. The
     * ledger keeps its copy.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH, REWARD_ITEM_IN_USE.
     * </pre>
     */
    public com.phoenixcoupons.v1.DeleteRewardItemResponse deleteRewardItem(com.phoenixcoupons.v1.DeleteRewardItemRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteRewardItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the definitions, newest first.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListCouponDefinitionsResponse listCouponDefinitions(com.phoenixcoupons.v1.ListCouponDefinitionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListCouponDefinitionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a definition, archived ones too.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetCouponDefinitionResponse getCouponDefinition(com.phoenixcoupons.v1.GetCouponDefinitionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an active definition.
     * Errors: REWARD_ITEM_NOT_FOUND; CODE_TAKEN when the custom code is in use;
     * TRIGGER_LIMIT_REACHED when 100 others watch the same streak, achievement or leaderboard.
     * </pre>
     */
    public com.phoenixcoupons.v1.CreateCouponDefinitionResponse createCouponDefinition(com.phoenixcoupons.v1.CreateCouponDefinitionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a definition. Dates and limits hold for coupons
     * already issued, too.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, REWARD_ITEM_NOT_FOUND,
     * ETAG_MISMATCH, CODE_TAKEN; DEFINITION_FIELD_FIXED for code format, custom code,
     * case sensitivity and limit type once a coupon exists; LIMIT_BELOW_USAGE;
     * TRIGGER_LIMIT_REACHED as on creation, if the trigger becomes another one.
     * </pre>
     */
    public com.phoenixcoupons.v1.UpdateCouponDefinitionResponse updateCouponDefinition(com.phoenixcoupons.v1.UpdateCouponDefinitionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops generation; existing coupons stay valid. Pausing a paused definition
     * changes nothing. A redemption of a custom code that is being decided at this
     * moment may still make a coupon.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED.
     * </pre>
     */
    public com.phoenixcoupons.v1.PauseCouponDefinitionResponse pauseCouponDefinition(com.phoenixcoupons.v1.PauseCouponDefinitionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPauseCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Undoes a pause. Resuming an active definition changes nothing.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED; TRIGGER_LIMIT_REACHED as on
     * creation.
     * </pre>
     */
    public com.phoenixcoupons.v1.ResumeCouponDefinitionResponse resumeCouponDefinition(com.phoenixcoupons.v1.ResumeCouponDefinitionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResumeCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a definition for good. Archiving an archived one changes nothing. A
     * redemption that is being decided at this moment may still complete.
     * Errors: DEFINITION_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse archiveCouponDefinition(com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getArchiveCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Counts the coupons and redemptions of a definition, at this moment.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse getCouponDefinitionStats(com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetCouponDefinitionStatsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns how hard the definition's random codes are to guess: the chance of one guess,
     * and how long an attacker needs at the rate that the tenant's GuessPolicy allows.
     * Errors: DEFINITION_NOT_FOUND; INVALID_FIELD for a custom code, which is meant to be
     * known.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetCodeStrengthResponse getCodeStrength(com.phoenixcoupons.v1.GetCodeStrengthRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetCodeStrengthMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes coupons: one for each of `user_ids`, or `quantity` unclaimed ones that the
     * first user who redeems one claims. All of them or none.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED,
     * DEFINITION_EXPIRED, ISSUE_LIMIT_REACHED, KEY_SPACE_TOO_SMALL.
     * </pre>
     */
    public com.phoenixcoupons.v1.GenerateCouponsResponse generateCoupons(com.phoenixcoupons.v1.GenerateCouponsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGenerateCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists coupons, newest first. Filters are combined with AND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListIssuedCouponsResponse listIssuedCoupons(com.phoenixcoupons.v1.ListIssuedCouponsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListIssuedCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a coupon.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetIssuedCouponResponse getIssuedCoupon(com.phoenixcoupons.v1.GetIssuedCouponRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetIssuedCouponMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes a coupon for good. Revoking a revoked one changes nothing and keeps the
     * first reason. Against a concurrent redemption the first lock wins.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeCouponResponse revokeCoupon(com.phoenixcoupons.v1.RevokeCouponRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeCouponMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes many coupons for one reason: all of them, or none when one is unknown.
     * Errors: COUPON_NOT_FOUND, with the first unknown id in metadata `coupon_id`.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeCouponsResponse revokeCoupons(com.phoenixcoupons.v1.RevokeCouponsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRevokeCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the ledger, newest first: redemptions and reversals. Filters are combined
     * with AND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListRedemptionsResponse listRedemptions(com.phoenixcoupons.v1.ListRedemptionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRedemptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a ledger row.
     * Errors: REDEMPTION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetRedemptionResponse getRedemption(com.phoenixcoupons.v1.GetRedemptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRedemptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reverses a redemption: the use returns to the coupon's, the user's and the
     * definition's counters, archived or expired or not. The ledger keeps both rows; a
     * claimed coupon stays with its holder. Reversing a redemption again returns the
     * first reversal.
     * Errors: REDEMPTION_NOT_FOUND, REDEMPTION_NOT_REVERSIBLE.
     * </pre>
     */
    public com.phoenixcoupons.v1.ReverseRedemptionResponse reverseRedemption(com.phoenixcoupons.v1.ReverseRedemptionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReverseRedemptionMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CouponAdmin.
   * <pre>
   * The tenant's back office: reward items, coupon definitions, issued coupons and
   * the redemption ledger.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Every mutation is atomic.
   * </pre>
   */
  public static final class CouponAdminBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CouponAdminBlockingStub> {
    private CouponAdminBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponAdminBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponAdminBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the reward items, newest first.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListRewardItemsResponse listRewardItems(com.phoenixcoupons.v1.ListRewardItemsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRewardItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a reward item.
     * Errors: REWARD_ITEM_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetRewardItemResponse getRewardItem(com.phoenixcoupons.v1.GetRewardItemRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRewardItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a reward item.
     * </pre>
     */
    public com.phoenixcoupons.v1.CreateRewardItemResponse createRewardItem(com.phoenixcoupons.v1.CreateRewardItemRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateRewardItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a reward item. Redemptions keep the item as it was.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.phoenixcoupons.v1.UpdateRewardItemResponse updateRewardItem(com.phoenixcoupons.v1.UpdateRewardItemRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateRewardItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a reward item that no definition grants, archived ones aside. The
     * ledger keeps its copy.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH, REWARD_ITEM_IN_USE.
     * </pre>
     */
    public com.phoenixcoupons.v1.DeleteRewardItemResponse deleteRewardItem(com.phoenixcoupons.v1.DeleteRewardItemRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteRewardItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the definitions, newest first.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListCouponDefinitionsResponse listCouponDefinitions(com.phoenixcoupons.v1.ListCouponDefinitionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListCouponDefinitionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a definition, archived ones too.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetCouponDefinitionResponse getCouponDefinition(com.phoenixcoupons.v1.GetCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an active definition.
     * Errors: REWARD_ITEM_NOT_FOUND; CODE_TAKEN when the custom code is in use;
     * TRIGGER_LIMIT_REACHED when 100 others watch the same streak, achievement or leaderboard.
     * </pre>
     */
    public com.phoenixcoupons.v1.CreateCouponDefinitionResponse createCouponDefinition(com.phoenixcoupons.v1.CreateCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the named fields of a definition. Dates and limits hold for coupons
     * already issued, too.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, REWARD_ITEM_NOT_FOUND,
     * ETAG_MISMATCH, CODE_TAKEN; DEFINITION_FIELD_FIXED for code format, custom code,
     * case sensitivity and limit type once a coupon exists; LIMIT_BELOW_USAGE;
     * TRIGGER_LIMIT_REACHED as on creation, if the trigger becomes another one.
     * </pre>
     */
    public com.phoenixcoupons.v1.UpdateCouponDefinitionResponse updateCouponDefinition(com.phoenixcoupons.v1.UpdateCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops generation; existing coupons stay valid. Pausing a paused definition
     * changes nothing. A redemption of a custom code that is being decided at this
     * moment may still make a coupon.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED.
     * </pre>
     */
    public com.phoenixcoupons.v1.PauseCouponDefinitionResponse pauseCouponDefinition(com.phoenixcoupons.v1.PauseCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPauseCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Undoes a pause. Resuming an active definition changes nothing.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED; TRIGGER_LIMIT_REACHED as on
     * creation.
     * </pre>
     */
    public com.phoenixcoupons.v1.ResumeCouponDefinitionResponse resumeCouponDefinition(com.phoenixcoupons.v1.ResumeCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResumeCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a definition for good. Archiving an archived one changes nothing. A
     * redemption that is being decided at this moment may still complete.
     * Errors: DEFINITION_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse archiveCouponDefinition(com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getArchiveCouponDefinitionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Counts the coupons and redemptions of a definition, at this moment.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse getCouponDefinitionStats(com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetCouponDefinitionStatsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns how hard the definition's random codes are to guess: the chance of one guess,
     * and how long an attacker needs at the rate that the tenant's GuessPolicy allows.
     * Errors: DEFINITION_NOT_FOUND; INVALID_FIELD for a custom code, which is meant to be
     * known.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetCodeStrengthResponse getCodeStrength(com.phoenixcoupons.v1.GetCodeStrengthRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetCodeStrengthMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes coupons: one for each of `user_ids`, or `quantity` unclaimed ones that the
     * first user who redeems one claims. All of them or none.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED,
     * DEFINITION_EXPIRED, ISSUE_LIMIT_REACHED, KEY_SPACE_TOO_SMALL.
     * </pre>
     */
    public com.phoenixcoupons.v1.GenerateCouponsResponse generateCoupons(com.phoenixcoupons.v1.GenerateCouponsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGenerateCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists coupons, newest first. Filters are combined with AND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListIssuedCouponsResponse listIssuedCoupons(com.phoenixcoupons.v1.ListIssuedCouponsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListIssuedCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a coupon.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetIssuedCouponResponse getIssuedCoupon(com.phoenixcoupons.v1.GetIssuedCouponRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetIssuedCouponMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes a coupon for good. Revoking a revoked one changes nothing and keeps the
     * first reason. Against a concurrent redemption the first lock wins.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeCouponResponse revokeCoupon(com.phoenixcoupons.v1.RevokeCouponRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeCouponMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Revokes many coupons for one reason: all of them, or none when one is unknown.
     * Errors: COUPON_NOT_FOUND, with the first unknown id in metadata `coupon_id`.
     * </pre>
     */
    public com.phoenixcoupons.v1.RevokeCouponsResponse revokeCoupons(com.phoenixcoupons.v1.RevokeCouponsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRevokeCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the ledger, newest first: redemptions and reversals. Filters are combined
     * with AND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListRedemptionsResponse listRedemptions(com.phoenixcoupons.v1.ListRedemptionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRedemptionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a ledger row.
     * Errors: REDEMPTION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetRedemptionResponse getRedemption(com.phoenixcoupons.v1.GetRedemptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRedemptionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reverses a redemption: the use returns to the coupon's, the user's and the
     * definition's counters, archived or expired or not. The ledger keeps both rows; a
     * claimed coupon stays with its holder. Reversing a redemption again returns the
     * first reversal.
     * Errors: REDEMPTION_NOT_FOUND, REDEMPTION_NOT_REVERSIBLE.
     * </pre>
     */
    public com.phoenixcoupons.v1.ReverseRedemptionResponse reverseRedemption(com.phoenixcoupons.v1.ReverseRedemptionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReverseRedemptionMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CouponAdmin.
   * <pre>
   * The tenant's back office: reward items, coupon definitions, issued coupons and
   * the redemption ledger.
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Every mutation is atomic.
   * </pre>
   */
  public static final class CouponAdminFutureStub
      extends io.grpc.stub.AbstractFutureStub<CouponAdminFutureStub> {
    private CouponAdminFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponAdminFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponAdminFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the reward items, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListRewardItemsResponse> listRewardItems(
        com.phoenixcoupons.v1.ListRewardItemsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRewardItemsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a reward item.
     * Errors: REWARD_ITEM_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetRewardItemResponse> getRewardItem(
        com.phoenixcoupons.v1.GetRewardItemRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRewardItemMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates a reward item.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.CreateRewardItemResponse> createRewardItem(
        com.phoenixcoupons.v1.CreateRewardItemRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateRewardItemMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the named fields of a reward item. Redemptions keep the item as it was.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.UpdateRewardItemResponse> updateRewardItem(
        com.phoenixcoupons.v1.UpdateRewardItemRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateRewardItemMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a reward item that no definition grants, archived ones aside. The
     * ledger keeps its copy.
     * Errors: REWARD_ITEM_NOT_FOUND, ETAG_MISMATCH, REWARD_ITEM_IN_USE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.DeleteRewardItemResponse> deleteRewardItem(
        com.phoenixcoupons.v1.DeleteRewardItemRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteRewardItemMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the definitions, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListCouponDefinitionsResponse> listCouponDefinitions(
        com.phoenixcoupons.v1.ListCouponDefinitionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListCouponDefinitionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a definition, archived ones too.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetCouponDefinitionResponse> getCouponDefinition(
        com.phoenixcoupons.v1.GetCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetCouponDefinitionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates an active definition.
     * Errors: REWARD_ITEM_NOT_FOUND; CODE_TAKEN when the custom code is in use;
     * TRIGGER_LIMIT_REACHED when 100 others watch the same streak, achievement or leaderboard.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.CreateCouponDefinitionResponse> createCouponDefinition(
        com.phoenixcoupons.v1.CreateCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateCouponDefinitionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the named fields of a definition. Dates and limits hold for coupons
     * already issued, too.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, REWARD_ITEM_NOT_FOUND,
     * ETAG_MISMATCH, CODE_TAKEN; DEFINITION_FIELD_FIXED for code format, custom code,
     * case sensitivity and limit type once a coupon exists; LIMIT_BELOW_USAGE;
     * TRIGGER_LIMIT_REACHED as on creation, if the trigger becomes another one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.UpdateCouponDefinitionResponse> updateCouponDefinition(
        com.phoenixcoupons.v1.UpdateCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateCouponDefinitionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stops generation; existing coupons stay valid. Pausing a paused definition
     * changes nothing. A redemption of a custom code that is being decided at this
     * moment may still make a coupon.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.PauseCouponDefinitionResponse> pauseCouponDefinition(
        com.phoenixcoupons.v1.PauseCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPauseCouponDefinitionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Undoes a pause. Resuming an active definition changes nothing.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED; TRIGGER_LIMIT_REACHED as on
     * creation.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ResumeCouponDefinitionResponse> resumeCouponDefinition(
        com.phoenixcoupons.v1.ResumeCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResumeCouponDefinitionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends a definition for good. Archiving an archived one changes nothing. A
     * redemption that is being decided at this moment may still complete.
     * Errors: DEFINITION_NOT_FOUND, ETAG_MISMATCH.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse> archiveCouponDefinition(
        com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getArchiveCouponDefinitionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Counts the coupons and redemptions of a definition, at this moment.
     * Errors: DEFINITION_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse> getCouponDefinitionStats(
        com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetCouponDefinitionStatsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns how hard the definition's random codes are to guess: the chance of one guess,
     * and how long an attacker needs at the rate that the tenant's GuessPolicy allows.
     * Errors: DEFINITION_NOT_FOUND; INVALID_FIELD for a custom code, which is meant to be
     * known.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetCodeStrengthResponse> getCodeStrength(
        com.phoenixcoupons.v1.GetCodeStrengthRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetCodeStrengthMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes coupons: one for each of `user_ids`, or `quantity` unclaimed ones that the
     * first user who redeems one claims. All of them or none.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED,
     * DEFINITION_EXPIRED, ISSUE_LIMIT_REACHED, KEY_SPACE_TOO_SMALL.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GenerateCouponsResponse> generateCoupons(
        com.phoenixcoupons.v1.GenerateCouponsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGenerateCouponsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists coupons, newest first. Filters are combined with AND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListIssuedCouponsResponse> listIssuedCoupons(
        com.phoenixcoupons.v1.ListIssuedCouponsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListIssuedCouponsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a coupon.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetIssuedCouponResponse> getIssuedCoupon(
        com.phoenixcoupons.v1.GetIssuedCouponRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetIssuedCouponMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Revokes a coupon for good. Revoking a revoked one changes nothing and keeps the
     * first reason. Against a concurrent redemption the first lock wins.
     * Errors: COUPON_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RevokeCouponResponse> revokeCoupon(
        com.phoenixcoupons.v1.RevokeCouponRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeCouponMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Revokes many coupons for one reason: all of them, or none when one is unknown.
     * Errors: COUPON_NOT_FOUND, with the first unknown id in metadata `coupon_id`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.RevokeCouponsResponse> revokeCoupons(
        com.phoenixcoupons.v1.RevokeCouponsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRevokeCouponsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the ledger, newest first: redemptions and reversals. Filters are combined
     * with AND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListRedemptionsResponse> listRedemptions(
        com.phoenixcoupons.v1.ListRedemptionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRedemptionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a ledger row.
     * Errors: REDEMPTION_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetRedemptionResponse> getRedemption(
        com.phoenixcoupons.v1.GetRedemptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRedemptionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reverses a redemption: the use returns to the coupon's, the user's and the
     * definition's counters, archived or expired or not. The ledger keeps both rows; a
     * claimed coupon stays with its holder. Reversing a redemption again returns the
     * first reversal.
     * Errors: REDEMPTION_NOT_FOUND, REDEMPTION_NOT_REVERSIBLE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ReverseRedemptionResponse> reverseRedemption(
        com.phoenixcoupons.v1.ReverseRedemptionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReverseRedemptionMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_REWARD_ITEMS = 0;
  private static final int METHODID_GET_REWARD_ITEM = 1;
  private static final int METHODID_CREATE_REWARD_ITEM = 2;
  private static final int METHODID_UPDATE_REWARD_ITEM = 3;
  private static final int METHODID_DELETE_REWARD_ITEM = 4;
  private static final int METHODID_LIST_COUPON_DEFINITIONS = 5;
  private static final int METHODID_GET_COUPON_DEFINITION = 6;
  private static final int METHODID_CREATE_COUPON_DEFINITION = 7;
  private static final int METHODID_UPDATE_COUPON_DEFINITION = 8;
  private static final int METHODID_PAUSE_COUPON_DEFINITION = 9;
  private static final int METHODID_RESUME_COUPON_DEFINITION = 10;
  private static final int METHODID_ARCHIVE_COUPON_DEFINITION = 11;
  private static final int METHODID_GET_COUPON_DEFINITION_STATS = 12;
  private static final int METHODID_GET_CODE_STRENGTH = 13;
  private static final int METHODID_GENERATE_COUPONS = 14;
  private static final int METHODID_LIST_ISSUED_COUPONS = 15;
  private static final int METHODID_GET_ISSUED_COUPON = 16;
  private static final int METHODID_REVOKE_COUPON = 17;
  private static final int METHODID_REVOKE_COUPONS = 18;
  private static final int METHODID_LIST_REDEMPTIONS = 19;
  private static final int METHODID_GET_REDEMPTION = 20;
  private static final int METHODID_REVERSE_REDEMPTION = 21;

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
        case METHODID_LIST_REWARD_ITEMS:
          serviceImpl.listRewardItems((com.phoenixcoupons.v1.ListRewardItemsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListRewardItemsResponse>) responseObserver);
          break;
        case METHODID_GET_REWARD_ITEM:
          serviceImpl.getRewardItem((com.phoenixcoupons.v1.GetRewardItemRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetRewardItemResponse>) responseObserver);
          break;
        case METHODID_CREATE_REWARD_ITEM:
          serviceImpl.createRewardItem((com.phoenixcoupons.v1.CreateRewardItemRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateRewardItemResponse>) responseObserver);
          break;
        case METHODID_UPDATE_REWARD_ITEM:
          serviceImpl.updateRewardItem((com.phoenixcoupons.v1.UpdateRewardItemRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.UpdateRewardItemResponse>) responseObserver);
          break;
        case METHODID_DELETE_REWARD_ITEM:
          serviceImpl.deleteRewardItem((com.phoenixcoupons.v1.DeleteRewardItemRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.DeleteRewardItemResponse>) responseObserver);
          break;
        case METHODID_LIST_COUPON_DEFINITIONS:
          serviceImpl.listCouponDefinitions((com.phoenixcoupons.v1.ListCouponDefinitionsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListCouponDefinitionsResponse>) responseObserver);
          break;
        case METHODID_GET_COUPON_DEFINITION:
          serviceImpl.getCouponDefinition((com.phoenixcoupons.v1.GetCouponDefinitionRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetCouponDefinitionResponse>) responseObserver);
          break;
        case METHODID_CREATE_COUPON_DEFINITION:
          serviceImpl.createCouponDefinition((com.phoenixcoupons.v1.CreateCouponDefinitionRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CreateCouponDefinitionResponse>) responseObserver);
          break;
        case METHODID_UPDATE_COUPON_DEFINITION:
          serviceImpl.updateCouponDefinition((com.phoenixcoupons.v1.UpdateCouponDefinitionRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.UpdateCouponDefinitionResponse>) responseObserver);
          break;
        case METHODID_PAUSE_COUPON_DEFINITION:
          serviceImpl.pauseCouponDefinition((com.phoenixcoupons.v1.PauseCouponDefinitionRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.PauseCouponDefinitionResponse>) responseObserver);
          break;
        case METHODID_RESUME_COUPON_DEFINITION:
          serviceImpl.resumeCouponDefinition((com.phoenixcoupons.v1.ResumeCouponDefinitionRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ResumeCouponDefinitionResponse>) responseObserver);
          break;
        case METHODID_ARCHIVE_COUPON_DEFINITION:
          serviceImpl.archiveCouponDefinition((com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse>) responseObserver);
          break;
        case METHODID_GET_COUPON_DEFINITION_STATS:
          serviceImpl.getCouponDefinitionStats((com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse>) responseObserver);
          break;
        case METHODID_GET_CODE_STRENGTH:
          serviceImpl.getCodeStrength((com.phoenixcoupons.v1.GetCodeStrengthRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetCodeStrengthResponse>) responseObserver);
          break;
        case METHODID_GENERATE_COUPONS:
          serviceImpl.generateCoupons((com.phoenixcoupons.v1.GenerateCouponsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GenerateCouponsResponse>) responseObserver);
          break;
        case METHODID_LIST_ISSUED_COUPONS:
          serviceImpl.listIssuedCoupons((com.phoenixcoupons.v1.ListIssuedCouponsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListIssuedCouponsResponse>) responseObserver);
          break;
        case METHODID_GET_ISSUED_COUPON:
          serviceImpl.getIssuedCoupon((com.phoenixcoupons.v1.GetIssuedCouponRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetIssuedCouponResponse>) responseObserver);
          break;
        case METHODID_REVOKE_COUPON:
          serviceImpl.revokeCoupon((com.phoenixcoupons.v1.RevokeCouponRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeCouponResponse>) responseObserver);
          break;
        case METHODID_REVOKE_COUPONS:
          serviceImpl.revokeCoupons((com.phoenixcoupons.v1.RevokeCouponsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.RevokeCouponsResponse>) responseObserver);
          break;
        case METHODID_LIST_REDEMPTIONS:
          serviceImpl.listRedemptions((com.phoenixcoupons.v1.ListRedemptionsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListRedemptionsResponse>) responseObserver);
          break;
        case METHODID_GET_REDEMPTION:
          serviceImpl.getRedemption((com.phoenixcoupons.v1.GetRedemptionRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetRedemptionResponse>) responseObserver);
          break;
        case METHODID_REVERSE_REDEMPTION:
          serviceImpl.reverseRedemption((com.phoenixcoupons.v1.ReverseRedemptionRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ReverseRedemptionResponse>) responseObserver);
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
          getListRewardItemsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListRewardItemsRequest,
              com.phoenixcoupons.v1.ListRewardItemsResponse>(
                service, METHODID_LIST_REWARD_ITEMS)))
        .addMethod(
          getGetRewardItemMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetRewardItemRequest,
              com.phoenixcoupons.v1.GetRewardItemResponse>(
                service, METHODID_GET_REWARD_ITEM)))
        .addMethod(
          getCreateRewardItemMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.CreateRewardItemRequest,
              com.phoenixcoupons.v1.CreateRewardItemResponse>(
                service, METHODID_CREATE_REWARD_ITEM)))
        .addMethod(
          getUpdateRewardItemMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.UpdateRewardItemRequest,
              com.phoenixcoupons.v1.UpdateRewardItemResponse>(
                service, METHODID_UPDATE_REWARD_ITEM)))
        .addMethod(
          getDeleteRewardItemMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.DeleteRewardItemRequest,
              com.phoenixcoupons.v1.DeleteRewardItemResponse>(
                service, METHODID_DELETE_REWARD_ITEM)))
        .addMethod(
          getListCouponDefinitionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListCouponDefinitionsRequest,
              com.phoenixcoupons.v1.ListCouponDefinitionsResponse>(
                service, METHODID_LIST_COUPON_DEFINITIONS)))
        .addMethod(
          getGetCouponDefinitionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetCouponDefinitionRequest,
              com.phoenixcoupons.v1.GetCouponDefinitionResponse>(
                service, METHODID_GET_COUPON_DEFINITION)))
        .addMethod(
          getCreateCouponDefinitionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.CreateCouponDefinitionRequest,
              com.phoenixcoupons.v1.CreateCouponDefinitionResponse>(
                service, METHODID_CREATE_COUPON_DEFINITION)))
        .addMethod(
          getUpdateCouponDefinitionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.UpdateCouponDefinitionRequest,
              com.phoenixcoupons.v1.UpdateCouponDefinitionResponse>(
                service, METHODID_UPDATE_COUPON_DEFINITION)))
        .addMethod(
          getPauseCouponDefinitionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.PauseCouponDefinitionRequest,
              com.phoenixcoupons.v1.PauseCouponDefinitionResponse>(
                service, METHODID_PAUSE_COUPON_DEFINITION)))
        .addMethod(
          getResumeCouponDefinitionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ResumeCouponDefinitionRequest,
              com.phoenixcoupons.v1.ResumeCouponDefinitionResponse>(
                service, METHODID_RESUME_COUPON_DEFINITION)))
        .addMethod(
          getArchiveCouponDefinitionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ArchiveCouponDefinitionRequest,
              com.phoenixcoupons.v1.ArchiveCouponDefinitionResponse>(
                service, METHODID_ARCHIVE_COUPON_DEFINITION)))
        .addMethod(
          getGetCouponDefinitionStatsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetCouponDefinitionStatsRequest,
              com.phoenixcoupons.v1.GetCouponDefinitionStatsResponse>(
                service, METHODID_GET_COUPON_DEFINITION_STATS)))
        .addMethod(
          getGetCodeStrengthMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetCodeStrengthRequest,
              com.phoenixcoupons.v1.GetCodeStrengthResponse>(
                service, METHODID_GET_CODE_STRENGTH)))
        .addMethod(
          getGenerateCouponsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GenerateCouponsRequest,
              com.phoenixcoupons.v1.GenerateCouponsResponse>(
                service, METHODID_GENERATE_COUPONS)))
        .addMethod(
          getListIssuedCouponsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListIssuedCouponsRequest,
              com.phoenixcoupons.v1.ListIssuedCouponsResponse>(
                service, METHODID_LIST_ISSUED_COUPONS)))
        .addMethod(
          getGetIssuedCouponMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetIssuedCouponRequest,
              com.phoenixcoupons.v1.GetIssuedCouponResponse>(
                service, METHODID_GET_ISSUED_COUPON)))
        .addMethod(
          getRevokeCouponMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.RevokeCouponRequest,
              com.phoenixcoupons.v1.RevokeCouponResponse>(
                service, METHODID_REVOKE_COUPON)))
        .addMethod(
          getRevokeCouponsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.RevokeCouponsRequest,
              com.phoenixcoupons.v1.RevokeCouponsResponse>(
                service, METHODID_REVOKE_COUPONS)))
        .addMethod(
          getListRedemptionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListRedemptionsRequest,
              com.phoenixcoupons.v1.ListRedemptionsResponse>(
                service, METHODID_LIST_REDEMPTIONS)))
        .addMethod(
          getGetRedemptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetRedemptionRequest,
              com.phoenixcoupons.v1.GetRedemptionResponse>(
                service, METHODID_GET_REDEMPTION)))
        .addMethod(
          getReverseRedemptionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ReverseRedemptionRequest,
              com.phoenixcoupons.v1.ReverseRedemptionResponse>(
                service, METHODID_REVERSE_REDEMPTION)))
        .build();
  }

  private static abstract class CouponAdminBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CouponAdminBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.phoenixcoupons.v1.CouponAdminOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CouponAdmin");
    }
  }

  private static final class CouponAdminFileDescriptorSupplier
      extends CouponAdminBaseDescriptorSupplier {
    CouponAdminFileDescriptorSupplier() {}
  }

  private static final class CouponAdminMethodDescriptorSupplier
      extends CouponAdminBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CouponAdminMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CouponAdminGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CouponAdminFileDescriptorSupplier())
              .addMethod(getListRewardItemsMethod())
              .addMethod(getGetRewardItemMethod())
              .addMethod(getCreateRewardItemMethod())
              .addMethod(getUpdateRewardItemMethod())
              .addMethod(getDeleteRewardItemMethod())
              .addMethod(getListCouponDefinitionsMethod())
              .addMethod(getGetCouponDefinitionMethod())
              .addMethod(getCreateCouponDefinitionMethod())
              .addMethod(getUpdateCouponDefinitionMethod())
              .addMethod(getPauseCouponDefinitionMethod())
              .addMethod(getResumeCouponDefinitionMethod())
              .addMethod(getArchiveCouponDefinitionMethod())
              .addMethod(getGetCouponDefinitionStatsMethod())
              .addMethod(getGetCodeStrengthMethod())
              .addMethod(getGenerateCouponsMethod())
              .addMethod(getListIssuedCouponsMethod())
              .addMethod(getGetIssuedCouponMethod())
              .addMethod(getRevokeCouponMethod())
              .addMethod(getRevokeCouponsMethod())
              .addMethod(getListRedemptionsMethod())
              .addMethod(getGetRedemptionMethod())
              .addMethod(getReverseRedemptionMethod())
              .build();
        }
      }
    }
    return result;
  }
}
