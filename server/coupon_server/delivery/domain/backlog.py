"""How much waits for delivery."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeliveryBacklog:
    """Counts of pending events and lanes.

    `oldest_seconds` is the age of the oldest pending event; 0 without any.
    """

    unsequenced: int
    lanes: int
    oldest_seconds: float
    dead_letters: int
    unacknowledged: int
    unpublished: int
