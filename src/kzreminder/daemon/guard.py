"""The guard: sees that passes really happen, that the clock was set, that the machine has slept.

Not here: making passes (service). It asks the system's clocks only, and polls nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from kzreminder import clock
from kzreminder.daemon.notify import notify
from kzreminder.errors import N_, KzreminderError

LOOK_SECONDS = 15.0
CAP_SECONDS = 60.0
"However quiet it is, a pass is made this often."
DOUBTFUL_AFTER_SECONDS = 90.0
"Without a sign of life from passes for so long, systemd is not told any more that all is well."
DEAD_AFTER_SECONDS = 300.0
"After so long the process ends, to be started anew."
STEP_SECONDS = 1.0

log = logging.getLogger(__name__)


class ServiceStuck(KzreminderError):
    """Passes have stopped happening; the process ends so that its keeper starts it again."""

    def __init__(self) -> None:
        super().__init__(N_("no pass has ended for five minutes; the service ends"))


@dataclass(slots=True)
class Guard:
    wake: Callable[[], None]
    "asks for a pass now"
    last_sign: float = field(default_factory=clock.monotonic)
    "when a pass last said that it goes on, on the monotonic clock"
    _wall_offset: float = field(default_factory=clock.wall_offset)
    _asleep: float = field(default_factory=clock.asleep)

    def sign_of_life(self) -> None:
        self.last_sign = clock.monotonic()

    def look(self) -> None:
        """Every 15 s. Raises ServiceStuck when passes have stopped happening.

        APScheduler says that it runs when its thread is dead; once a clock is set back, it waits
        for the old time. So this goes by what passes do, and by the monotonic clock.
        """
        silent_for = clock.monotonic() - self.last_sign
        if silent_for > DEAD_AFTER_SECONDS:
            raise ServiceStuck
        if silent_for < DOUBTFUL_AFTER_SECONDS:
            notify("WATCHDOG=1")
        if self._time_has_jumped() or silent_for > CAP_SECONDS:
            self.wake()

    def _time_has_jumped(self) -> bool:
        wall_offset, asleep = clock.wall_offset(), clock.asleep()
        was_set = abs(wall_offset - self._wall_offset) > STEP_SECONDS
        has_slept = asleep - self._asleep > STEP_SECONDS
        if was_set:
            log.info("the clock was set by %.0f s", wall_offset - self._wall_offset)
        if has_slept:
            log.info("the machine has slept for %.0f s", asleep - self._asleep)
        self._wall_offset, self._asleep = wall_offset, asleep
        return was_set or has_slept
