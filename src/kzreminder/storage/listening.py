"""Hears on a shared database that a card has changed, as the poke is heard on one machine.

Not here: saying it (dialects). What is not heard while the connection is lost is found in a minute.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from kzreminder.storage.address import POSTGRESQL, read_address, shown_address
from kzreminder.storage.dialects import NEWS
from kzreminder.storage.server import options_beside, reason_of

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 60.0

log = logging.getLogger(__name__)


class Listener:
    """A connection and a thread of its own, from `start` until `close`. It raises nothing."""

    def __init__(self, url: str, hear: Callable[[], None]) -> None:
        self._url = url
        self._hear = hear
        self._is_ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._is_deaf = False

    def start(self) -> None:
        """Of a file nothing is heard: its commands poke."""
        if read_address(self._url).get_backend_name() == POSTGRESQL:
            self._thread = threading.Thread(target=self._listen, name="news", daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._is_ending.set()  # the thread ends within a second, and keeps no process from ending

    def _listen(self) -> None:
        while not self._is_ending.is_set():
            try:
                self._hear_news()
            except Exception as error:  # noqa: BLE001 - whatever ends it, it is begun anew
                self._say_once(reason_of(error))
                self._is_ending.wait(self._wait_seconds)
                self._wait_seconds = min(self._wait_seconds * 2, LONGEST_WAIT_SECONDS)

    def _say_once(self, why: str) -> None:
        if not self._is_deaf:
            log.info("news of %s are not heard: %s", shown_address(self._url), why)
        self._is_deaf = True

    def _hear_news(self) -> None:
        import psycopg
        from psycopg.conninfo import make_conninfo

        url = read_address(self._url).set(drivername=POSTGRESQL)
        address = make_conninfo(
            url.render_as_string(hide_password=False), **options_beside(url.query)
        )
        with psycopg.connect(address, autocommit=True) as heard:
            heard.execute(f"LISTEN {NEWS}")
            self._wait_seconds = FIRST_WAIT_SECONDS
            self._is_deaf = False
            self._hear()  # what was said before is not lost
            silent = 0
            while not self._is_ending.is_set():
                news = list(heard.notifies(timeout=1.0, stop_after=1))
                if news:
                    self._hear()
                silent = 0 if news else silent + 1
                if silent >= LONGEST_WAIT_SECONDS:
                    heard.execute("SELECT 1")  # a connection that has died says nothing by itself
                    silent = 0
