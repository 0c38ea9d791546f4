"""Kills kzreminder with SIGKILL at each step of its work, and counts what that cost.

python -m tests.faults.campaign 1000    so many at each step: a table, exit 1 if one went wrong

Each kill strikes a real process on a real database file and a real bus with a server that writes
down what it shows; then the next process begins, as after a restart.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from kzreminder import places
from kzreminder.assembly import Parts
from kzreminder.channels import desktop_dbus
from kzreminder.channels.on_paper import OnPaper
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty
from kzreminder.operators.catalogue import load
from kzreminder.reminding.passing import run_pass, take_over
from kzreminder.settings.declared import Desktop
from kzreminder.settings.reading import Settings
from kzreminder.storage import backup, delivery, toasts
from kzreminder.storage.backup import Backups
from kzreminder.storage.tables import SCHEMA
from kzreminder.storage.upgrades import child
from tests.channels.bus import Bus
from tests.channels.fake_server import FakeServer
from tests.storage.old_databases import FOLDER
from tests.storage.samples import a_store, ending, url_of

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
POLICY = Policy(zone=almaty())
SECONDS = 20.0
CATALOGUE = load(places.shipped("config/operators"), None)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(place: Any, name: str, at: int = 1) -> None:
    """From here on this process is killed when that function has returned for the `at`-th time."""
    real, calls = getattr(place, name), 0

    def deadly(*args: Any, **rest: Any) -> Any:
        nonlocal calls
        done = real(*args, **rest)
        calls += 1
        if calls == at:
            die()
        return done

    setattr(place, name, deadly)


def dying_within(place: Any, name: str) -> None:
    """From here on this process is killed where that function was to begin."""
    setattr(place, name, lambda *args, **rest: die())


def in_a_child(work: Callable[[], None], *, delay: float | None = None) -> int:
    """Its exit status, negative for a signal; with `delay` it is killed from outside after it."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - nothing of the parent may go on here
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(1)
    if delay is not None:
        time.sleep(delay)
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("a process that hangs")


@dataclass
class Ground:
    """Where the trials happen: one bus and one server that outlive all of them."""

    folder: Path
    server: FakeServer
    seen: int = 0
    number: int = 0

    def fresh(self) -> Path:
        self.number += 1
        made = self.folder / f"trial-{self.number}"
        made.mkdir()
        return made

    def shown(self) -> list[dict[str, Any]]:
        """What was shown since this was last asked."""
        with (self.folder / "notified.jsonl").open(encoding="utf-8") as log:
            log.seek(self.seen)
            lines = [json.loads(line) for line in log]
            self.seen = log.tell()
        return [line for line in lines if "closed" not in line]


@dataclass
class Tally:
    kills: int = 0
    lost: int = 0
    twice: int = 0
    "messages that stand on the screen twice"
    replaced: int = 0
    "messages that were shown again in their own place"
    unsound: int = 0
    wrong: list[str] = field(default_factory=list)


def _settings(folder: Path) -> Settings:
    return Settings(folder / "c.toml", "en", url_of(folder), POLICY, Desktop.DBUS, True)


def _warm_up(ground: Ground) -> None:
    """What is imported and read when first needed, the processes to come find done."""
    folder = ground.fresh()
    store = a_store(folder)
    for number in range(6):
        store.add(ending(f"Card {number}", number=f"+7701123450{number}", operator="kcell"), NOW)
    store.close()
    parts = Parts(_settings(folder), throw_away=True)
    parts.__dict__["operators"] = CATALOGUE
    run_pass(parts.desk(OnPaper()), NOW)
    parts.store.close()


def one_pass(folder: Path, prepare: Callable[[], None], now: datetime) -> None:
    """What the service does after its start: free what the dead held, make a pass."""
    prepare()
    parts = Parts(_settings(folder), throw_away=True)
    parts.__dict__["operators"] = CATALOGUE  # read once, before the first process was forked
    desk = parts.desk(parts.channel(lambda event: None))
    take_over(desk, lambda owner: owner != desk.owner, now)
    run_pass(desk, now)


PASS_STEPS: dict[str, Callable[[int], None]] = {
    "claimed": lambda at: dying_after(delivery.Delivery, "claim"),
    "sent": lambda at: dying_after(desktop_dbus.DesktopDbus, "send", at),
    "id stored": lambda at: dying_after(toasts.Toasts, "shown", at),
    "confirmed": lambda at: dying_after(delivery.Delivery, "confirm", at),
}
TWICE_AT_MOST = {"claimed": 0, "sent": 1, "id stored": 0, "confirmed": 0, "at any time": 1}


def kill_a_pass(ground: Ground, step: str, tally: Tally, chance: random.Random) -> None:
    folder = ground.fresh()
    count = chance.choice((1, 1, 2, 3, 6))
    store = a_store(folder)
    labels = [f"Card {ground.number} {number}" for number in range(count)]
    for label in labels:
        store.add(ending(label, operator="kcell"), NOW)
    store.close()
    ground.shown()
    at = chance.randint(1, min(count, 4))
    if step == "at any time":
        delay = chance.uniform(0.0, 0.12)
        status = in_a_child(partial(one_pass, folder, lambda: None, NOW), delay=delay)
        assert status in (0, -signal.SIGKILL)
    else:
        status = in_a_child(partial(one_pass, folder, lambda: PASS_STEPS[step](at), NOW))
        assert status == -signal.SIGKILL, (step, status)
    for seconds in (1, 61):
        again = NOW + timedelta(seconds=seconds)
        assert in_a_child(partial(one_pass, folder, lambda: None, again)) == 0
    tally.kills += 1
    _count(ground, folder, labels, tally, TWICE_AT_MOST[step])
    shutil.rmtree(folder)


