"""A store for every test of this room that asks for one, on a file or on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from kzreminder import places
from kzreminder.storage.store import Store
from tests.postgres import ON_POSTGRES, Timed
from tests.storage.samples import NOW, a_store


class Punctual:
    """Sets the clock of the server by the `now` of each call, as if all machines agreed on it."""

    def __init__(self, inner: object, tell_time: Callable[[datetime], None]) -> None:
        self._inner = inner
        self._tell_time = tell_time

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if type(found).__module__.startswith("kzreminder.storage"):
            return Punctual(found, self._tell_time)
        if not callable(found):
            return found

        def on_time(*words: Any, **named: Any) -> Any:
            now = next((word for word in words if isinstance(word, datetime)), None)
            if now is not None:
                self._tell_time(now)
            return found(*words, **named)

        return on_time


KINDS = ["file", pytest.param("server", marks=ON_POSTGRES)]
ON_BOTH = pytest.mark.parametrize("store", KINDS, indirect=True)
"Made with a store on a file, and with one on a server whose clock goes by ours."


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """On a file, unless the test asks for `both`."""
    if getattr(request, "param", "file") == "file":
        made = a_store(tmp_path)
        yield made
    else:
        timed: Timed = request.getfixturevalue("timed")
        made = Store(timed.emptied(NOW), places.make_private)
        yield cast("Store", Punctual(made, timed.tell_time))
    made.close()
