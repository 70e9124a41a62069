"""The strength of codes against guessing, in sentences."""

from collections.abc import Iterator

from google.protobuf.duration_pb2 import Duration

from phoenix_coupons.v1 import GetCodeStrengthResponse

_YEAR = 31_557_600
_UNITS = {"years": _YEAR, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
_LONGEST_YEARS = 10_000
"""The service reports no longer time."""


def sentences(strength: GetCodeStrengthResponse, users: int) -> Iterator[str]:
    """A line each. `users`: how many the request asked about."""
    yield (
        f"Codes of {strength.code_length} random characters:"
        f" {_number(strength.key_space)} different ones."
    )
    exist = f"{_number(strength.issued)} of them exist."
    if not strength.unassigned:
        yield f"{exist} None lacks a holder: there is nothing to guess."
        return
    yield (
        f"{exist} {_number(strength.unassigned)} have no holder: whoever guesses one can redeem it."
    )
    yield (
        f"A guess hits one of those with a chance of {_chance(strength.chance_per_guess)};"
        f" coupons are generated up to {_chance(strength.allowed_chance_per_guess)}."
    )
    yield "Time to the first hit, on average:"
    times = {
        "one token": f"{_time(strength.expected_time_of_user_token)},"
        f" at {_number(strength.user_token_guesses_per_day)} guesses a day",
        "one user": f"{_time(strength.expected_time_of_user)},"
        f" at {_number(strength.user_guesses_per_day)} guesses a day",
    }
    if users > 1:
        times[f"{users:,} users"] = _time(strength.expected_time_of_users)
    width = max(map(len, times))
    for who, time in times.items():
        yield f"  {who:{width}}  {time}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value < 1e15 else f"{value:.3g}"


def _chance(chance: float) -> str:
    return f"1 in {_number(1 / chance)}" if chance else "none"


def _time(time: Duration) -> str:
    seconds = time.ToTimedelta().total_seconds()
    if seconds >= _LONGEST_YEARS * _YEAR:
        return f"{_LONGEST_YEARS:,} years or more"
    unit = next((name for name, size in _UNITS.items() if seconds >= 2 * size), "seconds")
    return f"{seconds / _UNITS[unit]:,.0f} {unit}"
