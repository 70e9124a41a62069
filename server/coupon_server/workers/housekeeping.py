"""Chores that every worker process does: any of them may, and none has to be the one."""

import asyncio
from datetime import timedelta

import structlog

from coupon_server.auth.authenticator import Authenticator
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError
from coupon_server.services.credentials import CredentialService
from coupon_server.storage import request_answers
from coupon_server.storage.database import Database

NOTE_USE_SECONDS = 30.0
TRIM_SECONDS = 600.0
TRIM_ROWS = 5_000

ANSWERS_KEPT = timedelta(hours=25)
"""The contract promises 24 hours."""

log = structlog.get_logger()


async def note_key_use(authenticator: Authenticator, credentials: CredentialService) -> None:
    """Write down which API keys were used, every now and then, until cancelled."""
    while True:
        await asyncio.sleep(NOTE_USE_SECONDS)
        await flush_key_use(authenticator, credentials)


async def flush_key_use(authenticator: Authenticator, credentials: CredentialService) -> None:
    """Write down which API keys were used since the last time."""
    used = authenticator.drain_used()
    if not used:
        return
    try:
        await credentials.note_use(used)
    except DomainError:
        log.warning("key_use_lost", keys=len(used))


async def trim_request_answers(database: Database, clock: Clock) -> None:
    """Delete kept answers that are older than was promised, until cancelled."""
    while True:
        await asyncio.sleep(TRIM_SECONDS)
        try:
            while await request_answers.trim(database, clock() - ANSWERS_KEPT, TRIM_ROWS):
                pass
        except DomainError:
            log.warning("trim_failed")
