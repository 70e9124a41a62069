"""`coupons events`: what users have reached."""

from datetime import UTC, datetime
from typing import Any, TextIO

import click

from phoenix_coupons.v1 import (
    AchievementCompleted,
    Event,
    LeaderboardRankReached,
    SendEventRequest,
    StreakMilestoneReached,
)
from phoenix_coupons_cli import instants, output, progress_bar, session
from phoenix_coupons_cli.command import Exit, Failure, Group
from phoenix_coupons_cli.event_files import EventFile, NotAnEvent, Sent

_KINDS = {
    "streak_id": "milestone",
    "achievement_id": None,
    "leaderboard_id": "rank",
}
"""What can be reached, each with the option that says how much."""


@click.group(cls=Group)
def events() -> None:
    """What users have reached, by which they earn coupons."""


@events.command()
@click.option("--id", "event_id", help="Names the event: one id, one effect.")
@click.option("--user", "user_id", help="Who has reached it.")
@click.option("--at", "occurred_at", type=instants.Instant(), help="When.  [default: now]")
@instants.timezone
@click.option("--streak", "streak_id", help="A streak; with --milestone.")
@click.option("--milestone", type=click.IntRange(1), help="How long the streak is.")
@click.option("--achievement", "achievement_id", help="An achievement that is completed.")
@click.option("--leaderboard", "leaderboard_id", help="A leaderboard; with --rank.")
@click.option("--rank", type=click.IntRange(1), help="The rank that is taken.")
@click.option("--occurrence", help="The run, completion or window; each earns once.")
@click.option(
    "--file",
    type=click.File(encoding="utf-8"),
    help="JSON Lines, an event each; - for stdin. Instead of all the others.",
)
def send(file: TextIO | None, **given: Any) -> None:
    """Send one event, or a file of them; what was sent before does nothing.

    \b
    Examples:
      coupons events send --id 17 --user ada --streak daily --milestone 7
      coupons events send --id 18 --user ada --achievement first-win
      coupons events send --id 19 --user ada --leaderboard weekly --rank 3 \\
          --occurrence 2026-W31
      coupons events send --file events.jsonl
    \b
    A line of such a file, an Event of the contract (here on two):
      {"event_id": "17", "user_id": "ada", "occurred_at": "2026-07-31T12:00:00Z",
       "streak_milestone_reached": {"streak_id": "daily", "milestone": 7}}
    \b
    A file is sent through a stream that goes on where it was interrupted. Lines that
    the service refuses are named on standard error, and make the exit code 3.
    """
    if file is None:
        _send_one(_event(**given))
        return
    if any(value is not None for value in given.values()):
        raise click.UsageError("--file goes with no other option")
    _send_file(file)


def _event(
    event_id: str | None, user_id: str | None, occurred_at: str | None, **reached: Any
) -> Event:
    if not (event_id and user_id):
        raise click.UsageError("an event needs --id and --user, or --file")
    event = Event(event_id=event_id, user_id=user_id, **_kind(reached))
    event.occurred_at.FromJsonString(occurred_at or datetime.now(UTC).isoformat())
    return event


def _kind(given: dict[str, Any]) -> dict[str, Any]:
    """What was reached, as a field of an event."""
    occurrence = given.pop("occurrence") or ""
    chosen = [name for name in _KINDS if given[name] is not None]
    if len(chosen) != 1:
        raise click.UsageError("give one of --streak, --achievement and --leaderboard")
    [target] = chosen
    for name, value in given.items():
        if name not in _KINDS and (value is not None) != (name == _KINDS[target]):
            raise click.UsageError("--milestone goes with --streak, --rank with --leaderboard")
    match target:
        case "streak_id":
            streak = StreakMilestoneReached(
                streak_id=given["streak_id"], milestone=given["milestone"], run_id=occurrence
            )
            return {"streak_milestone_reached": streak}
        case "achievement_id":
            done = AchievementCompleted(
                achievement_id=given["achievement_id"], completion_id=occurrence
            )
            return {"achievement_completed": done}
        case _:
            board = LeaderboardRankReached(
                leaderboard_id=given["leaderboard_id"], rank=given["rank"], window_id=occurrence
            )
            return {"leaderboard_rank_reached": board}


def _send_one(event: Event) -> None:
    request = SendEventRequest(tenant_id=session.tenant_id(), event=event)
    result = session.events().SendEvent(request).result
    if output.wants_json():
        output.show(result)
        return
    coupons = [earned.coupon for earned in result.issued]
    output.show_list(coupons, ["id", "user_id", "code", "created", "expires_at"])
    for definition in result.not_issued:
        output.note(
            f"{definition.definition_id} issued none: {definition.message} ({definition.reason})."
        )
    output.note("Sent before." if result.duplicate else f"Coupons earned: {len(coupons)}.")


def _send_file(file: TextIO) -> None:
    sent = Sent()
    events = EventFile(file, session.tenant_id())
    try:
        with progress_bar.shown("events", None) as advance:
            for line, answer in events.send_to(session.events()):
                sent.count(answer)
                advance(sent.acknowledged)
                if answer.HasField("refused"):
                    output.warn(f"line {line}: {answer.refused.message}")
    except NotAnEvent as error:
        raise Failure(f"{error}; {sent.acknowledged} events before it were sent") from None
    output.show(sent)
    if sent.refused:
        raise Failure(f"{sent.refused} events were refused", Exit.REFUSED)
