"""The service: APScheduler decides when a pass runs, the main thread listens and guards.

Not here: what a pass does (reminding), whether passes really happen (guard).
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from kzreminder import clock
from kzreminder.alive.lock import Lock
from kzreminder.assembly import Parts
from kzreminder.daemon.guard import CAP_SECONDS, LOOK_SECONDS, Guard, ServiceStuck
from kzreminder.daemon.notify import notify, watchdog_seconds
from kzreminder.daemon.signs import Signs
from kzreminder.daemon.work import Work
from kzreminder.errors import DaemonRuns, ServicesDiffer, StorageFault

CAP = timedelta(seconds=CAP_SECONDS)
SOONEST = timedelta(milliseconds=20)
END_SECONDS = 2.0
"The pass in hand is waited for no longer, so that a stop takes 5 s on a busy machine, too."
JOB, UPKEEP = "pass", "upkeep"
UPKEEP_EVERY, UPKEEP_AFTER = timedelta(hours=1), timedelta(minutes=2)
"How often it is looked whether something is to be done, and when first."

log = logging.getLogger(__name__)


class WithinTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """At the next wake, at the latest after the cap; counted from now, and from memory alone.

    It may neither raise nor answer with a time that is not ahead: APScheduler's thread would die,
    or loop, without a word. Its own triggers count from the last time: after a clock that was years
    ahead they make a list of all that was missed.
    """

    def __init__(self, cap: timedelta) -> None:
        self.cap = cap
        self.wake_at: datetime | None = None

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        soonest, latest = now + SOONEST, now + self.cap
        return latest if self.wake_at is None else min(max(self.wake_at, soonest), latest)


class Service:
    """The threads, and who wakes whom; what they do is `Work`."""

    def __init__(self, parts: Parts, signs: Signs) -> None:
        self._signs = signs
        self._trigger = WithinTrigger(CAP)
        self._ended_by: int | None = None
        self._planning = threading.RLock()
        "held while it is decided when the next pass is: what asks for one is not overruled"
        self._is_asked_for = threading.Event()
        self._is_ending = threading.Event()
        self._is_idle = threading.Event()
        self._is_idle.set()
        self._guard = Guard(self.wake)
        self._work = Work(parts, self.wake, self._guard.sign_of_life, self._soon, self._finish)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,  # with a local zone APScheduler would guess at clock changes
            executors={
                "default": ThreadPoolExecutor(1),
                # what a person waits for, and what takes long, never stands in a pass's way
                "answers": ThreadPoolExecutor(1),
                "upkeep": ThreadPoolExecutor(1),
            },
            job_defaults={
                "misfire_grace_time": None,  # a pass that is late by hours must still happen
                "coalesce": True,  # one pass makes up for all that were missed
                "max_instances": 1,  # two at once would only wait for each other's claims
            },
        )

    def end(self, number: int, _frame: FrameType | None) -> None:
        # Nothing that takes a lock: the code that this interrupts may hold it.
        self._ended_by = number

    def run(self) -> None:
        """Until a signal. Raises ServiceStuck when passes stop happening, StorageFault where only a
        new process may find its files again, DaemonRuns where another has taken our place."""
        self._scheduler.add_job(self._pass, self._trigger, id=JOB, next_run_time=clock.now())
        self._scheduler.add_job(
            self._work.upkeep,
            WithinTrigger(UPKEEP_EVERY),
            id=UPKEEP,
            executor="upkeep",
            next_run_time=clock.now() + UPKEEP_AFTER,
        )
        self._scheduler.start()
        with _woken_by_signals() as waking:
            every = min(LOOK_SECONDS, (watchdog_seconds() or LOOK_SECONDS * 3) / 3)
            look_at = clock.monotonic() + every
            while self._ended_by is None:
                poke = self._signs.ear.socket
                heard = [waking] if poke is None else [waking, poke]
                wait = max(0.0, look_at - clock.monotonic())
                ready = select.select(heard, [], [], wait)[0]
                for one in ready:
                    _drain(one)
                if poke in ready:
                    self.wake()
                if clock.monotonic() >= look_at:
                    self._guard.look()
                    self._work.refuse_to_linger()
                    if self._signs.mend():
                        self.wake()  # a pass writes the heartbeat, too
                    look_at = clock.monotonic() + every
        notify("STOPPING=1")
        log.info("ending on signal %s", signal.Signals(self._ended_by).name)

    def wake(self) -> None:
        """A pass as soon as can be, and another one where it is asked for within one."""
        with self._planning:
            self._is_asked_for.set()
            if self._is_idle.is_set():
                self._pass_soon()

    def finish(self) -> None:
        """No pass begins any more; the one in hand comes to its end, however long that takes."""
        self._is_ending.set()  # a pass that is queued already would begin after all is closed
        self._scheduler.shutdown(wait=False)
        self._is_idle.wait()
        self._work.close()

    def _finish(self, seconds: float) -> None:
        self._is_idle.wait(seconds)

    def _soon(self, work: Callable[[], None]) -> None:
        """Have it done beside the passes, in the order in which it was asked for."""
        with suppress(RuntimeError):  # the scheduler was shut down meanwhile
            self._scheduler.add_job(work, executor="answers")

    def _pass(self) -> None:
        with self._planning:
            if self._is_ending.is_set():
                return
            self._is_idle.clear()
            self._is_asked_for.clear()
            self._trigger.wake_at = None  # it lies in the past until this pass has ended
        try:
            self._trigger.wake_at = self._work.make_pass()
        finally:
            self._guard.sign_of_life()
            with self._planning:
                self._is_idle.set()
                if self._is_asked_for.is_set():
                    self._pass_soon()
                else:
                    self._pass_at(self._trigger.get_next_fire_time(None, clock.now()))

    def _pass_soon(self) -> None:
        # The trigger is told, too. Where the last pass is over and its job is not yet, APScheduler
        # drops the one that is asked for, and takes the trigger's next time.
        self._trigger.wake_at = now = clock.now()
        self._pass_at(now)

    def _pass_at(self, at: datetime) -> None:
        with suppress(JobLookupError):  # the scheduler was shut down, or has not begun yet
            self._scheduler.modify_job(JOB, next_run_time=at)


def serve(parts: Parts, lock: Lock) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    exit_code = 0
    signs = Signs(lock, parts.poke_file, clock.monotonic)
    with signs.shown():
        service = Service(parts, signs)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, service.end)
        try:
            service.run()
        except (ServiceStuck, StorageFault, DaemonRuns, ServicesDiffer) as error:
            log.critical("%s", error)
            exit_code = error.exit_code
        _exit_at_the_latest(END_SECONDS, exit_code)
        service.finish()
    return exit_code


def _drain(ready: socket.socket) -> None:
    """However many have written, it is one call; what they wrote is not looked at."""
    with suppress(BlockingIOError):
        while ready.recv(64):
            pass


@contextmanager
def _woken_by_signals() -> Iterator[socket.socket]:
    """A socket that has something to read after each signal that has a handler."""
    waking, written = socket.socketpair()
    with waking, written:
        waking.setblocking(False)
        written.setblocking(False)
        before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
        try:
            yield waking
        finally:
            signal.set_wakeup_fd(before)


def _exit_at_the_latest(seconds: float, exit_code: int) -> None:
    """Python would wait for its threads for ever; what they had claimed is free after its lease."""
    timer = threading.Timer(seconds, os._exit, (exit_code,))
    timer.daemon = True
    timer.start()
