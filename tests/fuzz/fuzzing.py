"""How files and texts are spoilt, how long one may take, and whether memory levels off.

Not here: what is fuzzed. `FUZZ=20000` runs so many examples of each kind instead of a few.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

LONG = int(os.environ.get("FUZZ", "0"))
EXAMPLES = LONG or 10
SECONDS = 10
"of work for one example: the slowest takes a tenth of one"
GROWTH = 1.03

Sample = str | bytes


@contextmanager
def no_hang() -> Iterator[None]:
    """Counts the process's own work, so a busy machine hurries nobody."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"still at work after {SECONDS} s")

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def spoilt(samples: Sequence[bytes], tokens: Sequence[bytes], seed: int) -> bytes:
    """A sound sample with a few things wrong; now and then with much wrong."""
    chance = random.Random(seed)
    raw = bytearray(chance.choice(samples))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 30))):
        chance.choice(_EDITS)(raw, tokens, samples, chance)
    return bytes(raw)


def _cut(raw: bytearray, _t: Sequence[bytes], _s: Sequence[bytes], chance: random.Random) -> None:
    start = chance.randint(0, len(raw))
    del raw[start : start + chance.choice((1, 1, 3, 20, 100_000))]


def _double(
    raw: bytearray, _t: Sequence[bytes], _s: Sequence[bytes], chance: random.Random
) -> None:
    start = chance.randint(0, len(raw))
    piece = raw[start : start + chance.choice((1, 10, 200))]
    raw[start:start] = piece * chance.choice((1, 1, 2, 40))


def _put(
    raw: bytearray, tokens: Sequence[bytes], _s: Sequence[bytes], chance: random.Random
) -> None:
    start = chance.randint(0, len(raw))
    raw[start : start + chance.choice((0, 0, 1, 8))] = chance.choice(tokens)


def _put_for_a_value(
    raw: bytearray, tokens: Sequence[bytes], _s: Sequence[bytes], chance: random.Random
) -> None:
    """Between two signs that part values: more often sound around than what `_put` leaves."""
    parts = [place for place, sign in enumerate(raw) if sign in b"=,;|[\n"]
    if parts:
        start = chance.choice(parts) + 1
        end = next((place for place in parts if place >= start), len(raw))
        raw[start:end] = chance.choice(tokens)


def _scramble(
    raw: bytearray, _t: Sequence[bytes], _s: Sequence[bytes], chance: random.Random
) -> None:
    for _ in range(min(len(raw), chance.choice((1, 1, 4)))):
        raw[chance.randrange(len(raw))] = chance.randrange(256)


def _swap_lines(
    raw: bytearray, _t: Sequence[bytes], samples: Sequence[bytes], chance: random.Random
) -> None:
    """A line of this or another sample in the place of one of these."""
    lines = raw.split(b"\n")
    others = chance.choice(samples).split(b"\n")
    lines[chance.randrange(len(lines))] = bytearray(chance.choice(others))
    raw[:] = b"\n".join(lines)


_EDITS = (_cut, _double, _put, _put_for_a_value, _put_for_a_value, _scramble, _swap_lines)


def assert_memory_levels_off(once: Callable[[int], object], rounds: int) -> None:
    """`once(seed)` for new seeds: what caches keep is there after the first half."""
    _run(once, range(rounds))
    settled = _blocks()
    _run(once, range(rounds, 2 * rounds))
    grown = _blocks() / settled
    assert grown < GROWTH, f"{settled} blocks grew {grown:.3f} times"


def _run(once: Callable[[int], object], seeds: range) -> None:
    for seed in seeds:
        once(seed)


def _blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()
