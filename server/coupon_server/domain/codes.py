"""Coupon codes: random generation, comparison, and the capacity of key spaces."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.guessing import GuessPolicy

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 letters and digits without the look-alikes 0 O 1 I L."""

DEFAULT_LENGTH = 8
MAX_LENGTH = 32
MAX_COMPARED = 256
"""No stored code is longer than this in its folded form; a longer input matches nothing."""

MAX_GUESS_PROBABILITY = Fraction(1, 100_000)
"""The maximum probability that one random guess hits an unassigned code, whatever the policy."""

GUESSING_PERIOD = timedelta(days=30)
"""The period for which one user is assumed to guess, as often as the tenant's policy allows."""

MAX_GUESSING_SUCCESS = Fraction(1, 100)
"""The maximum probability that this user hits an unassigned code."""

MAX_EXPECTED_DAYS = 3_652_500
"""10,000 years: what a duration of the contract can hold."""

CHARACTER_RULE = "must have no whitespace, control, format or invisible characters, '/' or ':'"
"""The rule for characters of codes and prefixes, as error text."""

UNREACHABLE = frozenset({".", ".."})
"""Codes that no URL can have as a segment of its path (RFC 3986, section 5.2.4)."""

# Default_Ignorable_Code_Point (Unicode 15.1, DerivedCoreProperties.txt), which show as nothing:
# joiners, variation selectors, fillers. They come with text that is copied.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_BLANK = "\N{BRAILLE PATTERN BLANK}"
"""Shows as nothing as well, and is not ignorable to Unicode."""

# Bytes are mapped onto the alphabet; those that would favour its first letters are dropped.
_UNBIASED = 256 - 256 % len(ALPHABET)
_TRANSLATION = bytes(ord(ALPHABET[i % len(ALPHABET)]) for i in range(256))
_DROPPED = bytes(range(_UNBIASED, 256))


def normalize(code: str) -> str:
    """The form in which case-sensitive codes are compared: NFKC (UAX #15)."""
    return unicodedata.normalize("NFKC", code)


def fold(code: str) -> str:
    """The form in which codes are compared otherwise: NFKC(casefold(NFKC(code))) (UAX #31)."""
    if code.isascii():
        return code.lower()
    return unicodedata.normalize("NFKC", normalize(code).casefold())


@dataclass(frozen=True, slots=True)
class TypedCode:
    """An entered code, in the two forms in which it is looked up."""

    exact: str
    folded: str

    @staticmethod
    def parse(text: str) -> "TypedCode":
        """The code without what shows as nothing: no stored code has any of that."""
        visible = (text if text.isascii() else _IGNORABLE.sub("", text)).strip()
        return TypedCode(normalize(visible), fold(visible))

    @property
    def matchable(self) -> bool:
        """False when no stored code can have this form, so that no look-up is necessary."""
        return 0 < len(self.folded) <= MAX_COMPARED and len(self.exact) <= MAX_COMPARED


def check_custom_code(code: str) -> str:
    """Return the custom code in its stored form, or raise InvalidField.

    A code has 1 to 64 characters (128 bytes) and no whitespace, control, format, surrogate,
    private-use, unassigned or invisible character, `/` or `:` after normalisation. `.` and `..`
    are none.
    """
    return check_code("config.custom_code", code)


def check_code(field: str, code: str) -> str:
    """The same for a code that is given in another field."""
    normal = normalize(code)
    if not 1 <= len(normal) <= 64 or len(normal.encode()) > 128:
        raise InvalidField(field, "must be 1 to 64 characters and at most 128 bytes after NFKC")
    _check_characters(field, normal)
    _check_characters(field, fold(normal))
    if normal in UNREACHABLE:
        raise InvalidField(field, "must not be '.' or '..', which no URL's path can end with")
    return normal


def check_prefix(prefix: str) -> str:
    """Return the prefix in its stored form, or raise InvalidField. Up to 16 characters."""
    normal = normalize(prefix)
    if len(normal) > 16:
        raise InvalidField("config.code_prefix", "must be at most 16 characters after NFKC")
    _check_characters("config.code_prefix", normal)
    return normal


def _check_characters(field: str, text: str) -> None:
    for character in text:
        if character in "/:" or not _shows(character):
            raise InvalidField(field, CHARACTER_RULE)


