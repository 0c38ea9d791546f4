"""What keeps passes from ending well: logged, and said to the person once until all is well again.

Not here: a single card with which a pass cannot go on (reminding.putting_off).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from kzreminder.alive.heartbeat import Heartbeat
from kzreminder.channels.message import Outcome, Refused, TargetAway
from kzreminder.errors import N_, KzreminderError, StorageFault
from kzreminder.operators.numbers import masked_in

log = logging.getLogger(__name__)


class PassFailed(KzreminderError):
    """A bug: no fault of the database, nor of a single card."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            N_("a pass failed: {what}"),
            hint=N_("See: kzreminder service logs"),
            what=f"{type(error).__name__}: {error}",
        )


class Trouble:
    def __init__(
        self,
        before: Heartbeat | None,
        say: Callable[[KzreminderError], Outcome],
        now: Callable[[], float],
    ) -> None:
        """`before`: what the last process left. It is not told again at each start; `now` is on
        the monotonic clock."""
        self.fault: str | None = None
        self.is_told = False
        self.lasts: tuple[StorageFault, float] | None = None
        "the first fault of the database of those that last, and since when"
        self._say = say
        self._now = now
        self._told_before = before.fault if before is not None and before.is_told else None

    def meet(self, error: Exception) -> None:
        """To be called where it was caught, once a pass."""
        if not isinstance(error, StorageFault):
            log.error("a pass failed", exc_info=error)
            error = PassFailed(error)
        elif self.lasts is None:
            self.lasts = error, self._now()
        fault = masked_in(str(error))
        if self.fault != fault:
            log.error("%s", fault)
            self.is_told = self.is_told or fault == self._told_before
        self.fault = fault
        if not self.is_told:  # as long as nobody takes it, each pass tries
            self.is_told = _is_done_with(self._say(error))

    def end(self) -> None:
        """A pass has ended well."""
        if self.fault is not None:
            log.info("all is well again")
        self.fault = self.lasts = self._told_before = None
        self.is_told = False


def _is_done_with(outcome: Outcome) -> bool:
    if isinstance(outcome, Refused):
        return outcome.permanent
    return not isinstance(outcome, TargetAway)
