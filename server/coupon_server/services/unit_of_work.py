"""A unit of work: a transaction that callers pass from one use case to the next.

Higher layers treat it as opaque: they neither open nor use one.
"""

from coupon_server.database.transactions import Transaction

UnitOfWork = Transaction