def _shows(character: str) -> bool:
    if character.isascii():
        return character.isprintable() and character != " "
    if unicodedata.category(character)[0] in "CZ":
        return False
    return character != _BLANK and not _IGNORABLE.match(character)


def random_codes(prefix: str, length: int, count: int) -> list[str]:
    """`count` codes of `prefix` and `length` random characters, from the system's CSPRNG.

    They are independent of one another, so two may be equal.
    """
    size = count * length
    letters = b""
    while len(letters) < size:
        # 8 of 256 bytes are dropped; ask for a little more than is missing.
        missing = size - len(letters)
        noise = secrets.token_bytes(missing + missing // 16 + 16)
        letters += noise.translate(_TRANSLATION, _DROPPED)
    text = letters[:size].decode("ascii")
    return [prefix + text[i : i + length] for i in range(0, size, length)]


@dataclass(frozen=True, slots=True)
class KeySpaceUse:
    """How many codes of one tenant, prefix and length exist, and how many nobody holds."""

    issued: int
    unassigned: int


def guess_probability(use: KeySpaceUse, length: int) -> Fraction:
    """The chance that one random guess hits a code that nobody holds."""
    return Fraction(use.unassigned, len(ALPHABET) ** length)


def allowed_guess_probability(policy: GuessPolicy) -> Fraction:
    """The chance that one random guess may have.

    At most `MAX_GUESS_PROBABILITY`, and so small that a user who guesses for `GUESSING_PERIOD`, as
    often as the tenant's policy lets a user fail, hits a code with a probability of at most
    `MAX_GUESSING_SUCCESS`.
    """
    guesses = policy.user.most_in(GUESSING_PERIOD)
    return min(MAX_GUESS_PROBABILITY, MAX_GUESSING_SUCCESS / guesses)


def fits_key_space(
    use: KeySpaceUse, length: int, allowed: Fraction = MAX_GUESS_PROBABILITY
) -> bool:
    """Whether these codes fill at most half of the key space and stay hard to guess.

    `allowed`: the chance that one guess may have (`allowed_guess_probability`).
    """
    size = len(ALPHABET) ** length
    return use.issued * 2 <= size and guess_probability(use, length) <= allowed


def check_key_space(
    use: KeySpaceUse, length: int, allowed: Fraction = MAX_GUESS_PROBABILITY
) -> None:
    """Refuse a generation that would lead to `use` (KEY_SPACE_TOO_SMALL).

    The error says the shortest `code_length` at which the same codes would fit.
    """
    if fits_key_space(use, length, allowed):
        return
    fitting = (n for n in range(length + 1, MAX_LENGTH + 1) if fits_key_space(use, n, allowed))
    required = next(fitting, MAX_LENGTH)
    too_many = not fits_key_space(use, length, MAX_GUESS_PROBABILITY)
    cause = "so many codes" if too_many else "as many guesses as the tenant's guess policy allows"
    raise DomainError(
        Reason.KEY_SPACE_TOO_SMALL,
        f"code_length {length} is too short for {cause}; it must be at least {required}",
        required_code_length=str(required),
    )


@dataclass(frozen=True, slots=True)
class CodeStrength:
    """How hard the random codes of a key space are to guess under a policy."""

    code_length: int
    use: KeySpaceUse
    policy: GuessPolicy

    @property
    def key_space(self) -> int:
        """How many codes of this prefix and length there can be."""
        size: int = len(ALPHABET) ** self.code_length
        return size

    @property
    def chance(self) -> Fraction:
        """The chance that one random guess hits a code that nobody holds."""
        return guess_probability(self.use, self.code_length)

    @property
    def allowed_chance(self) -> Fraction:
        """The chance that one guess may have when coupons are generated."""
        return allowed_guess_probability(self.policy)

    def expected_time(self, guesses_per_day: float, users: int = 1) -> timedelta | None:
        """How long that many users guess until the first hit, on average, at most 10,000 years.

        None: there is nothing to hit.
        """
        if not self.chance:
            return None
        days = 1 / (float(self.chance) * guesses_per_day * users)
        return timedelta(days=min(days, MAX_EXPECTED_DAYS))
