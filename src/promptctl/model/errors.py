"""What can go wrong, as types. `cli/boundary.py` alone turns them into exit codes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, where, and what to do about it.

    `path` is relative to the project root; `line` and `column` are 1-based, as editors count.
    """

    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class PromptctlError(Exception):
    """Root of everything promptctl raises on purpose. Carries one problem or several."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(p if isinstance(p, Problem) else Problem(p) for p in problems)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class InputError(PromptctlError):
    """Usage, configuration or a file is wrong; nothing was judged (exit 2)."""


class UnknownRevisionError(InputError):
    """Git knows no such revision: a wrong name, or a repository without a commit."""


class UnavailableError(PromptctlError):
    """Provider, git, disk or a recording did not answer; nothing can be concluded (exit 3)."""


class NothingSelectedError(PromptctlError):
    """A filter, a name or an empty project selected nothing (exit 4)."""


class AssertionBroken(Exception):  # noqa: N818 - an outcome (ERROR), not a failure of promptctl
    """An assertion could not decide; its outcome is ERROR, never FAIL. The text is the reason."""


class CallFailed(Exception):  # noqa: N818 - a result of the provider, kept with the case
    """A completion could not be had.

    kind: "auth" | "not_found" | "quota" | "refused_parameter" | "context_window" | "content_filter" |
        "bad_request" | "rate_limit" | "timeout" | "server" | "connection" | "malformed" | "budget" |
        "recording_missing" | "cancelled" | "host_refused" | "crashed" | "not_run" | "other".
    retryable: whether asking again may help.
    aborts: whether every other call to the same model would fail alike (bad key, unknown model, no quota).
    retry_after_s: what the provider asked us to wait, in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        status: int | None = None,
        retryable: bool = False,
        aborts: bool = False,
        retry_after_s: float | None = None,
        attempts: int = 0,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.status = status
        self.retryable = retryable
        self.aborts = aborts
        self.retry_after_s = retry_after_s
        self.attempts = attempts
