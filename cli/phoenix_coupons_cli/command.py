"""Commands that call the service: `--json`, and errors with exit codes."""

import json
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import IO, Any

import click
import grpc

from phoenix_coupons import CouponsError, InvalidField
from phoenix_coupons_cli import output
from phoenix_coupons_cli.server import ExtensibleGroup


class Exit(IntEnum):
    """The exit codes, described in `coupons --help`. Click itself takes 2 for wrong usage."""

    FAILED = 1
    REFUSED = 3
    NOT_FOUND = 4
    CREDENTIAL = 5
    UNREACHABLE = 6


_EXIT_BY_CODE = {
    grpc.StatusCode.FAILED_PRECONDITION: Exit.REFUSED,
    grpc.StatusCode.NOT_FOUND: Exit.NOT_FOUND,
    grpc.StatusCode.UNAUTHENTICATED: Exit.CREDENTIAL,
    grpc.StatusCode.PERMISSION_DENIED: Exit.CREDENTIAL,
    grpc.StatusCode.UNAVAILABLE: Exit.UNREACHABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: Exit.UNREACHABLE,
}


class Failure(click.ClickException):
    """Ends the command with one line on stderr, or a JSON object after `--json`."""

    def __init__(
        self,
        message: str,
        exit_code: Exit = Exit.FAILED,
        *,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        field_violations: Sequence[InvalidField] = (),
        call_id: str = "",
        retry_delay: float | None = None,
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # one class, many codes
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.field_violations = field_violations
        self.call_id = call_id
        self.retry_delay = retry_delay
        # Read now: when the error is shown, the command's context is gone.
        self._as_json = output.wants_json()

    @classmethod
    def of(cls, error: CouponsError) -> "Failure":
        return cls(
            error.message,
            _EXIT_BY_CODE.get(error.code, Exit.FAILED),
            reason=error.reason or error.code.name,
            metadata=error.metadata,
            field_violations=error.field_violations,
            call_id=error.call_id,
            retry_delay=error.retry_delay,
        )

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self._json() if self._as_json else self._text(), file=file, err=True)

    def _text(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        lines = f"Error: {self.message}{reason}".splitlines()
        rules = (f"{field}: {description}" for field, description in self.field_violations)
        lines += [f"  {rule}" for rule in rules if rule != self.message]
        if self.retry_delay is not None:
            lines.append(f"  try again in {self.retry_delay:g} s")
        if self.call_id and self.exit_code == Exit.FAILED and not self.field_violations:
            lines.append(f"  call id: {self.call_id}")
        return "\n".join(map(output.printable, lines))

    def _json(self) -> str:
        return json.dumps(
            {
                "error": self.message,
                "code": self.reason,
                "metadata": self.metadata,
                "field_violations": [item._asdict() for item in self.field_violations],
                "call_id": self.call_id,
            }
            | ({} if self.retry_delay is None else {"retry_delay": self.retry_delay}),
            ensure_ascii=False,
        )


class Command(click.Command):
    """A command with `--json` whose failed calls end in the documented exit codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(
                ["--json"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=output.choose_json,
                help="Print JSON, errors too.",
            )
        )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CouponsError as error:
            raise Failure.of(error) from error


class Group(ExtensibleGroup):
    """A group of such commands."""

    command_class = Command
