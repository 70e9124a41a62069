"""Servers that `coupons dev` and the tests run themselves, from binaries in Python wheels."""
