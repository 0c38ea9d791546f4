"""How far something long has come, for whoever waits at a terminal.

Not here: what is being done.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import ExitStack
from itertools import islice
from time import monotonic
from typing import BinaryIO, TypeVar

import click

T = TypeVar("T", bound=Sized)
Item = TypeVar("Item")

SHOWN_AFTER_SECONDS = 1.0
LOOKED_AFTER = 500
"Items read from a file before it is looked how far that has come."


def with_progress(batches: Iterable[T], count: Callable[[], int]) -> Iterator[T]:
    """The batches, and on a terminal a bar on stderr once they take longer than a moment.

    `count`: of all items in all batches; asked only where the bar is shown.
    """
    return _with_bar(batches, count, len)


def with_progress_of(stream: BinaryIO, items: Iterable[Item]) -> Iterator[Item]:
    """The items that are read from the stream, and the same bar by its bytes; a pipe has no end
    that could be known."""
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode):
        yield from items
        return
    done = 0

    def step(_batch: list[Item]) -> int:
        nonlocal done
        before, done = done, stream.tell()
        return done - before

    left = iter(items)
    batches = iter(lambda: list(islice(left, LOOKED_AFTER)), [])
    for batch in _with_bar(batches, lambda: status.st_size, step):
        yield from batch


def _with_bar(
    batches: Iterable[T], count: Callable[[], int], step: Callable[[T], int]
) -> Iterator[T]:
    if not sys.stderr.isatty():
        yield from batches
        return
    began, done, bar = monotonic(), 0, None
    with ExitStack() as shown:
        for batch in batches:
            yield batch
            come = step(batch)
            done += come
            if bar is not None:
                bar.update(come)
            elif monotonic() - began > SHOWN_AFTER_SECONDS:
                bar = shown.enter_context(click.progressbar(length=count(), file=sys.stderr))
                bar.update(done)
