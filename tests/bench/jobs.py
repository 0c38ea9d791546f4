"""The obvious design, for the bench of scale: a job of APScheduler for each card, in its job store.

Each part is a process, told what to do; it prints its figures as JSON. Not here: ours (cards).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.base import BaseScheduler
from sqlalchemy import text

from kzreminder import clock

FILE = Path(os.environ["HOME"]) / "jobs.db"
WAKE_UPS = 21
Figures = dict[str, float]


class OnDemand(BaseScheduler):  # type: ignore[misc]  # it tells no types
    """Looks for due jobs when it is told to, and does them on the spot."""

    def wakeup(self) -> None:
        """Whoever measures calls `look`."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def look(self) -> float:
        begun = perf_counter()
        self._process_jobs()
        return perf_counter() - begun


def tell(_card_id: int) -> None:
    """Costs nothing: it is the scheduler that is measured."""


def a_scheduler() -> OnDemand:
    store = SQLAlchemyJobStore(f"sqlite:///{FILE}")
    with store.engine.connect() as connection:
        connection.execute(text("pragma journal_mode = wal"))  # as our own database
    scheduler = OnDemand(timezone=UTC, executors={"default": DebugExecutor()})
    scheduler.add_jobstore(store)
    scheduler.start()
    return scheduler


def add(scheduler: OnDemand, card_id: int, at: datetime) -> None:
    scheduler.add_job(tell, "date", run_date=at, args=(card_id,), misfire_grace_time=None)


def add_jobs(count: int) -> Figures:
    """One a card, at the time of its next reminder."""
    scheduler = a_scheduler()
    far = clock.now() + timedelta(days=46)
    begun = perf_counter()
    for number in range(count):
        add(scheduler, number, far + timedelta(days=number % 300))
    seconds = perf_counter() - begun
    scheduler.shutdown()
    return {"seconds": seconds, "bytes": FILE.stat().st_size}


def wake_jobs(due: int) -> Figures:
    begun = perf_counter()
    scheduler = a_scheduler()
    scheduler.look()
    started = perf_counter() - begun
    none = median(scheduler.look() for _ in range(WAKE_UPS))
    now = clock.now()
    for number in range(due):
        add(scheduler, number, now)
    return {"start": started, "none": none, "due": scheduler.look()}


def list_jobs() -> Figures:
    scheduler = a_scheduler()
    begun = perf_counter()
    scheduler.get_jobs()
    return {"seconds": perf_counter() - begun}


if __name__ == "__main__":
    part: Callable[..., Figures] = globals()[sys.argv[1].replace("-", "_")]
    print(json.dumps(part(*map(int, sys.argv[2:]))))
