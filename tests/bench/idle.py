#!/usr/bin/env python
"""What the service costs while nothing is due, and how soon it acts when something is.

python tests/bench/idle.py            a table, some four minutes
python tests/bench/idle.py --check    the same, exit 1 above a limit

Memory is told beside its floor, the bare imports of the libraries that the service stands on, in
the same run; it and the wake-ups are to be the same whether few cards are stored or very many.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # run as a file

from kzreminder import clock, places
from kzreminder.alive.poke import poke
from kzreminder.assembly import Parts
from kzreminder.core.card import Card
from kzreminder.core.correcting import register
from kzreminder.core.period import days
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty, almaty_day
from kzreminder.settings.declared import Desktop
from kzreminder.settings.reading import Settings
from tests.channels.bus import Bus, environment
from tests.channels.fake_server import FakeServer
from tests.storage.samples import add_all

CARDS = (1_000, 100_000)
IDLE_SECONDS = 120.0
ROUNDS = 21
POLICY = Policy(zone=almaty(), quiet=None)
FLOOR = "import sqlalchemy, apscheduler.schedulers.background, jeepney"
RESIDENT = "print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmRSS')))"

# figure, unit, highest
LIMITS = {
    "cpu": ("% of a core", 0.1),
    "wake-ups": ("a minute", 20),
    "resident": ("MiB", 60),
    "changed card": ("ms, median", 1000),
    "known due time": ("ms late, median", 50),
}


class Bench:
    """One user's service, with so many cards of which none is due for long."""

    def __init__(self, folder: Path, server: FakeServer, count: int) -> None:
        self.folder = folder
        self.env = environment(server.bus, HOME=str(folder), TZ="Asia/Almaty", LC_ALL="C.UTF-8")
        self.env = {k: v for k, v in self.env.items() if not k.startswith(("XDG_", "KZREMINDER_"))}
        os.environ["HOME"] = str(folder)
        self.shown = folder / "notified.jsonl"
        config = folder / ".config/kzreminder/config.toml"
        config.parent.mkdir(parents=True)
        config.write_text('[reminders]\nquiet = "off"\n', encoding="utf-8")
        url = f"sqlite:///{places.database_file()}"
        settings = Settings(config, "en", url, POLICY, Desktop.DBUS, True)
        self.parts = Parts(settings)
        self.now = clock.now()
        add_all(
            self.parts.store, [self.card(f"Card {number}") for number in range(count)], self.now
        )
        # Else the service makes it while it is measured: it grows with what is stored, once a day.
        began = time.process_time()
        self.parts.backups.nightly(self.now)
        self.copy_seconds = time.process_time() - began

    def card(self, label: str, in_days: int = 300) -> Card:
        expires = almaty_day(self.now) + timedelta(days=in_days)
        told = {"label": label, "operator": "kcell", "expires": expires, "period": days(30)}
        return register(told, POLICY, self.now)

    @contextmanager
    def service(self) -> Iterator[int]:
        with subprocess.Popen(
            [sys.executable, "-m", "kzreminder", "run"], env=self.env, stderr=subprocess.DEVNULL
        ) as process:
            try:
                while not self.parts.heartbeat_file.exists():  # written after the first pass
                    time.sleep(0.2)
                yield process.pid
            finally:
                process.terminate()

    def told(self) -> int:
        return self.shown.stat().st_size

    def seconds_until_told(self, before: int) -> float:
        began = time.perf_counter()
        while self.told() == before:
            if time.perf_counter() - began > 30:
                raise SystemExit("a reminder that did not come")
            time.sleep(0.0005)
        return time.perf_counter() - began


def idle(pid: int) -> dict[str, float]:
    cpu, woken = _cpu_seconds(pid), _wake_ups(pid)
    time.sleep(IDLE_SECONDS)
    return {
        "cpu": (_cpu_seconds(pid) - cpu) / IDLE_SECONDS * 100,
        "wake-ups": (_wake_ups(pid) - woken) / IDLE_SECONDS * 60,
        "resident": _resident_kib(pid) / 1024,
    }


def lateness(bench: Bench) -> dict[str, float]:
    changed, due = [], []
    for number in range(ROUNDS):
        before = bench.told()
        bench.parts.store.add(bench.card(f"New {number}", in_days=1), clock.now())
        changed.append(bench.seconds_until_told(before))
        time.sleep(0.2)
    for number in range(ROUNDS):
        card = bench.parts.store.add(bench.card(f"Due {number}"), clock.now())
        time.sleep(0.3)
        before = bench.told()
        at = clock.now() + timedelta(seconds=1)
        _falls_due(bench, card, at)
        late = bench.seconds_until_told(before)
        due.append(late - 1)
    return {"changed card": median(changed) * 1e3, "known due time": median(due) * 1e3}


def _falls_due(bench: Bench, card: Card, at: object) -> None:
    """Something of the card is to be told, and the service is to look at it at that instant."""
    from sqlalchemy import update

    from kzreminder.storage.engine import connect, writing
    from kzreminder.storage.tables import cards

    tomorrow = almaty_day(bench.now) + timedelta(days=1)
    engine = connect(bench.parts.settings.database_url)
    with writing(engine) as connection:
        ours = update(cards).where(cards.c.id == card.id)
        connection.execute(ours.values(last_good_on=tomorrow, wake_at=at))
    engine.dispose()
    poke(bench.parts.poke_file)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")")[-1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _wake_ups(pid: int) -> int:
    """How often a thread of the process has given up the processor to wait, and come back."""
    return sum(
        int(line.split()[1])
        for task in Path(f"/proc/{pid}/task").iterdir()
        for line in (task / "status").read_text(encoding="utf-8").splitlines()
        if line.startswith("voluntary_ctxt_switches")
    )


def _resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def main(check: bool) -> int:
    bare = subprocess.run(
        [sys.executable, "-c", f"{FLOOR}; {RESIDENT}"], check=True, capture_output=True, text=True
    )
    floor = int(bare.stdout) / 1024
    found: dict[int, dict[str, float]] = {}
    for count in CARDS:
        with tempfile.TemporaryDirectory(prefix="kz-bench-") as name, Bus() as bus:
            folder = Path(name)
            server = FakeServer(bus, folder)
            server.start()
            (folder / "notified.jsonl").touch()
            try:
                bench = Bench(folder, server, count)
                with bench.service() as pid:
                    found[count] = idle(pid) | lateness(bench)
                found[count]["nightly copy"] = bench.copy_seconds
                bench.parts.store.close()
            finally:
                server.stop()
    print(f"resident with the bare libraries alone: {floor:.0f} MiB")
    print(f"{'':16}" + "".join(f"{count:>12,}" for count in CARDS) + f"{'limit':>8}")
    failed = False
    for figure, (unit, limit) in LIMITS.items():
        values = [found[count][figure] for count in CARDS]
        failed |= any(value > limit for value in values)
        print(f"{figure:16}" + "".join(f"{v:>12.2f}" for v in values) + f"{limit:>8} {unit}")
    copied = "".join(f"{found[count]['nightly copy']:>12.2f}" for count in CARDS)
    print(f"{'nightly copy':16}{copied}{'':8} s of a core, once a day")
    return 1 if check and failed else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
