"""Hears on a shared database that a card has changed, as the poke is heard on one machine.

Not here: saying it (dialects). What is not heard while the connection is lost is found in a minute.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from kzreminder.storage.address import POSTGRESQL, read_address, shown_address
from kzreminder.storage.dialects import NEWS

PATIENCE_SECONDS = 10
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0

log = logging.getLogger(__name__)


class Listener:
    """A connection and a thread of its own, from `start` until `close`. It raises nothing."""

    def __init__(self, url: str, hear: Callable[[], None]) -> None:
        self._url = url
        self._hear = hear
        self._is_ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Of a file nothing is heard: its commands poke."""
        if read_address(self._url).get_backend_name() == POSTGRESQL:
            self._thread = threading.Thread(target=self._listen, name="news", daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._is_ending.set()  # the thread ends within a second, and keeps no process from ending

    def _listen(self) -> None:
        wait = FIRST_WAIT_SECONDS
        while not self._is_ending.wait(0):
            try:
                self._hear_news()
                wait = FIRST_WAIT_SECONDS
            except Exception as error:  # noqa: BLE001 - whatever ends it, it is begun anew
                log.info("news of %s are not heard: %s", shown_address(self._url), error)
                self._is_ending.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def _hear_news(self) -> None:
        import psycopg

        url = read_address(self._url).set(drivername=POSTGRESQL)
        conninfo = url.render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True, connect_timeout=PATIENCE_SECONDS) as heard:
            heard.execute(f"LISTEN {NEWS}")
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
