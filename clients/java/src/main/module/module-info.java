/**
 * The client of the Phoenix coupon service. A program on the module path requires this module alone:
 * gRPC's libraries are automatic modules, which cannot name the modules that they need.
 */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module com.phoenixcoupons.client {
    requires transitive com.google.common;
    requires transitive com.google.protobuf;
    requires transitive io.grpc;
    requires transitive io.grpc.stub;
    requires io.grpc.protobuf;

    requires com.google.gson;

    // For gRPC and its libraries.
    requires com.google.common.util.concurrent.internal;
    requires java.logging;
    requires java.management;
    requires java.naming;
    requires jdk.unsupported;

    exports com.phoenixcoupons;
    exports com.phoenixcoupons.v1;
}
