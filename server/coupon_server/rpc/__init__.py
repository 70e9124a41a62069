"""The gRPC layer: a module for each service, and conversions between messages and values."""
