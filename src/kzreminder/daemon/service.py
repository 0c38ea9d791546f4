"""The service: APScheduler decides when a pass runs, the main thread watches that passes happen.

Not here: what a pass does (reminding).
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from kzreminder import clock
from kzreminder.assembly import Parts
from kzreminder.channels.message import Channel
from kzreminder.errors import N_, KzreminderError
from kzreminder.reminding.passing import run_pass

CAP = timedelta(seconds=60)
"However quiet it is, a pass is made this often: a card changed by a command, sleep, a set clock."
SOONEST = timedelta(milliseconds=20)
WATCH_SECONDS = 15.0
DEAD_AFTER_SECONDS = 300.0
"A pass ends within this; a service that has made none for so long is ended, to be started anew."
END_SECONDS = 3.0
"A stop takes no longer, whatever the pass in hand waits for."
JOB = "pass"

log = logging.getLogger(__name__)


class ServiceStuck(KzreminderError):
    """Passes have stopped happening; the process ends so that its keeper starts it again."""

    def __init__(self) -> None:
        super().__init__(N_("no pass has ended for five minutes; the service ends"))


class PassTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """A pass at the next wake, at the latest after the cap; from memory alone.

    It may neither raise nor answer with a time that is not ahead: APScheduler's thread would die,
    or loop, without a word.
    """

    def __init__(self) -> None:
        self.wake_at: datetime | None = None

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        soonest, latest = now + SOONEST, now + CAP
        return latest if self.wake_at is None else min(max(self.wake_at, soonest), latest)


class Service:
    def __init__(self, parts: Parts, channel: Channel) -> None:
        self._parts = parts
        self._desk = parts.desk(channel)
        self._faulty = ""
        self._trigger = PassTrigger()
        self._ended_by: int | None = None
        self._last_end = clock.monotonic()
        self._is_idle = threading.Event()
        self._is_idle.set()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,  # with a local zone APScheduler would guess at clock changes
            executors={"default": ThreadPoolExecutor(1)},
        )

    def end(self, number: int, _frame: FrameType | None) -> None:
        # Nothing that takes a lock: the code that this interrupts may hold it.
        self._ended_by = number

    def run(self) -> None:
        """Until a signal. Raises ServiceStuck when passes stop happening."""
        self._scheduler.add_job(
            self._pass,
            self._trigger,
            id=JOB,
            next_run_time=clock.now(),
            misfire_grace_time=None,  # a pass that is late by hours must still happen
            coalesce=True,  # one pass makes up for all that were missed
            max_instances=1,  # two at once would only wait for each other's claims
        )
        self._scheduler.start()
        with _woken_by_signals() as waking:
            while self._ended_by is None:
                if select.select([waking], [], [], WATCH_SECONDS)[0]:
                    waking.recv(64)
                else:
                    self._watch()
        log.info("ending on signal %s", signal.Signals(self._ended_by).name)

    def finish(self) -> None:
        """No pass begins any more; the one in hand comes to its end, however long that takes."""
        self._scheduler.shutdown(wait=False)
        self._is_idle.wait()

    def _watch(self) -> None:
        """Once a clock is set back, APScheduler waits for the old time: this does not."""
        silent_for = clock.monotonic() - self._last_end
        if silent_for > DEAD_AFTER_SECONDS:
            raise ServiceStuck
        if silent_for > CAP.total_seconds():
            self._scheduler.modify_job(JOB, next_run_time=clock.now())

    def _renew_desk(self) -> None:
        """Settings that were changed while it runs count from the next pass on, faulty ones not."""
        try:
            parts = self._parts.renewed()
        except KzreminderError as error:
            if str(error) != self._faulty:
                log.error("the changed settings are not used: %s", error)  # noqa: TRY400
            self._faulty = str(error)
            return
        self._faulty = ""
        if parts is not self._parts:
            log.info("the settings or the time zone have changed: every card is planned again")
            desk = parts.desk(self._desk.channel)
            self._parts, self._desk = parts, replace(desk, unconfirmed=self._desk.unconfirmed)

    def _pass(self) -> None:
        self._is_idle.clear()
        now = clock.now()
        self._trigger.wake_at = None  # it lies in the past until this pass has ended
        try:
            self._renew_desk()
            report = run_pass(self._desk, now)
            self._trigger.wake_at = report.next_wake_at
        except Exception:
            # the boundary: whatever one pass ran into, the next one must still happen
            log.exception("a pass failed")
            self._trigger.wake_at = None
        finally:
            self._last_end = clock.monotonic()
            self._is_idle.set()
        at = self._trigger.get_next_fire_time(None, clock.now())
        with suppress(JobLookupError):  # the scheduler was shut down meanwhile
            self._scheduler.modify_job(JOB, next_run_time=at)


def serve(parts: Parts) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    channel = parts.channel(lasting=True)
    service = Service(parts, channel)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, service.end)
    log.info("started: %s (%s), %s", channel.name, parts.desktop_choice[1], parts.store.shown_url)
    exit_code = 0
    try:
        service.run()
    except ServiceStuck as stuck:
        log.critical("%s", stuck)
        exit_code = stuck.exit_code
    _exit_at_the_latest(END_SECONDS, exit_code)
    service.finish()
    channel.close()
    parts.store.close()
    return exit_code


@contextmanager
def _woken_by_signals() -> Iterator[socket.socket]:
    """A socket that has something to read after each signal that has a handler."""
    waking, written = socket.socketpair()
    with waking, written:
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
