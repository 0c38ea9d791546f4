"""The obvious design, for the bench of scale: a job of APScheduler for each card, in its job store.

Each part is a process, told what to do; it prints its figures as JSON. Not here: ours (cards).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.base import BaseScheduler
from sqlalchemy import text

from kzreminder import clock

FILE = Path(os.environ["HOME"]) / "jobs.db"
WAKE_UPS = 21
Figures = dict[str, float]
elapsed: Callable[[], float] = getattr(time, os.environ.get("BENCH_CLOCK", "perf_counter"))


class OnDemand(BaseScheduler):  # type: ignore[misc]  # it tells no types
    """Looks for due jobs when it is told to, and does them on the spot."""

    def wakeup(self) -> None:
        """Whoever measures calls `look`."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def look(self) -> float:
        begun = elapsed()
        self._process_jobs()
        return elapsed() - begun


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
    begun = elapsed()
    for number in range(count):
        add(scheduler, number, far + timedelta(days=number % 300))
    seconds = elapsed() - begun
    scheduler.shutdown()
    return {"seconds": seconds, "bytes": FILE.stat().st_size}


def wake_jobs(due: int) -> Figures:
    begun = elapsed()
    scheduler = a_scheduler()
    scheduler.look()
    started = elapsed() - begun
    none = median(scheduler.look() for _ in range(WAKE_UPS))
    now = clock.now()
    for number in range(due):
        add(scheduler, number, now)
    return {"start": started, "none": none, "due": scheduler.look()}


def list_jobs() -> Figures:
    scheduler = a_scheduler()
    begun = elapsed()
    scheduler.get_jobs()
    return {"seconds": elapsed() - begun}


if __name__ == "__main__":
    part: Callable[..., Figures] = globals()[sys.argv[1].replace("-", "_")]
    print(json.dumps(part(*map(int, sys.argv[2:]))))
