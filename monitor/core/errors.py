"""The error tree. Every error says what is wrong, where, and what to do about it."""

from __future__ import annotations


class MonitorError(Exception):
    """Base of all errors that this program raises on purpose.

    `message` says what is wrong, `place` where (a file with line, a feed, a receiver), `remedy` what to do.
    """

    exit_code = 1

    def __init__(self, message: str, *, place: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} ({self.remedy})" if self.remedy else text


class ConfigError(MonitorError):
    """The configuration is wrong."""

    exit_code = 78


class UsageError(MonitorError):
    """The command was called wrongly."""

    exit_code = 2


class SourceError(MonitorError):
    """A source could not be read this time; the others go on."""


class ParseError(SourceError):
    """What a source sent cannot be understood."""


class BlockedAddressError(SourceError):
    """An address that must not be dialled: private, loopback, link-local and their like."""


class StoreError(MonitorError):
    """The stored state cannot be used as it is."""


class StateLockedError(StoreError):
    """Another process owns this state."""

    exit_code = 75


class TemporaryStoreError(StoreError):
    """The store cannot be written now (disk full, busy); trying again later may work."""

    exit_code = 75


class DeliveryError(MonitorError):
    """A receiver did not take a message.

    `retry` says whether trying again can help, `retry_after` in how many seconds at the earliest,
    `pause_target` whether the whole endpoint must rest (for good where `retry` is false), `ambiguous` whether it
    may have arrived after all.
    """

    def __init__(
        self,
        message: str,
        *,
        place: str | None = None,
        remedy: str | None = None,
        retry: bool,
        retry_after: float | None = None,
        pause_target: bool = False,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(message, place=place, remedy=remedy)
        self.retry = retry
        self.retry_after = retry_after
        self.pause_target = pause_target
        self.ambiguous = ambiguous
