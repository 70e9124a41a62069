"""The rules: pure functions and values, without I/O, gRPC or SQL."""
