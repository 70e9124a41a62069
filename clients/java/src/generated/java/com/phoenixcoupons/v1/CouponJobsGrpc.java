package com.phoenixcoupons.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * What is too much for one call: generations and revocations that run in the background as
 * jobs, and coupons and redemptions that stream in and out.
 * Jobs run in steps, scheduled round robin over tenants, and over the jobs of each. A job
 * survives crashes: it resumes after its last step, and does nothing twice. A tenant has at
 * most as many jobs that wait or run as its limit `open_jobs` allows (default 100).
 * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
 * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
 * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
 * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
 * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
 * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
 * lists its other errors. Calls whose requests are a stream take an admin
 * JWT; they, and those whose answers are one, are not open over REST, and can fail
 * with RESOURCE_EXHAUSTED (TOO_MANY_STREAMS). Such a call ends with
 * SERVICE_UNAVAILABLE when its server is being stopped, and with CREDENTIAL_INVALID
 * when its credential is revoked or its token expires: sign a token that lasts as long
 * as the stream may take.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CouponJobsGrpc {

  private CouponJobsGrpc() {}

  public static final java.lang.String SERVICE_NAME = "phoenix_coupons.v1.CouponJobs";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListGenerationsRequest,
      com.phoenixcoupons.v1.ListGenerationsResponse> getListGenerationsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListGenerations",
      requestType = com.phoenixcoupons.v1.ListGenerationsRequest.class,
      responseType = com.phoenixcoupons.v1.ListGenerationsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListGenerationsRequest,
      com.phoenixcoupons.v1.ListGenerationsResponse> getListGenerationsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListGenerationsRequest, com.phoenixcoupons.v1.ListGenerationsResponse> getListGenerationsMethod;
    if ((getListGenerationsMethod = CouponJobsGrpc.getListGenerationsMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getListGenerationsMethod = CouponJobsGrpc.getListGenerationsMethod) == null) {
          CouponJobsGrpc.getListGenerationsMethod = getListGenerationsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListGenerationsRequest, com.phoenixcoupons.v1.ListGenerationsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListGenerations"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListGenerationsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListGenerationsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("ListGenerations"))
              .build();
        }
      }
    }
    return getListGenerationsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetGenerationRequest,
      com.phoenixcoupons.v1.GetGenerationResponse> getGetGenerationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetGeneration",
      requestType = com.phoenixcoupons.v1.GetGenerationRequest.class,
      responseType = com.phoenixcoupons.v1.GetGenerationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetGenerationRequest,
      com.phoenixcoupons.v1.GetGenerationResponse> getGetGenerationMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetGenerationRequest, com.phoenixcoupons.v1.GetGenerationResponse> getGetGenerationMethod;
    if ((getGetGenerationMethod = CouponJobsGrpc.getGetGenerationMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getGetGenerationMethod = CouponJobsGrpc.getGetGenerationMethod) == null) {
          CouponJobsGrpc.getGetGenerationMethod = getGetGenerationMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetGenerationRequest, com.phoenixcoupons.v1.GetGenerationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetGeneration"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetGenerationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetGenerationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("GetGeneration"))
              .build();
        }
      }
    }
    return getGetGenerationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.StartGenerationRequest,
      com.phoenixcoupons.v1.StartGenerationResponse> getStartGenerationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StartGeneration",
      requestType = com.phoenixcoupons.v1.StartGenerationRequest.class,
      responseType = com.phoenixcoupons.v1.StartGenerationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.StartGenerationRequest,
      com.phoenixcoupons.v1.StartGenerationResponse> getStartGenerationMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.StartGenerationRequest, com.phoenixcoupons.v1.StartGenerationResponse> getStartGenerationMethod;
    if ((getStartGenerationMethod = CouponJobsGrpc.getStartGenerationMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getStartGenerationMethod = CouponJobsGrpc.getStartGenerationMethod) == null) {
          CouponJobsGrpc.getStartGenerationMethod = getStartGenerationMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.StartGenerationRequest, com.phoenixcoupons.v1.StartGenerationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StartGeneration"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.StartGenerationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.StartGenerationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("StartGeneration"))
              .build();
        }
      }
    }
    return getStartGenerationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CancelGenerationRequest,
      com.phoenixcoupons.v1.CancelGenerationResponse> getCancelGenerationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelGeneration",
      requestType = com.phoenixcoupons.v1.CancelGenerationRequest.class,
      responseType = com.phoenixcoupons.v1.CancelGenerationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CancelGenerationRequest,
      com.phoenixcoupons.v1.CancelGenerationResponse> getCancelGenerationMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CancelGenerationRequest, com.phoenixcoupons.v1.CancelGenerationResponse> getCancelGenerationMethod;
    if ((getCancelGenerationMethod = CouponJobsGrpc.getCancelGenerationMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getCancelGenerationMethod = CouponJobsGrpc.getCancelGenerationMethod) == null) {
          CouponJobsGrpc.getCancelGenerationMethod = getCancelGenerationMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.CancelGenerationRequest, com.phoenixcoupons.v1.CancelGenerationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelGeneration"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CancelGenerationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CancelGenerationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("CancelGeneration"))
              .build();
        }
      }
    }
    return getCancelGenerationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.WatchGenerationRequest,
      com.phoenixcoupons.v1.WatchGenerationResponse> getWatchGenerationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchGeneration",
      requestType = com.phoenixcoupons.v1.WatchGenerationRequest.class,
      responseType = com.phoenixcoupons.v1.WatchGenerationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.WatchGenerationRequest,
      com.phoenixcoupons.v1.WatchGenerationResponse> getWatchGenerationMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.WatchGenerationRequest, com.phoenixcoupons.v1.WatchGenerationResponse> getWatchGenerationMethod;
    if ((getWatchGenerationMethod = CouponJobsGrpc.getWatchGenerationMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getWatchGenerationMethod = CouponJobsGrpc.getWatchGenerationMethod) == null) {
          CouponJobsGrpc.getWatchGenerationMethod = getWatchGenerationMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.WatchGenerationRequest, com.phoenixcoupons.v1.WatchGenerationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchGeneration"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.WatchGenerationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.WatchGenerationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("WatchGeneration"))
              .build();
        }
      }
    }
    return getWatchGenerationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListRevocationsRequest,
      com.phoenixcoupons.v1.ListRevocationsResponse> getListRevocationsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRevocations",
      requestType = com.phoenixcoupons.v1.ListRevocationsRequest.class,
      responseType = com.phoenixcoupons.v1.ListRevocationsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListRevocationsRequest,
      com.phoenixcoupons.v1.ListRevocationsResponse> getListRevocationsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ListRevocationsRequest, com.phoenixcoupons.v1.ListRevocationsResponse> getListRevocationsMethod;
    if ((getListRevocationsMethod = CouponJobsGrpc.getListRevocationsMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getListRevocationsMethod = CouponJobsGrpc.getListRevocationsMethod) == null) {
          CouponJobsGrpc.getListRevocationsMethod = getListRevocationsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ListRevocationsRequest, com.phoenixcoupons.v1.ListRevocationsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRevocations"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListRevocationsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ListRevocationsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("ListRevocations"))
              .build();
        }
      }
    }
    return getListRevocationsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetRevocationRequest,
      com.phoenixcoupons.v1.GetRevocationResponse> getGetRevocationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRevocation",
      requestType = com.phoenixcoupons.v1.GetRevocationRequest.class,
      responseType = com.phoenixcoupons.v1.GetRevocationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetRevocationRequest,
      com.phoenixcoupons.v1.GetRevocationResponse> getGetRevocationMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.GetRevocationRequest, com.phoenixcoupons.v1.GetRevocationResponse> getGetRevocationMethod;
    if ((getGetRevocationMethod = CouponJobsGrpc.getGetRevocationMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getGetRevocationMethod = CouponJobsGrpc.getGetRevocationMethod) == null) {
          CouponJobsGrpc.getGetRevocationMethod = getGetRevocationMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.GetRevocationRequest, com.phoenixcoupons.v1.GetRevocationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRevocation"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetRevocationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.GetRevocationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("GetRevocation"))
              .build();
        }
      }
    }
    return getGetRevocationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.StartRevocationRequest,
      com.phoenixcoupons.v1.StartRevocationResponse> getStartRevocationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StartRevocation",
      requestType = com.phoenixcoupons.v1.StartRevocationRequest.class,
      responseType = com.phoenixcoupons.v1.StartRevocationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.StartRevocationRequest,
      com.phoenixcoupons.v1.StartRevocationResponse> getStartRevocationMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.StartRevocationRequest, com.phoenixcoupons.v1.StartRevocationResponse> getStartRevocationMethod;
    if ((getStartRevocationMethod = CouponJobsGrpc.getStartRevocationMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getStartRevocationMethod = CouponJobsGrpc.getStartRevocationMethod) == null) {
          CouponJobsGrpc.getStartRevocationMethod = getStartRevocationMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.StartRevocationRequest, com.phoenixcoupons.v1.StartRevocationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StartRevocation"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.StartRevocationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.StartRevocationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("StartRevocation"))
              .build();
        }
      }
    }
    return getStartRevocationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CancelRevocationRequest,
      com.phoenixcoupons.v1.CancelRevocationResponse> getCancelRevocationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelRevocation",
      requestType = com.phoenixcoupons.v1.CancelRevocationRequest.class,
      responseType = com.phoenixcoupons.v1.CancelRevocationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CancelRevocationRequest,
      com.phoenixcoupons.v1.CancelRevocationResponse> getCancelRevocationMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.CancelRevocationRequest, com.phoenixcoupons.v1.CancelRevocationResponse> getCancelRevocationMethod;
    if ((getCancelRevocationMethod = CouponJobsGrpc.getCancelRevocationMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getCancelRevocationMethod = CouponJobsGrpc.getCancelRevocationMethod) == null) {
          CouponJobsGrpc.getCancelRevocationMethod = getCancelRevocationMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.CancelRevocationRequest, com.phoenixcoupons.v1.CancelRevocationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelRevocation"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CancelRevocationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.CancelRevocationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("CancelRevocation"))
              .build();
        }
      }
    }
    return getCancelRevocationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.WatchRevocationRequest,
      com.phoenixcoupons.v1.WatchRevocationResponse> getWatchRevocationMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchRevocation",
      requestType = com.phoenixcoupons.v1.WatchRevocationRequest.class,
      responseType = com.phoenixcoupons.v1.WatchRevocationResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.WatchRevocationRequest,
      com.phoenixcoupons.v1.WatchRevocationResponse> getWatchRevocationMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.WatchRevocationRequest, com.phoenixcoupons.v1.WatchRevocationResponse> getWatchRevocationMethod;
    if ((getWatchRevocationMethod = CouponJobsGrpc.getWatchRevocationMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getWatchRevocationMethod = CouponJobsGrpc.getWatchRevocationMethod) == null) {
          CouponJobsGrpc.getWatchRevocationMethod = getWatchRevocationMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.WatchRevocationRequest, com.phoenixcoupons.v1.WatchRevocationResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchRevocation"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.WatchRevocationRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.WatchRevocationResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("WatchRevocation"))
              .build();
        }
      }
    }
    return getWatchRevocationMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ImportCouponsRequest,
      com.phoenixcoupons.v1.ImportCouponsResponse> getImportCouponsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ImportCoupons",
      requestType = com.phoenixcoupons.v1.ImportCouponsRequest.class,
      responseType = com.phoenixcoupons.v1.ImportCouponsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ImportCouponsRequest,
      com.phoenixcoupons.v1.ImportCouponsResponse> getImportCouponsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ImportCouponsRequest, com.phoenixcoupons.v1.ImportCouponsResponse> getImportCouponsMethod;
    if ((getImportCouponsMethod = CouponJobsGrpc.getImportCouponsMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getImportCouponsMethod = CouponJobsGrpc.getImportCouponsMethod) == null) {
          CouponJobsGrpc.getImportCouponsMethod = getImportCouponsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ImportCouponsRequest, com.phoenixcoupons.v1.ImportCouponsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ImportCoupons"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ImportCouponsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ImportCouponsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("ImportCoupons"))
              .build();
        }
      }
    }
    return getImportCouponsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ExportCouponsRequest,
      com.phoenixcoupons.v1.ExportCouponsResponse> getExportCouponsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExportCoupons",
      requestType = com.phoenixcoupons.v1.ExportCouponsRequest.class,
      responseType = com.phoenixcoupons.v1.ExportCouponsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ExportCouponsRequest,
      com.phoenixcoupons.v1.ExportCouponsResponse> getExportCouponsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ExportCouponsRequest, com.phoenixcoupons.v1.ExportCouponsResponse> getExportCouponsMethod;
    if ((getExportCouponsMethod = CouponJobsGrpc.getExportCouponsMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getExportCouponsMethod = CouponJobsGrpc.getExportCouponsMethod) == null) {
          CouponJobsGrpc.getExportCouponsMethod = getExportCouponsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ExportCouponsRequest, com.phoenixcoupons.v1.ExportCouponsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExportCoupons"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ExportCouponsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ExportCouponsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("ExportCoupons"))
              .build();
        }
      }
    }
    return getExportCouponsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ExportRedemptionsRequest,
      com.phoenixcoupons.v1.ExportRedemptionsResponse> getExportRedemptionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExportRedemptions",
      requestType = com.phoenixcoupons.v1.ExportRedemptionsRequest.class,
      responseType = com.phoenixcoupons.v1.ExportRedemptionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ExportRedemptionsRequest,
      com.phoenixcoupons.v1.ExportRedemptionsResponse> getExportRedemptionsMethod() {
    io.grpc.MethodDescriptor<com.phoenixcoupons.v1.ExportRedemptionsRequest, com.phoenixcoupons.v1.ExportRedemptionsResponse> getExportRedemptionsMethod;
    if ((getExportRedemptionsMethod = CouponJobsGrpc.getExportRedemptionsMethod) == null) {
      synchronized (CouponJobsGrpc.class) {
        if ((getExportRedemptionsMethod = CouponJobsGrpc.getExportRedemptionsMethod) == null) {
          CouponJobsGrpc.getExportRedemptionsMethod = getExportRedemptionsMethod =
              io.grpc.MethodDescriptor.<com.phoenixcoupons.v1.ExportRedemptionsRequest, com.phoenixcoupons.v1.ExportRedemptionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExportRedemptions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ExportRedemptionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.phoenixcoupons.v1.ExportRedemptionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CouponJobsMethodDescriptorSupplier("ExportRedemptions"))
              .build();
        }
      }
    }
    return getExportRedemptionsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CouponJobsStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponJobsStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponJobsStub>() {
        @java.lang.Override
        public CouponJobsStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponJobsStub(channel, callOptions);
        }
      };
    return CouponJobsStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CouponJobsBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponJobsBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponJobsBlockingV2Stub>() {
        @java.lang.Override
        public CouponJobsBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponJobsBlockingV2Stub(channel, callOptions);
        }
      };
    return CouponJobsBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CouponJobsBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponJobsBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponJobsBlockingStub>() {
        @java.lang.Override
        public CouponJobsBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponJobsBlockingStub(channel, callOptions);
        }
      };
    return CouponJobsBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CouponJobsFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CouponJobsFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CouponJobsFutureStub>() {
        @java.lang.Override
        public CouponJobsFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CouponJobsFutureStub(channel, callOptions);
        }
      };
    return CouponJobsFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * What is too much for one call: generations and revocations that run in the background as
   * jobs, and coupons and redemptions that stream in and out.
   * Jobs run in steps, scheduled round robin over tenants, and over the jobs of each. A job
   * survives crashes: it resumes after its last step, and does nothing twice. A tenant has at
   * most as many jobs that wait or run as its limit `open_jobs` allows (default 100).
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Calls whose requests are a stream take an admin
   * JWT; they, and those whose answers are one, are not open over REST, and can fail
   * with RESOURCE_EXHAUSTED (TOO_MANY_STREAMS). Such a call ends with
   * SERVICE_UNAVAILABLE when its server is being stopped, and with CREDENTIAL_INVALID
   * when its credential is revoked or its token expires: sign a token that lasts as long
   * as the stream may take.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists long generations, newest first. Filters are combined with AND.
     * </pre>
     */
    default void listGenerations(com.phoenixcoupons.v1.ListGenerationsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListGenerationsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListGenerationsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a long generation.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    default void getGeneration(com.phoenixcoupons.v1.GetGenerationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetGenerationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetGenerationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Starts a generation: `quantity` coupons that nobody holds yet, or one for each of the
     * `user_ids` that follow. The whole of it is checked first: the definition, `issue_limit`
     * and the key space. A rule that is broken later, when a step is made, fails the job.
     * The first message names the definition, and the quantity unless users are to follow. A
     * stream that breaks off starts nothing. A retry repeats the whole stream; the same users in
     * the same order are the same request, however they are spread over messages.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED, DEFINITION_EXPIRED,
     * ISSUE_LIMIT_REACHED, KEY_SPACE_TOO_SMALL, TOO_MANY_JOBS; INVALID_FIELD for a user named
     * twice.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StartGenerationRequest> startGeneration(
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StartGenerationResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getStartGenerationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends a generation after the step that is being made. What is made stays. A job that has
     * ended already stays as it is.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    default void cancelGeneration(com.phoenixcoupons.v1.CancelGenerationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CancelGenerationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelGenerationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Follows a generation: its state now, and again when it has changed, at most about twice a
     * second. Ends when the job has ended.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    default void watchGeneration(com.phoenixcoupons.v1.WatchGenerationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.WatchGenerationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchGenerationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists long revocations, newest first. Filters are combined with AND.
     * </pre>
     */
    default void listRevocations(com.phoenixcoupons.v1.ListRevocationsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListRevocationsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRevocationsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns a long revocation.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    default void getRevocation(com.phoenixcoupons.v1.GetRevocationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetRevocationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRevocationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Starts to revoke the coupons that match a filter and exist now. At least one of
     * `definition_id`, `generation_id` and `user_id` must be set. Each coupon is processed
     * once; those that are revoked already keep their reason. A redemption of a coupon that is
     * not processed yet succeeds.
     * Errors: TOO_MANY_JOBS.
     * </pre>
     */
    default void startRevocation(com.phoenixcoupons.v1.StartRevocationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StartRevocationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStartRevocationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Ends a revocation after the step that is being done. What is revoked stays so. A job that
     * has ended already stays as it is.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    default void cancelRevocation(com.phoenixcoupons.v1.CancelRevocationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CancelRevocationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelRevocationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Follows a revocation: its state now, and again when it has changed, at most about twice a
     * second. Ends when the job has ended.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    default void watchRevocation(com.phoenixcoupons.v1.WatchRevocationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.WatchRevocationResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchRevocationMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes over coupons whose codes exist already, of a definition with random codes. The first
     * message names the definition. Each message is answered once its valid lines are stored, in
     * order; its invalid lines are reported and left out. A line that was imported before, with the
     * same code for the same user, is counted and changes nothing, so after a break the whole
     * stream can be sent again. Two things can't be told from that: a line without a user whose
     * coupon has a holder, as it may have been claimed since; and, when a stream is sent again, a
     * line that the stream has twice, which was CODE_TAKEN at first.
     * A code is held to the rules of a custom code: 1 to 64 characters (128 bytes after NFKC), no
     * whitespace, control, format or invisible characters, `/` or `:`; not `.` or `..`. No other
     * code of the tenant may fold to the same. Limits on what is issued count.
     * No code is refused for being easy to guess, but those that nobody holds count towards
     * KEY_SPACE_TOO_SMALL of later generations: among the definition's own codes if they have its
     * `code_prefix` and as many characters after it as `code_length`, otherwise among the codes of
     * their length that have no prefix.
     * Reasons of lines: INVALID_FIELD, CODE_TAKEN, COUPON_REVOKED (imported before, and revoked since),
     * ISSUE_LIMIT_REACHED. Errors that end the
     * stream: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED, DEFINITION_EXPIRED.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ImportCouponsRequest> importCoupons(
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ImportCouponsResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getImportCouponsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Writes the coupons that match, newest first, as CSV (RFC 4180, UTF-8, with a header line,
     * lines ending in CR LF) or as JSON, an object a line. The pieces that are sent, put
     * together, are the file. Filters are combined with AND. Coupons made after the beginning
     * are left out.
     * Columns, in this order: `id`, `definition_id`, `definition_name`, `user_id`, `code`, `status`,
     * `source`, `generation_id`, `generated_at`, `starts_at`, `expires_at`, `redeemed_at`,
     * `redemption_count`, `revoked_at`, `revoke_reason`, as in Coupon. Later versions may add
     * columns at the end. What is absent is empty in CSV, null in JSON. Values are written exactly
     * as they are: one that begins with `=`, `+`, `-` or `&#64;` would be a formula to a spreadsheet,
     * so import the file there as text.
     * </pre>
     */
    default void exportCoupons(com.phoenixcoupons.v1.ExportCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ExportCouponsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExportCouponsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Writes the rows of the ledger that match, newest first, as ExportCoupons writes coupons.
     * Columns, in this order: `id`, `kind`, `coupon_id`, `definition_id`, `user_id`, `code`,
     * `redeemed_at`, `reference`, `metadata` (in CSV as JSON), `credential_id`, `reward_item_id`,
     * `reward_item_name` (as it was), `reverses_id`, `reversed_at`, `reversal_id`, as in
     * Redemption.
     * </pre>
     */
    default void exportRedemptions(com.phoenixcoupons.v1.ExportRedemptionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ExportRedemptionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExportRedemptionsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CouponJobs.
   * <pre>
   * What is too much for one call: generations and revocations that run in the background as
   * jobs, and coupons and redemptions that stream in and out.
   * Jobs run in steps, scheduled round robin over tenants, and over the jobs of each. A job
   * survives crashes: it resumes after its last step, and does nothing twice. A tenant has at
   * most as many jobs that wait or run as its limit `open_jobs` allows (default 100).
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Calls whose requests are a stream take an admin
   * JWT; they, and those whose answers are one, are not open over REST, and can fail
   * with RESOURCE_EXHAUSTED (TOO_MANY_STREAMS). Such a call ends with
   * SERVICE_UNAVAILABLE when its server is being stopped, and with CREDENTIAL_INVALID
   * when its credential is revoked or its token expires: sign a token that lasts as long
   * as the stream may take.
   * </pre>
   */
  public static abstract class CouponJobsImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CouponJobsGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CouponJobs.
   * <pre>
   * What is too much for one call: generations and revocations that run in the background as
   * jobs, and coupons and redemptions that stream in and out.
   * Jobs run in steps, scheduled round robin over tenants, and over the jobs of each. A job
   * survives crashes: it resumes after its last step, and does nothing twice. A tenant has at
   * most as many jobs that wait or run as its limit `open_jobs` allows (default 100).
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Calls whose requests are a stream take an admin
   * JWT; they, and those whose answers are one, are not open over REST, and can fail
   * with RESOURCE_EXHAUSTED (TOO_MANY_STREAMS). Such a call ends with
   * SERVICE_UNAVAILABLE when its server is being stopped, and with CREDENTIAL_INVALID
   * when its credential is revoked or its token expires: sign a token that lasts as long
   * as the stream may take.
   * </pre>
   */
  public static final class CouponJobsStub
      extends io.grpc.stub.AbstractAsyncStub<CouponJobsStub> {
    private CouponJobsStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponJobsStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponJobsStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists long generations, newest first. Filters are combined with AND.
     * </pre>
     */
    public void listGenerations(com.phoenixcoupons.v1.ListGenerationsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListGenerationsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListGenerationsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a long generation.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public void getGeneration(com.phoenixcoupons.v1.GetGenerationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetGenerationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetGenerationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Starts a generation: `quantity` coupons that nobody holds yet, or one for each of the
     * `user_ids` that follow. The whole of it is checked first: the definition, `issue_limit`
     * and the key space. A rule that is broken later, when a step is made, fails the job.
     * The first message names the definition, and the quantity unless users are to follow. A
     * stream that breaks off starts nothing. A retry repeats the whole stream; the same users in
     * the same order are the same request, however they are spread over messages.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED, DEFINITION_EXPIRED,
     * ISSUE_LIMIT_REACHED, KEY_SPACE_TOO_SMALL, TOO_MANY_JOBS; INVALID_FIELD for a user named
     * twice.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StartGenerationRequest> startGeneration(
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StartGenerationResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncClientStreamingCall(
          getChannel().newCall(getStartGenerationMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Ends a generation after the step that is being made. What is made stays. A job that has
     * ended already stays as it is.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public void cancelGeneration(com.phoenixcoupons.v1.CancelGenerationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CancelGenerationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelGenerationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Follows a generation: its state now, and again when it has changed, at most about twice a
     * second. Ends when the job has ended.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public void watchGeneration(com.phoenixcoupons.v1.WatchGenerationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.WatchGenerationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchGenerationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists long revocations, newest first. Filters are combined with AND.
     * </pre>
     */
    public void listRevocations(com.phoenixcoupons.v1.ListRevocationsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListRevocationsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRevocationsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns a long revocation.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public void getRevocation(com.phoenixcoupons.v1.GetRevocationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetRevocationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRevocationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Starts to revoke the coupons that match a filter and exist now. At least one of
     * `definition_id`, `generation_id` and `user_id` must be set. Each coupon is processed
     * once; those that are revoked already keep their reason. A redemption of a coupon that is
     * not processed yet succeeds.
     * Errors: TOO_MANY_JOBS.
     * </pre>
     */
    public void startRevocation(com.phoenixcoupons.v1.StartRevocationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StartRevocationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStartRevocationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Ends a revocation after the step that is being done. What is revoked stays so. A job that
     * has ended already stays as it is.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public void cancelRevocation(com.phoenixcoupons.v1.CancelRevocationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CancelRevocationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelRevocationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Follows a revocation: its state now, and again when it has changed, at most about twice a
     * second. Ends when the job has ended.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public void watchRevocation(com.phoenixcoupons.v1.WatchRevocationRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.WatchRevocationResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchRevocationMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Takes over coupons whose codes exist already, of a definition with random codes. The first
     * message names the definition. Each message is answered once its valid lines are stored, in
     * order; its invalid lines are reported and left out. A line that was imported before, with the
     * same code for the same user, is counted and changes nothing, so after a break the whole
     * stream can be sent again. Two things can't be told from that: a line without a user whose
     * coupon has a holder, as it may have been claimed since; and, when a stream is sent again, a
     * line that the stream has twice, which was CODE_TAKEN at first.
     * A code is held to the rules of a custom code: 1 to 64 characters (128 bytes after NFKC), no
     * whitespace, control, format or invisible characters, `/` or `:`; not `.` or `..`. No other
     * code of the tenant may fold to the same. Limits on what is issued count.
     * No code is refused for being easy to guess, but those that nobody holds count towards
     * KEY_SPACE_TOO_SMALL of later generations: among the definition's own codes if they have its
     * `code_prefix` and as many characters after it as `code_length`, otherwise among the codes of
     * their length that have no prefix.
     * Reasons of lines: INVALID_FIELD, CODE_TAKEN, COUPON_REVOKED (imported before, and revoked since),
     * ISSUE_LIMIT_REACHED. Errors that end the
     * stream: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED, DEFINITION_EXPIRED.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ImportCouponsRequest> importCoupons(
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ImportCouponsResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getImportCouponsMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Writes the coupons that match, newest first, as CSV (RFC 4180, UTF-8, with a header line,
     * lines ending in CR LF) or as JSON, an object a line. The pieces that are sent, put
     * together, are the file. Filters are combined with AND. Coupons made after the beginning
     * are left out.
     * Columns, in this order: `id`, `definition_id`, `definition_name`, `user_id`, `code`, `status`,
     * `source`, `generation_id`, `generated_at`, `starts_at`, `expires_at`, `redeemed_at`,
     * `redemption_count`, `revoked_at`, `revoke_reason`, as in Coupon. Later versions may add
     * columns at the end. What is absent is empty in CSV, null in JSON. Values are written exactly
     * as they are: one that begins with `=`, `+`, `-` or `&#64;` would be a formula to a spreadsheet,
     * so import the file there as text.
     * </pre>
     */
    public void exportCoupons(com.phoenixcoupons.v1.ExportCouponsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ExportCouponsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getExportCouponsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Writes the rows of the ledger that match, newest first, as ExportCoupons writes coupons.
     * Columns, in this order: `id`, `kind`, `coupon_id`, `definition_id`, `user_id`, `code`,
     * `redeemed_at`, `reference`, `metadata` (in CSV as JSON), `credential_id`, `reward_item_id`,
     * `reward_item_name` (as it was), `reverses_id`, `reversed_at`, `reversal_id`, as in
     * Redemption.
     * </pre>
     */
    public void exportRedemptions(com.phoenixcoupons.v1.ExportRedemptionsRequest request,
        io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ExportRedemptionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getExportRedemptionsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CouponJobs.
   * <pre>
   * What is too much for one call: generations and revocations that run in the background as
   * jobs, and coupons and redemptions that stream in and out.
   * Jobs run in steps, scheduled round robin over tenants, and over the jobs of each. A job
   * survives crashes: it resumes after its last step, and does nothing twice. A tenant has at
   * most as many jobs that wait or run as its limit `open_jobs` allows (default 100).
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Calls whose requests are a stream take an admin
   * JWT; they, and those whose answers are one, are not open over REST, and can fail
   * with RESOURCE_EXHAUSTED (TOO_MANY_STREAMS). Such a call ends with
   * SERVICE_UNAVAILABLE when its server is being stopped, and with CREDENTIAL_INVALID
   * when its credential is revoked or its token expires: sign a token that lasts as long
   * as the stream may take.
   * </pre>
   */
  public static final class CouponJobsBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CouponJobsBlockingV2Stub> {
    private CouponJobsBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponJobsBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponJobsBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists long generations, newest first. Filters are combined with AND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListGenerationsResponse listGenerations(com.phoenixcoupons.v1.ListGenerationsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListGenerationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a long generation.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetGenerationResponse getGeneration(com.phoenixcoupons.v1.GetGenerationRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetGenerationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Starts a generation: `quantity` coupons that nobody holds yet, or one for each of the
     * `user_ids` that follow. The whole of it is checked first: the definition, `issue_limit`
     * and the key space. A rule that is broken later, when a step is made, fails the job.
     * The first message names the definition, and the quantity unless users are to follow. A
     * stream that breaks off starts nothing. A retry repeats the whole stream; the same users in
     * the same order are the same request, however they are spread over messages.
     * Errors: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED, DEFINITION_EXPIRED,
     * ISSUE_LIMIT_REACHED, KEY_SPACE_TOO_SMALL, TOO_MANY_JOBS; INVALID_FIELD for a user named
     * twice.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<com.phoenixcoupons.v1.StartGenerationRequest, com.phoenixcoupons.v1.StartGenerationResponse>
        startGeneration() {
      return io.grpc.stub.ClientCalls.blockingClientStreamingCall(
          getChannel(), getStartGenerationMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Ends a generation after the step that is being made. What is made stays. A job that has
     * ended already stays as it is.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.CancelGenerationResponse cancelGeneration(com.phoenixcoupons.v1.CancelGenerationRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelGenerationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Follows a generation: its state now, and again when it has changed, at most about twice a
     * second. Ends when the job has ended.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.phoenixcoupons.v1.WatchGenerationResponse>
        watchGeneration(com.phoenixcoupons.v1.WatchGenerationRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchGenerationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists long revocations, newest first. Filters are combined with AND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListRevocationsResponse listRevocations(com.phoenixcoupons.v1.ListRevocationsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRevocationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a long revocation.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetRevocationResponse getRevocation(com.phoenixcoupons.v1.GetRevocationRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRevocationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Starts to revoke the coupons that match a filter and exist now. At least one of
     * `definition_id`, `generation_id` and `user_id` must be set. Each coupon is processed
     * once; those that are revoked already keep their reason. A redemption of a coupon that is
     * not processed yet succeeds.
     * Errors: TOO_MANY_JOBS.
     * </pre>
     */
    public com.phoenixcoupons.v1.StartRevocationResponse startRevocation(com.phoenixcoupons.v1.StartRevocationRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStartRevocationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a revocation after the step that is being done. What is revoked stays so. A job that
     * has ended already stays as it is.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.CancelRevocationResponse cancelRevocation(com.phoenixcoupons.v1.CancelRevocationRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelRevocationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Follows a revocation: its state now, and again when it has changed, at most about twice a
     * second. Ends when the job has ended.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.phoenixcoupons.v1.WatchRevocationResponse>
        watchRevocation(com.phoenixcoupons.v1.WatchRevocationRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchRevocationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Takes over coupons whose codes exist already, of a definition with random codes. The first
     * message names the definition. Each message is answered once its valid lines are stored, in
     * order; its invalid lines are reported and left out. A line that was imported before, with the
     * same code for the same user, is counted and changes nothing, so after a break the whole
     * stream can be sent again. Two things can't be told from that: a line without a user whose
     * coupon has a holder, as it may have been claimed since; and, when a stream is sent again, a
     * line that the stream has twice, which was CODE_TAKEN at first.
     * A code is held to the rules of a custom code: 1 to 64 characters (128 bytes after NFKC), no
     * whitespace, control, format or invisible characters, `/` or `:`; not `.` or `..`. No other
     * code of the tenant may fold to the same. Limits on what is issued count.
     * No code is refused for being easy to guess, but those that nobody holds count towards
     * KEY_SPACE_TOO_SMALL of later generations: among the definition's own codes if they have its
     * `code_prefix` and as many characters after it as `code_length`, otherwise among the codes of
     * their length that have no prefix.
     * Reasons of lines: INVALID_FIELD, CODE_TAKEN, COUPON_REVOKED (imported before, and revoked since),
     * ISSUE_LIMIT_REACHED. Errors that end the
     * stream: DEFINITION_NOT_FOUND, DEFINITION_ARCHIVED, DEFINITION_PAUSED, DEFINITION_EXPIRED.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<com.phoenixcoupons.v1.ImportCouponsRequest, com.phoenixcoupons.v1.ImportCouponsResponse>
        importCoupons() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getImportCouponsMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Writes the coupons that match, newest first, as CSV (RFC 4180, UTF-8, with a header line,
     * lines ending in CR LF) or as JSON, an object a line. The pieces that are sent, put
     * together, are the file. Filters are combined with AND. Coupons made after the beginning
     * are left out.
     * Columns, in this order: `id`, `definition_id`, `definition_name`, `user_id`, `code`, `status`,
     * `source`, `generation_id`, `generated_at`, `starts_at`, `expires_at`, `redeemed_at`,
     * `redemption_count`, `revoked_at`, `revoke_reason`, as in Coupon. Later versions may add
     * columns at the end. What is absent is empty in CSV, null in JSON. Values are written exactly
     * as they are: one that begins with `=`, `+`, `-` or `&#64;` would be a formula to a spreadsheet,
     * so import the file there as text.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.phoenixcoupons.v1.ExportCouponsResponse>
        exportCoupons(com.phoenixcoupons.v1.ExportCouponsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getExportCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Writes the rows of the ledger that match, newest first, as ExportCoupons writes coupons.
     * Columns, in this order: `id`, `kind`, `coupon_id`, `definition_id`, `user_id`, `code`,
     * `redeemed_at`, `reference`, `metadata` (in CSV as JSON), `credential_id`, `reward_item_id`,
     * `reward_item_name` (as it was), `reverses_id`, `reversed_at`, `reversal_id`, as in
     * Redemption.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, com.phoenixcoupons.v1.ExportRedemptionsResponse>
        exportRedemptions(com.phoenixcoupons.v1.ExportRedemptionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getExportRedemptionsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CouponJobs.
   * <pre>
   * What is too much for one call: generations and revocations that run in the background as
   * jobs, and coupons and redemptions that stream in and out.
   * Jobs run in steps, scheduled round robin over tenants, and over the jobs of each. A job
   * survives crashes: it resumes after its last step, and does nothing twice. A tenant has at
   * most as many jobs that wait or run as its limit `open_jobs` allows (default 100).
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Calls whose requests are a stream take an admin
   * JWT; they, and those whose answers are one, are not open over REST, and can fail
   * with RESOURCE_EXHAUSTED (TOO_MANY_STREAMS). Such a call ends with
   * SERVICE_UNAVAILABLE when its server is being stopped, and with CREDENTIAL_INVALID
   * when its credential is revoked or its token expires: sign a token that lasts as long
   * as the stream may take.
   * </pre>
   */
  public static final class CouponJobsBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CouponJobsBlockingStub> {
    private CouponJobsBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponJobsBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponJobsBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists long generations, newest first. Filters are combined with AND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListGenerationsResponse listGenerations(com.phoenixcoupons.v1.ListGenerationsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListGenerationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a long generation.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetGenerationResponse getGeneration(com.phoenixcoupons.v1.GetGenerationRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetGenerationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a generation after the step that is being made. What is made stays. A job that has
     * ended already stays as it is.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.CancelGenerationResponse cancelGeneration(com.phoenixcoupons.v1.CancelGenerationRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelGenerationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Follows a generation: its state now, and again when it has changed, at most about twice a
     * second. Ends when the job has ended.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public java.util.Iterator<com.phoenixcoupons.v1.WatchGenerationResponse> watchGeneration(
        com.phoenixcoupons.v1.WatchGenerationRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchGenerationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists long revocations, newest first. Filters are combined with AND.
     * </pre>
     */
    public com.phoenixcoupons.v1.ListRevocationsResponse listRevocations(com.phoenixcoupons.v1.ListRevocationsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRevocationsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns a long revocation.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.GetRevocationResponse getRevocation(com.phoenixcoupons.v1.GetRevocationRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRevocationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Starts to revoke the coupons that match a filter and exist now. At least one of
     * `definition_id`, `generation_id` and `user_id` must be set. Each coupon is processed
     * once; those that are revoked already keep their reason. A redemption of a coupon that is
     * not processed yet succeeds.
     * Errors: TOO_MANY_JOBS.
     * </pre>
     */
    public com.phoenixcoupons.v1.StartRevocationResponse startRevocation(com.phoenixcoupons.v1.StartRevocationRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStartRevocationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Ends a revocation after the step that is being done. What is revoked stays so. A job that
     * has ended already stays as it is.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public com.phoenixcoupons.v1.CancelRevocationResponse cancelRevocation(com.phoenixcoupons.v1.CancelRevocationRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelRevocationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Follows a revocation: its state now, and again when it has changed, at most about twice a
     * second. Ends when the job has ended.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public java.util.Iterator<com.phoenixcoupons.v1.WatchRevocationResponse> watchRevocation(
        com.phoenixcoupons.v1.WatchRevocationRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchRevocationMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Writes the coupons that match, newest first, as CSV (RFC 4180, UTF-8, with a header line,
     * lines ending in CR LF) or as JSON, an object a line. The pieces that are sent, put
     * together, are the file. Filters are combined with AND. Coupons made after the beginning
     * are left out.
     * Columns, in this order: `id`, `definition_id`, `definition_name`, `user_id`, `code`, `status`,
     * `source`, `generation_id`, `generated_at`, `starts_at`, `expires_at`, `redeemed_at`,
     * `redemption_count`, `revoked_at`, `revoke_reason`, as in Coupon. Later versions may add
     * columns at the end. What is absent is empty in CSV, null in JSON. Values are written exactly
     * as they are: one that begins with `=`, `+`, `-` or `&#64;` would be a formula to a spreadsheet,
     * so import the file there as text.
     * </pre>
     */
    public java.util.Iterator<com.phoenixcoupons.v1.ExportCouponsResponse> exportCoupons(
        com.phoenixcoupons.v1.ExportCouponsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getExportCouponsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Writes the rows of the ledger that match, newest first, as ExportCoupons writes coupons.
     * Columns, in this order: `id`, `kind`, `coupon_id`, `definition_id`, `user_id`, `code`,
     * `redeemed_at`, `reference`, `metadata` (in CSV as JSON), `credential_id`, `reward_item_id`,
     * `reward_item_name` (as it was), `reverses_id`, `reversed_at`, `reversal_id`, as in
     * Redemption.
     * </pre>
     */
    public java.util.Iterator<com.phoenixcoupons.v1.ExportRedemptionsResponse> exportRedemptions(
        com.phoenixcoupons.v1.ExportRedemptionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getExportRedemptionsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CouponJobs.
   * <pre>
   * What is too much for one call: generations and revocations that run in the background as
   * jobs, and coupons and redemptions that stream in and out.
   * Jobs run in steps, scheduled round robin over tenants, and over the jobs of each. A job
   * survives crashes: it resumes after its last step, and does nothing twice. A tenant has at
   * most as many jobs that wait or run as its limit `open_jobs` allows (default 100).
   * Every RPC can fail with INVALID_ARGUMENT (INVALID_FIELD, MALFORMED_MESSAGE),
   * UNAUTHENTICATED (CREDENTIAL_INVALID), PERMISSION_DENIED (CREDENTIAL_NOT_ALLOWED),
   * RESOURCE_EXHAUSTED (RATE_LIMITED; QUOTA_EXCEEDED for a call that stores something),
   * DEADLINE_EXCEEDED (the request's message did not arrive in time), UNAVAILABLE
   * (SERVICE_UNAVAILABLE) and INTERNAL (INTERNAL_FAULT). Every RPC that takes a `request_id` can fail with FAILED_PRECONDITION (REQUEST_ID_REUSED), every
   * RPC that takes a `page_token` with INVALID_ARGUMENT (INVALID_PAGE_TOKEN). Each RPC
   * lists its other errors. Calls whose requests are a stream take an admin
   * JWT; they, and those whose answers are one, are not open over REST, and can fail
   * with RESOURCE_EXHAUSTED (TOO_MANY_STREAMS). Such a call ends with
   * SERVICE_UNAVAILABLE when its server is being stopped, and with CREDENTIAL_INVALID
   * when its credential is revoked or its token expires: sign a token that lasts as long
   * as the stream may take.
   * </pre>
   */
  public static final class CouponJobsFutureStub
      extends io.grpc.stub.AbstractFutureStub<CouponJobsFutureStub> {
    private CouponJobsFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CouponJobsFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CouponJobsFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists long generations, newest first. Filters are combined with AND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListGenerationsResponse> listGenerations(
        com.phoenixcoupons.v1.ListGenerationsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListGenerationsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a long generation.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetGenerationResponse> getGeneration(
        com.phoenixcoupons.v1.GetGenerationRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetGenerationMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends a generation after the step that is being made. What is made stays. A job that has
     * ended already stays as it is.
     * Errors: GENERATION_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.CancelGenerationResponse> cancelGeneration(
        com.phoenixcoupons.v1.CancelGenerationRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelGenerationMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists long revocations, newest first. Filters are combined with AND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.ListRevocationsResponse> listRevocations(
        com.phoenixcoupons.v1.ListRevocationsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRevocationsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns a long revocation.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.GetRevocationResponse> getRevocation(
        com.phoenixcoupons.v1.GetRevocationRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRevocationMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Starts to revoke the coupons that match a filter and exist now. At least one of
     * `definition_id`, `generation_id` and `user_id` must be set. Each coupon is processed
     * once; those that are revoked already keep their reason. A redemption of a coupon that is
     * not processed yet succeeds.
     * Errors: TOO_MANY_JOBS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.StartRevocationResponse> startRevocation(
        com.phoenixcoupons.v1.StartRevocationRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStartRevocationMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Ends a revocation after the step that is being done. What is revoked stays so. A job that
     * has ended already stays as it is.
     * Errors: REVOCATION_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.phoenixcoupons.v1.CancelRevocationResponse> cancelRevocation(
        com.phoenixcoupons.v1.CancelRevocationRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelRevocationMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_GENERATIONS = 0;
  private static final int METHODID_GET_GENERATION = 1;
  private static final int METHODID_CANCEL_GENERATION = 2;
  private static final int METHODID_WATCH_GENERATION = 3;
  private static final int METHODID_LIST_REVOCATIONS = 4;
  private static final int METHODID_GET_REVOCATION = 5;
  private static final int METHODID_START_REVOCATION = 6;
  private static final int METHODID_CANCEL_REVOCATION = 7;
  private static final int METHODID_WATCH_REVOCATION = 8;
  private static final int METHODID_EXPORT_COUPONS = 9;
  private static final int METHODID_EXPORT_REDEMPTIONS = 10;
  private static final int METHODID_START_GENERATION = 11;
  private static final int METHODID_IMPORT_COUPONS = 12;

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
        case METHODID_LIST_GENERATIONS:
          serviceImpl.listGenerations((com.phoenixcoupons.v1.ListGenerationsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListGenerationsResponse>) responseObserver);
          break;
        case METHODID_GET_GENERATION:
          serviceImpl.getGeneration((com.phoenixcoupons.v1.GetGenerationRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetGenerationResponse>) responseObserver);
          break;
        case METHODID_CANCEL_GENERATION:
          serviceImpl.cancelGeneration((com.phoenixcoupons.v1.CancelGenerationRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CancelGenerationResponse>) responseObserver);
          break;
        case METHODID_WATCH_GENERATION:
          serviceImpl.watchGeneration((com.phoenixcoupons.v1.WatchGenerationRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.WatchGenerationResponse>) responseObserver);
          break;
        case METHODID_LIST_REVOCATIONS:
          serviceImpl.listRevocations((com.phoenixcoupons.v1.ListRevocationsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ListRevocationsResponse>) responseObserver);
          break;
        case METHODID_GET_REVOCATION:
          serviceImpl.getRevocation((com.phoenixcoupons.v1.GetRevocationRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.GetRevocationResponse>) responseObserver);
          break;
        case METHODID_START_REVOCATION:
          serviceImpl.startRevocation((com.phoenixcoupons.v1.StartRevocationRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StartRevocationResponse>) responseObserver);
          break;
        case METHODID_CANCEL_REVOCATION:
          serviceImpl.cancelRevocation((com.phoenixcoupons.v1.CancelRevocationRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.CancelRevocationResponse>) responseObserver);
          break;
        case METHODID_WATCH_REVOCATION:
          serviceImpl.watchRevocation((com.phoenixcoupons.v1.WatchRevocationRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.WatchRevocationResponse>) responseObserver);
          break;
        case METHODID_EXPORT_COUPONS:
          serviceImpl.exportCoupons((com.phoenixcoupons.v1.ExportCouponsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ExportCouponsResponse>) responseObserver);
          break;
        case METHODID_EXPORT_REDEMPTIONS:
          serviceImpl.exportRedemptions((com.phoenixcoupons.v1.ExportRedemptionsRequest) request,
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ExportRedemptionsResponse>) responseObserver);
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
        case METHODID_START_GENERATION:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.startGeneration(
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.StartGenerationResponse>) responseObserver);
        case METHODID_IMPORT_COUPONS:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.importCoupons(
              (io.grpc.stub.StreamObserver<com.phoenixcoupons.v1.ImportCouponsResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getListGenerationsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListGenerationsRequest,
              com.phoenixcoupons.v1.ListGenerationsResponse>(
                service, METHODID_LIST_GENERATIONS)))
        .addMethod(
          getGetGenerationMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetGenerationRequest,
              com.phoenixcoupons.v1.GetGenerationResponse>(
                service, METHODID_GET_GENERATION)))
        .addMethod(
          getStartGenerationMethod(),
          io.grpc.stub.ServerCalls.asyncClientStreamingCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.StartGenerationRequest,
              com.phoenixcoupons.v1.StartGenerationResponse>(
                service, METHODID_START_GENERATION)))
        .addMethod(
          getCancelGenerationMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.CancelGenerationRequest,
              com.phoenixcoupons.v1.CancelGenerationResponse>(
                service, METHODID_CANCEL_GENERATION)))
        .addMethod(
          getWatchGenerationMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.WatchGenerationRequest,
              com.phoenixcoupons.v1.WatchGenerationResponse>(
                service, METHODID_WATCH_GENERATION)))
        .addMethod(
          getListRevocationsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ListRevocationsRequest,
              com.phoenixcoupons.v1.ListRevocationsResponse>(
                service, METHODID_LIST_REVOCATIONS)))
        .addMethod(
          getGetRevocationMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.GetRevocationRequest,
              com.phoenixcoupons.v1.GetRevocationResponse>(
                service, METHODID_GET_REVOCATION)))
        .addMethod(
          getStartRevocationMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.StartRevocationRequest,
              com.phoenixcoupons.v1.StartRevocationResponse>(
                service, METHODID_START_REVOCATION)))
        .addMethod(
          getCancelRevocationMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.CancelRevocationRequest,
              com.phoenixcoupons.v1.CancelRevocationResponse>(
                service, METHODID_CANCEL_REVOCATION)))
        .addMethod(
          getWatchRevocationMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.WatchRevocationRequest,
              com.phoenixcoupons.v1.WatchRevocationResponse>(
                service, METHODID_WATCH_REVOCATION)))
        .addMethod(
          getImportCouponsMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ImportCouponsRequest,
              com.phoenixcoupons.v1.ImportCouponsResponse>(
                service, METHODID_IMPORT_COUPONS)))
        .addMethod(
          getExportCouponsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ExportCouponsRequest,
              com.phoenixcoupons.v1.ExportCouponsResponse>(
                service, METHODID_EXPORT_COUPONS)))
        .addMethod(
          getExportRedemptionsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              com.phoenixcoupons.v1.ExportRedemptionsRequest,
              com.phoenixcoupons.v1.ExportRedemptionsResponse>(
                service, METHODID_EXPORT_REDEMPTIONS)))
        .build();
  }

  private static abstract class CouponJobsBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CouponJobsBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return com.phoenixcoupons.v1.CouponJobsOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CouponJobs");
    }
  }

  private static final class CouponJobsFileDescriptorSupplier
      extends CouponJobsBaseDescriptorSupplier {
    CouponJobsFileDescriptorSupplier() {}
  }

  private static final class CouponJobsMethodDescriptorSupplier
      extends CouponJobsBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CouponJobsMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CouponJobsGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CouponJobsFileDescriptorSupplier())
              .addMethod(getListGenerationsMethod())
              .addMethod(getGetGenerationMethod())
              .addMethod(getStartGenerationMethod())
              .addMethod(getCancelGenerationMethod())
              .addMethod(getWatchGenerationMethod())
              .addMethod(getListRevocationsMethod())
              .addMethod(getGetRevocationMethod())
              .addMethod(getStartRevocationMethod())
              .addMethod(getCancelRevocationMethod())
              .addMethod(getWatchRevocationMethod())
              .addMethod(getImportCouponsMethod())
              .addMethod(getExportCouponsMethod())
              .addMethod(getExportRedemptionsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