def _count(ground: Ground, folder: Path, labels: list[str], tally: Tally, allowed: int) -> None:
    shown = ground.shown()
    ids: dict[str, list[int]] = {}
    for one in shown:
        ids.setdefault(one["title"], []).append(one["id"])
    twice = sum(len(set(given)) - 1 for given in ids.values())
    tally.twice += twice
    tally.replaced += sum(len(given) - len(set(given)) for given in ids.values())
    told = {row[0] for row in _rows(folder, "select card_id from marks where believed")}
    lost = len(labels) - len(told)
    text = json.dumps(shown, ensure_ascii=False)
    lost += sum(label not in text for label in labels if len(labels) <= 3)
    tally.lost += lost
    unsound = _rows(folder, "pragma integrity_check") != [("ok",)] or _rows(
        folder, "select 1 from cards where claim_token is not null"
    )
    tally.unsound += bool(unsound)
    if lost or unsound or twice > allowed:
        tally.wrong.append(f"{folder.name}: lost {lost}, twice {twice}, {text}")


def kill_an_upgrade(ground: Ground, step: str, tally: Tally, chance: random.Random) -> None:
    folder = ground.fresh()
    schema = chance.choice((1, 2))
    file = folder / "cards.db"
    shutil.copy(FOLDER / f"schema_{schema}.db", file)
    before = _rows(folder, "select id, label, version from cards order by id")
    kept = folder / "backups"
    kept.mkdir()
    parts = ("still_older", "keep_a_copy", "take_steps", "set_number", "check")
    part = chance.choice(parts)

    def killed() -> None:
        dying_after(child, part)
        child.carry_out(url_of(folder), str(kept), NOW.isoformat())

    assert in_a_child(killed) == -signal.SIGKILL
    if _rows(folder, "select value from meta where key = 'schema'") != [(str(schema),)]:
        tally.wrong.append(f"{folder.name}: half an upgrade after {part}")
        tally.unsound += 1
    again = partial(child.carry_out, url_of(folder), str(kept), NOW.isoformat())
    assert in_a_child(again) == 0
    _check_after(tally, folder, before)
    shutil.rmtree(folder)


def _check_after(tally: Tally, folder: Path, before: list[tuple[Any, ...]]) -> None:
    tally.kills += 1
    number = _rows(folder, "select value from meta where key = 'schema'")
    after = _rows(folder, "select id, label, version from cards order by id")
    tally.lost += len(set(before) - set(after))
    sound = _rows(folder, "pragma integrity_check") == [("ok",)] and number == [(str(SCHEMA),)]
    tally.unsound += not sound
    if before != after or not sound:
        tally.wrong.append(f"{folder.name}: {number}, {before} became {after}")


def kill_a_backup(ground: Ground, step: str, tally: Tally, chance: random.Random) -> None:
    folder = ground.fresh()
    store = a_store(folder)
    for number in range(5):
        store.add(ending(f"Card {number}"), NOW)
    store.close()
    before = _rows(folder, "select id, label, version from cards order by id")
    copies = Backups(url_of(folder), folder / "backups", places.make_private)
    part = chance.choice(("copy_online", "examine", "settle", "publish", "at any time"))

    def killed() -> None:
        if part != "at any time":
            dying_after(backup, part)
        copies.make(NOW)

    delay = chance.uniform(0.0, 0.05) if part == "at any time" else None
    assert in_a_child(killed, delay=delay) in (0, -signal.SIGKILL)
    for copy in (folder / "backups").glob("cards-*.db"):  # whatever has its final name is whole
        with closing(sqlite3.connect(copy)) as connection:
            if connection.execute("select count(*) from cards").fetchone() != (5,):
                tally.wrong.append(f"{copy}: half a copy")
                tally.unsound += 1
    assert in_a_child(lambda: _made(copies)) == 0
    _check_after(tally, folder, before)
    shutil.rmtree(folder)


def _made(copies: Backups) -> None:
    assert copies.make(NOW + timedelta(hours=1)).stat().st_size > 0


def _rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "cards.db")) as connection:
        return connection.execute(query).fetchall()


TRIALS: dict[str, Callable[[Ground, str, Tally, random.Random], None]] = {
    **dict.fromkeys((*PASS_STEPS, "at any time"), kill_a_pass),
    "mid-upgrade": kill_an_upgrade,
    "mid-backup": kill_a_backup,
}


def campaign(kills: int, seed: int, folder: Path) -> dict[str, Tally]:
    """So many kills at each step; the tallies by step."""
    chance = random.Random(seed)
    tallies = {step: Tally() for step in TRIALS}
    with Bus() as bus:
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        server = FakeServer(bus, folder)
        server.start()
        try:
            ground = Ground(folder, server)
            (folder / "notified.jsonl").touch()
            _warm_up(ground)
            for _ in range(kills):
                for step, trial in TRIALS.items():
                    trial(ground, step, tallies[step], chance)
        finally:
            server.stop()
    return tallies


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 30)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kz-faults-") as folder:
        tallies = campaign(kills, seed, Path(folder))
    print(f"seed {seed}, {time.monotonic() - began:.0f} s")
    print(f"{'killed':12} {'kills':>6} {'lost':>5} {'twice':>6} {'replaced':>9} {'unsound':>8}")
    total: Counter[str] = Counter()
    for step, tally in tallies.items():
        print(
            f"{step:12} {tally.kills:>6} {tally.lost:>5} {tally.twice:>6} {tally.replaced:>9}"
            f" {tally.unsound:>8}"
        )
        for line in tally.wrong:
            print(f"  {line}")
        total["wrong"] += len(tally.wrong)
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
