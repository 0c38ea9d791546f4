#!/usr/bin/env python
"""What cards cost as they become very many, beside the obvious design: a scheduler's job for each.

python tests/bench/scale.py                      10,000 and 100,000 cards
python tests/bench/scale.py 1000000              so many; some twenty minutes
python tests/bench/scale.py --check [N ...]      the same, exit 1 above a limit
python tests/bench/scale.py --cpu [N ...]        the processor's time, where others use it, too

Each figure is of a process of its own, on a SQLite file on the disk. Commands are told less the
start-up, which is the same command on a database with ten cards, measured in turns with it. The
obvious design is APScheduler with its SQLAlchemyJobStore on SQLite, one job a card, in the same
run; where adding that many jobs would take too long it is left out.

Not here: what the service costs while nothing is due (idle), start-up itself (startup).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from kzreminder import clock

ROOT = Path(__file__).resolve().parents[2]
KZREMINDER = (sys.executable, "-m", "kzreminder")

CARDS = (10_000, 100_000)
MOST_JOBS = 100_000
"More are not added one by one: a million would take hours."
FEW = 10
DUE = (0, 1_000, 20_000)
CHANGED = 10_000
ROUNDS = 7
HEADER = "number,label,operator,plan,period,expires,price,auto_renew,balance,threshold,tags"
OPERATORS = ("kcell", "activ", "beeline", "tele2")

# figure, unit, the limit and whether it is the least or the most
LIMITS: dict[str, tuple[str, float | None, bool]] = {
    "import": ("rows/s", 10_000, False),
    "import, memory": ("MiB", 250, True),
    "on disk": ("bytes a card", 500, True),
    "first planned": ("s", None, True),
    "policy changed": ("s", None, True),
    "due meanwhile, late": ("s", None, True),
    "messages of that": ("", None, True),
    "empty pass": ("ms", 50, True),
    "1,000 due": ("s", 1, True),
    "20,000 due": ("s", 5, True),
    "pass, memory": ("MiB", 250, True),
    "list --state overdue": ("ms over start-up", 300, True),
    "show LABEL": ("ms over start-up", 300, True),
    "show DIGITS": ("ms over start-up", 300, True),
    "completion": ("ms over start-up", 300, True),
    "edit": ("ms over start-up", None, True),
    "add": ("ms over start-up", None, True),
    "run --once": ("ms over start-up", 50, True),
    "list --json": ("s", None, True),
    "list --json, memory": ("MiB", 250, True),
    "10,000 changed": ("s", 5, True),
    "jobs: added": ("jobs/s", None, False),
    "jobs: on disk": ("bytes a job", None, True),
    "jobs: start-up": ("s", None, True),
    "jobs: none due": ("ms", None, True),
    "jobs: 1,000 due": ("s", None, True),
    "jobs: all listed": ("s", None, True),
    "jobs: memory": ("MiB", None, True),
}
Figures = dict[str, float]


def csv_lines(count: int, today: date) -> Iterator[str]:
    """Cards of a reseller, none of which is due for long; numbers that no operator has given out
    are as good."""
    yield HEADER
    for n in range(count):
        renews = n % 4 == 0
        yield ",".join(
            (
                f"+7701{n:07}",
                f"SIM {n:07}",
                OPERATORS[n % len(OPERATORS)],
                "Unlimited 30",
                "30d",
                (today + timedelta(days=60 + n % 300)).isoformat(),
                str(1990 + n % 5 * 500),
                "yes" if renews else "no",
                "90000" if renews else "",
                "500" if n % 10 == 0 else "",
                f"shop {n % 20}",
            )
        )


class Fleet:
    """So many cards in a folder of their own."""

    def __init__(self, folder: Path, count: int, *, is_cpu: bool) -> None:
        self.folder, self.count, self.is_cpu = folder, count, is_cpu
        self.database = folder / "data/kzreminder/kzreminder.db"
        self.env = {
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
            "LC_ALL": "C.UTF-8",
            "TZ": "Asia/Almaty",
            "BENCH_CLOCK": "process_time" if is_cpu else "perf_counter",
        }
        config = folder / "config/kzreminder/config.toml"
        config.parent.mkdir(parents=True)
        config.write_text('[reminders]\nquiet = "off"\n', encoding="utf-8")

    def fill(self) -> Figures:
        file = self.folder / "cards.csv"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(f"{line}\n" for line in csv_lines(self.count, clock.now().date()))
        seconds, mebibytes, _ = self.run(*KZREMINDER, "import", str(file))
        file.unlink()
        return {
            "import": self.count / seconds,
            "import, memory": mebibytes,
            "on disk": self.database.stat().st_size / self.count,
        }

    def run(self, *words: str) -> tuple[float, float, str]:
        """Seconds, peak memory in MiB and what it printed. This process stays small: of a child
        Linux counts what its parent had, too."""
        begun = perf_counter()
        with (
            tempfile.TemporaryFile("w+") as out,
            subprocess.Popen(words, env=self.env, stdout=out, stderr=subprocess.DEVNULL) as child,
        ):
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            seconds = perf_counter() - begun
            if self.is_cpu:
                seconds = used.ru_utime + used.ru_stime
            if child.returncode:
                raise SystemExit(f"{words} ended with {child.returncode}")
            out.seek(0)
            return seconds, used.ru_maxrss / 1024, out.read(1 << 20)

    def part(self, name: str, *values: int) -> Figures:
        """What a module beside this one measures as a process, and the memory it took."""
        module = "jobs" if name.endswith("jobs") else "cards"
        words = (sys.executable, "-m", f"tests.bench.{module}", name, *map(str, values))
        _, mebibytes, printed = self.run(*words)
        found: Figures = json.loads(printed)
        return found | {"memory": mebibytes}

    def over(self, floor: Fleet, *words: str) -> float:
        """Milliseconds that it takes longer here than there."""
        pairs = [(self.run(*words)[0], floor.run(*words)[0]) for _ in range(ROUNDS)]
        return (median(here for here, _ in pairs) - median(there for _, there in pairs)) * 1e3


def measured(fleet: Fleet, floor: Fleet, say: Callable[[str], None]) -> Figures:
    found = fleet.fill()
    say("imported")
    found["first planned"] = fleet.part("first")["seconds"]
    told = [fleet.part("due", due) for due in DUE if due <= fleet.count]
    found["empty pass"] = told[0]["seconds"] * 1e3
    for due, one in zip(DUE[1:], told[1:], strict=False):
        found[f"{due:,} due"] = one["seconds"]
    found["pass, memory"] = max(one["memory"] for one in told)
    say("passes made")
    fleet.part("overdue", FEW)
    label = f"SIM {min(FEW, fleet.count) - 1:07}"
    for figure, words in {
        "list --state overdue": ("list", "--state", "overdue"),
        "show LABEL": ("show", label),
        "show DIGITS": ("show", "1000000" + label[-1]),
        "edit": ("edit", label, "--note", "x"),
        "run --once": ("run", "--once"),
    }.items():
        found[figure] = fleet.over(floor, *KZREMINDER, *words)
    found["add"] = _added(fleet, floor)
    found["completion"] = _completed(fleet, floor)
    say("commands run")
    everything = fleet.run(*KZREMINDER, "list", "--json")
    found["list --json"], found["list --json, memory"] = everything[:2]
    if fleet.count > CHANGED:
        found["10,000 changed"] = fleet.part("changed", CHANGED)["seconds"]
    found |= {key: value for key, value in fleet.part("policy").items() if key in LIMITS}
    say("planned anew")
    return found


def _added(fleet: Fleet, floor: Fleet) -> float:
    taken: dict[Fleet, list[float]] = {fleet: [], floor: []}
    for turn in range(ROUNDS):
        for one, seconds in taken.items():
            number = f"+7702{fleet.count + turn:07}"
            seconds.append(one.run(*KZREMINDER, "add", number, "--expires", "2099-12-31")[0])
    return (median(taken[fleet]) - median(taken[floor])) * 1e3


def _completed(fleet: Fleet, floor: Fleet) -> float:
    asked = {
        "_KZREMINDER_COMPLETE": "zsh_complete",
        "KZREMINDER_TYPED": "kzreminder\x1fshow\x1fSIM 00",
    }
    for one in (fleet, floor):
        one.env |= asked
    try:
        return fleet.over(floor, *KZREMINDER)
    finally:
        for one in (fleet, floor):
            one.env = {name: value for name, value in one.env.items() if name not in asked}


def main(words: list[str]) -> int:
    is_cpu = "--cpu" in words
    counts = [int(word) for word in words if word.isdecimal()] or list(CARDS)
    found: dict[int, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="kz-bench-") as name:
        folder = Path(name)
        floor = Fleet(folder / "few", FEW, is_cpu=is_cpu)
        floor.fill()
        floor.part("overdue", FEW)
        for count in counts:

            def say(what: str, count: int = count) -> None:
                print(f"{count:,}: {what}", file=sys.stderr, flush=True)

            fleet = Fleet(folder / str(count), count, is_cpu=is_cpu)
            found[count] = measured(fleet, floor, say)
            if count <= MOST_JOBS:
                found[count] |= _jobs(fleet, count)
                say("the obvious design measured")
        start_up = median(floor.run(*KZREMINDER, "list")[0] for _ in range(ROUNDS))
    print(f"start-up, `list` of ten cards: {start_up * 1e3:.0f} ms")
    return _print(found) if "--check" in words else _print(found) and 0


def _jobs(fleet: Fleet, count: int) -> Figures:
    added = fleet.part("add-jobs", count)
    woken = fleet.part("wake-jobs", 1_000)
    listed = fleet.part("list-jobs")
    return {
        "jobs: added": count / added["seconds"],
        "jobs: on disk": added["bytes"] / count,
        "jobs: start-up": woken["start"],
        "jobs: none due": woken["none"] * 1e3,
        "jobs: 1,000 due": woken["due"],
        "jobs: all listed": listed["seconds"],
        "jobs: memory": max(one["memory"] for one in (added, woken, listed)),
    }


def _print(found: dict[int, Figures]) -> int:
    """How many figures are beyond their limits."""
    beyond = 0
    print(f"{'':22}" + "".join(f"{count:>12,}" for count in found) + f"{'limit':>8}")
    for figure, (unit, limit, is_most) in LIMITS.items():
        values = [figures.get(figure) for figures in found.values()]
        for value in values:
            if value is not None and limit is not None:
                beyond += value > limit if is_most else value < limit
        shown = "".join(f"{'-' if v is None else format(v, ',.2f'):>12}" for v in values)
        print(f"{figure:22}{shown}{'' if limit is None else format(limit, ',.0f'):>8} {unit}")
    return min(beyond, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
