"""`python -m coupon_server` is the command `coupons`."""

from phoenix_coupons_cli import main

if __name__ == "__main__":
    main()
