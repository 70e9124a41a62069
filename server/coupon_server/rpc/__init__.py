"""The gRPC surface: a module for each service, and what turns messages into values."""
