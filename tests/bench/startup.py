#!/usr/bin/env python
"""How quickly commands start, as a ratio to what their libraries cost alone in the same run.

python tests/bench/startup.py            a table
python tests/bench/startup.py --check    the same, exit 1 above a limit
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS = 21
CARDS = 20
KZREMINDER = (str(Path(sys.executable).with_name("kzreminder")),)
CLICK = (sys.executable, "-c", "import click")
CLICK_AND_SQLALCHEMY = (sys.executable, "-c", "import click, sqlalchemy")

# command, floor, highest ratio
LIMITS = [
    ("--version", CLICK, 1.3),
    ("--help", CLICK, 1.6),
    ("list", CLICK_AND_SQLALCHEMY, 1.4),
]


def seconds(words: tuple[str, ...], env: dict[str, str]) -> float:
    start = perf_counter()
    subprocess.run(words, env=env, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - start


def main(check: bool) -> int:
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        for number in range(CARDS):
            card = ("add", f"+770112345{number:02}", "--label", f"Card {number}")
            seconds((*KZREMINDER, *card, "--expires", "2099-12-31"), env)
        slow = False
        print(f"{'command':12} {'ms':>6} {'floor ms':>9} {'ratio':>6} {'limit':>6}")
        for command, floor, limit in LIMITS:
            # In turns, so that a busy moment of the machine hits both.
            pairs = [
                (seconds((*KZREMINDER, command), env), seconds(floor, env)) for _ in range(ROUNDS)
            ]
            taken, least = (median(side) for side in zip(*pairs, strict=True))
            ratio = taken / least
            slow |= ratio > limit
            print(f"{command:12} {taken * 1e3:6.0f} {least * 1e3:9.0f} {ratio:6.2f} {limit:6.1f}")
    return 1 if check and slow else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
