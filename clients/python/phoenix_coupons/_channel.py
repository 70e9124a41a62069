"""Channels for the generated stubs that add what every call needs."""

from phoenix_coupons._asynchronous import AsyncChannel, Ending
from phoenix_coupons._blocking import BlockingChannel
from phoenix_coupons._preparation import Preparation

__all__ = ["AsyncChannel", "BlockingChannel", "Ending", "Preparation"]
