"""A multi-tenant coupon service over gRPC."""
