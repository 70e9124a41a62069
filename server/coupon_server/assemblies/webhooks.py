"""Webhooks, for the processes that send them."""

from coupon_server.assemblies.core import Core
from coupon_server.auth.secrets import Keyring
from coupon_server.delivery.domain.targets import Ports
from coupon_server.delivery.http.sender import WebhookSender
from coupon_server.delivery.services.webhook_endpoints import WebhookService
from coupon_server.domain.clock import Clock
from coupon_server.rpc.conversion.delivered_events import body_of_test
from coupon_server.settings import Settings


def webhook_sender(settings: Settings, clock: Clock) -> WebhookSender:
    return WebhookSender(
        clock,
        allow_private=settings.webhook_allow_private,
        ports=Ports.parse(settings.webhook_ports),
    )


def webhook_service(core: Core, settings: Settings, keyring: Keyring) -> WebhookService:
    return WebhookService(
        core.database,
        keyring,
        webhook_sender(settings, core.clock),
        body_of_test,
        core.clock,
        lambda tenant_id: core.limits.of(tenant_id).webhook_endpoints,
    )
