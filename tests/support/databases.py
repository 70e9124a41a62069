"""Databases that live as long as a test needs them."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg


async def ask(url: str, query: str, *arguments: object) -> Any:
    """Run one statement; the first value that it returns."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()


@contextmanager
def new_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """The URL of a database that is dropped at the end; `server_url` names any other one."""
    name = f"test_{uuid.uuid4().hex}"
    asyncio.run(ask(server_url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    asyncio.run(ask(server_url, f"DROP DATABASE {name} WITH (FORCE)"))
