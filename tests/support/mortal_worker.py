"""A background worker that kills itself at a step of a delivery: `… STEP NUMBER`.

STEP is a name in `STEPS`, and NUMBER tells at which time of reaching it; `never` goes on for good.
Times are short: a webhook may take a second, a claim lasts two, retries come at once.
"""

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from coupon_server import worker
from coupon_server.delivery.domain import retries
from coupon_server.delivery.http.sender import WebhookSender
from coupon_server.delivery.services import webhook_delivery
from coupon_server.delivery.services.webhook_delivery import WebhookDelivery
from coupon_server.delivery.storage import webhook_lanes
from coupon_server.supervisor import BACKGROUND

STEPS = ("before_claim", "after_claim", "after_send", "after_record", "never")
SEND_SECONDS = 1.0


def main() -> int:
    step, number = sys.argv[1], int(sys.argv[2])
    sys.argv[1:] = [BACKGROUND]
    hurry()
    left = number

    def reached(name: str) -> None:
        nonlocal left
        if name == step:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    patch(webhook_lanes, "lease", before=lambda: reached("before_claim"))
    # The transaction of the claim has ended by then.
    patch(WebhookDelivery, "_attempt", before=lambda: reached("after_claim"))
    patch(WebhookSender, "send", after=lambda: reached("after_send"))
    patch(WebhookDelivery, "_record", after=lambda: reached("after_record"))
    return worker.main()


def hurry() -> None:
    retries.RETRY_DELAYS = (timedelta(seconds=0.2),) * len(retries.RETRY_DELAYS)
    retries.FIRST_CIRCUIT_OPEN = timedelta(seconds=0.2)
    retries.MAX_CIRCUIT_OPEN = timedelta(seconds=0.5)
    setattr(webhook_delivery, "TIMEOUT_SECONDS", SEND_SECONDS)  # noqa: B010
    webhook_delivery.LEASE = timedelta(seconds=2 * SEND_SECONDS)
    defaults = WebhookSender.__init__.__kwdefaults__
    assert defaults is not None
    defaults["timeout"] = SEND_SECONDS


def patch(
    owner: Any,
    name: str,
    *,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> None:
    original: Callable[..., Awaitable[Any]] = getattr(owner, name)

    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        before()
        result = await original(*args, **kwargs)
        after()
        return result

    setattr(owner, name, wrapped)


if __name__ == "__main__":
    sys.exit(main())
