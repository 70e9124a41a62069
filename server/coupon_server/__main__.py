"""`python -m coupon_server` is the command `coupons`."""

from coupon_server.cli import main

if __name__ == "__main__":
    main()
