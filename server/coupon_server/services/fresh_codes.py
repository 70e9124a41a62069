"""Random codes that no coupon has yet."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import NamedTuple, Self
from uuid import UUID

from coupon_server.domain import codes
from coupon_server.domain.codes import fold
from coupon_server.domain.definition import CouponDefinition


class CodeForm(NamedTuple):
    """The prefix and length of a definition's random codes."""

    tenant_id: UUID
    prefix: str
    length: int

    @classmethod
    def of(cls, definition: CouponDefinition) -> Self:
        config = definition.config
        return cls(definition.tenant_id, config.code_prefix, config.code_length)


FoldedCode = tuple[UUID, str]
"""A tenant and the folded form of a code."""

Taken = Callable[[Collection[FoldedCode]], Awaitable[set[FoldedCode]]]
"""Returns which of these codes exist already."""


async def fresh_codes(counts: Mapping[CodeForm, int], taken: Taken) -> dict[CodeForm, list[str]]:
    """So many codes of each form, different from one another and from those that are taken.

    They stay fresh while the caller holds the locks of the code spaces.
    """
    fresh: set[FoldedCode] = set()
    codes_of: dict[CodeForm, list[str]] = {form: [] for form in counts}
    while missing := {
        form: count - len(codes_of[form])
        for form, count in counts.items()
        if len(codes_of[form]) < count
    }:
        candidates = _candidates(missing)
        used = await taken(candidates)
        for key, (form, code) in candidates.items():
            if key not in used and key not in fresh:
                fresh.add(key)
                codes_of[form].append(code)
    return codes_of


def _candidates(missing: Mapping[CodeForm, int]) -> dict[FoldedCode, tuple[CodeForm, str]]:
    return {
        (form.tenant_id, fold(code)): (form, code)
        for form, count in missing.items()
        for code in codes.random_codes(form.prefix, form.length, count)
    }
