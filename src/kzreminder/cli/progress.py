"""How far something long has come, for whoever waits at a terminal.

Not here: what is being done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import ExitStack
from time import monotonic
from typing import TypeVar

import click

T = TypeVar("T", bound=Sized)

SHOWN_AFTER_SECONDS = 1.0


def with_progress(batches: Iterable[T], count: Callable[[], int]) -> Iterator[T]:
    """The batches, and on a terminal a bar on stderr once they take longer than a moment.

    `count`: of all items in all batches; asked only where the bar is shown.
    """
    if not sys.stderr.isatty():
        yield from batches
        return
    began, done, bar = monotonic(), 0, None
    with ExitStack() as shown:
        for batch in batches:
            yield batch
            done += len(batch)
            if bar is not None:
                bar.update(len(batch))
            elif monotonic() - began > SHOWN_AFTER_SECONDS:
                bar = shown.enter_context(click.progressbar(length=count(), file=sys.stderr))
                bar.update(done)
