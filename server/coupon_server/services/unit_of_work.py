"""A unit of work: what callers hand from one use case to the next, to have all of it or nothing.

Opaque above this package: nobody there opens one, or looks into it.
"""

from coupon_server.database.transactions import Transaction

UnitOfWork = Transaction
