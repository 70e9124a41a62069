"""The secrets that webhooks are signed with, as they are stored."""

from coupon_server.auth.secrets import Keyring
from coupon_server.database.transactions import Transaction
from coupon_server.delivery.storage import webhook_endpoints as webhooks


class WebhookSecrets:
    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def reencrypt(self, transaction: Transaction) -> int:
        """Put every secret under the first master key; return how many were not."""
        changed = 0
        for endpoint in await webhooks.all_endpoints(transaction):
            key = endpoint.tenant_id, endpoint.endpoint_id
            current = self._keyring.reencrypted(endpoint.ciphertext, *key)
            before = endpoint.previous_ciphertext
            previous = before and self._keyring.reencrypted(before, *key)
            if current or previous:
                await webhooks.set_ciphertexts(
                    transaction, endpoint, current or endpoint.ciphertext, previous or before
                )
                changed += bool(current) + bool(previous)
        return changed
