"""The commands that the server adds to `coupons`, by the entry points of its distribution."""
