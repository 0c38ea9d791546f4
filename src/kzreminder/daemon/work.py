"""What the service does: passes, answers, upkeep; and how it goes on when one of them fails.

Not here: when it is done, and in which thread (service).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from kzreminder import __version__, clock
from kzreminder.alive import heartbeat
from kzreminder.assembly import Parts
from kzreminder.channels.message import (
    Closed,
    Event,
    Message,
    Outcome,
    Pressed,
    Server,
    Urgency,
)
from kzreminder.daemon.guide_opener import open_guide
from kzreminder.daemon.logind import Logind
from kzreminder.daemon.membership import join, leave
from kzreminder.daemon.notify import extend_start, notify
from kzreminder.daemon.signs import LINGER_SECONDS, is_shut_out_of
from kzreminder.daemon.trouble import Trouble
from kzreminder.errors import N_, KzreminderError, ServicesDiffer, StorageFault
from kzreminder.reminding.answering import answer, note_closed
from kzreminder.reminding.desk import Desk, voice_of
from kzreminder.reminding.passing import run_pass, take_over
from kzreminder.storage.listening import Listener
from kzreminder.wording.answers import cards_unreachable, no_page, stopped_beside_others
from kzreminder.wording.language import Words
from kzreminder.wording.reminders import Text

log = logging.getLogger(__name__)


class Work:
    """Nothing here raises: what one pass ran into must not keep the next from happening."""

    def __init__(
        self,
        parts: Parts,
        wake: Callable[[], None],
        sign_of_life: Callable[[], None],
        soon: Callable[[Callable[[], None]], None],
        finish: Callable[[float], None],
    ) -> None:
        """`soon` has something done beside the passes; `finish` waits for the pass in hand."""
        self._parts = parts = parts.with_sign_of_life(self._go_on)
        self._wake = wake
        self._sign_of_life = sign_of_life
        self._soon = soon
        self._channel = parts.channel(self._hear)
        self._logind = Logind(wake, finish)
        self._desk: Desk | None = None
        self._faulty_settings = ""
        self._refusal: ServicesDiffer | None = None
        self._listener = Listener(parts.settings.database_url, wake)
        self._listener.start()
        before = heartbeat.read(parts.heartbeat_file)
        self._trouble = Trouble(before, self._say_unreachable, clock.monotonic)
        self._started_at = clock.now()
        self._passed_at: datetime | None = None
        log.info("started: %s (%s)", self._channel.name, parts.desktop_choice[1])

    def make_pass(self) -> datetime | None:
        """When the next one has something to do, where that is known."""
        if self._refusal is not None:
            return None
        now = clock.now()
        next_wake_at = None
        try:
            self._go_on()
            self._logind.attend()
            desk = self._desk_of_now(now)
            next_wake_at = run_pass(desk, now).next_wake_at
        except ServicesDiffer as error:
            self._refuse(error)
            return None
        except Exception as error:  # noqa: BLE001 - it is logged whole where it is met
            # the boundary: whatever one pass ran into, the next one must still happen
            self._trouble.meet(error)
        else:
            self._passed_at = now
            self._trouble.end()
        self._say_how_it_goes(next_wake_at)
        return next_wake_at

    def _join(self, parts: Parts, now: datetime) -> None:
        """Raises ServicesDiffer."""
        if parts.is_shared:
            has_desktop = isinstance(self._channel.describe(), Server)
            join(parts, now, self._started_at, has_desktop=has_desktop)

    def _refuse(self, error: ServicesDiffer) -> None:
        """No pass is made any more, by the old rules nor by the new; it is logged as we end."""
        self._refusal = error
        self._channel.send(_alarm(stopped_beside_others(error, self._words)))

    def upkeep(self) -> None:
        """The nightly copy of the database, made up for where the night was slept through."""
        now = clock.now()
        try:
            if self._desk is not None:
                self._parts.backups.nightly(now)
        except StorageFault as fault:
            log.error("no backup was made: %s", fault)  # noqa: TRY400 - our own, whole sentence
        except Exception:
            log.exception("the upkeep failed")

    def refuse_to_linger(self) -> None:
        """Raises the StorageFault that lasts where only a new process could find the database, and
        ServicesDiffer where others share it that go by other rules."""
        if self._refusal is not None:
            raise self._refusal
        folder = self._parts.database_folder
        if self._trouble.lasts is None or folder is None:
            return
        fault, at = self._trouble.lasts
        if clock.monotonic() - at > LINGER_SECONDS and is_shut_out_of(folder):
            raise fault

    def close(self) -> None:
        self._logind.close()
        self._channel.close()
        self._listener.close()
        self._leave()
        self._parts.close()
        if self._trouble.fault is None:
            heartbeat.take_away(self._parts.heartbeat_file)

    def _leave(self) -> None:
        if self._passed_at is not None:
            with suppress(StorageFault):
                leave(self._parts)

    def _desk_of_now(self, now: datetime) -> Desk:
        """Settings that were changed while it runs count from the next pass on, faulty ones not.

        Raises StorageFault where the database cannot be opened, ServicesDiffer where others that
        share it go by other rules: then those that were changed are not taken over.
        """
        try:
            parts = self._parts.renewed()
        except StorageFault:
            raise
        except KzreminderError as error:
            if str(error) != self._faulty_settings:
                log.error("the changed settings are not used: %s", error)  # noqa: TRY400
            self._faulty_settings = str(error)
            parts = self._parts
        else:
            self._faulty_settings = ""
        self._join(parts, now)
        if self._desk is None or parts is not self._parts:
            self._desk = self._desk_with(parts, now)
            self._parts = parts
        return self._desk

    def _desk_with(self, parts: Parts, now: datetime) -> Desk:
        desk = parts.desk(self._channel)
        desk.delivery.watch(parts.settings.watches)  # the store stays, and knows the old ones
        desk = replace(
            desk,
            somebody_is_there=self._logind.somebody_is_there,
            sign_of_life=self._go_on,
        )
        if self._desk is None:
            take_over(desk, self._parts.is_gone, now)
            return desk
        log.info("the settings or the time zone have changed: every card is planned again")
        return replace(desk, unrecorded=self._desk.unrecorded)

    def _go_on(self) -> None:
        self._sign_of_life()
        if self._passed_at is None and self._trouble.fault is None:
            extend_start()

    def _hear(self, event: Event) -> None:
        """A thread of the bus calls this: the work is done in another one."""
        if isinstance(event, (Pressed, Closed)):
            self._soon(lambda: self._take_in(event))
        else:
            self._wake()

    def _take_in(self, event: Pressed | Closed) -> None:
        if self._desk is None:
            return
        try:
            if isinstance(event, Closed):
                self._note_closed(self._desk, event)
                return
            wanted = answer(self._desk, event, clock.now())
            if wanted is not None:
                card = wanted.card
                open_guide(card, self._parts.settings, lambda: self._say_no_page(card))
        except KzreminderError as error:
            log.error("an answer could not be recorded: %s", error)  # noqa: TRY400
            self._say_unreachable(error)
        except Exception:
            log.exception("an answer failed")

    def _note_closed(self, desk: Desk, event: Closed) -> None:
        """Nobody waits for an answer; and one that is shown closes another, without end."""
        try:
            note_closed(desk, event)
        except StorageFault as fault:
            log.debug("a closed notification could not be noted: %s", fault)

    def _say_unreachable(self, error: KzreminderError) -> Outcome:
        voice = voice_of(self._parts.outlets(self._channel))
        if voice is not self._channel and self._parts.is_shared and isinstance(error, StorageFault):
            # a chat need not know where the server is, and who we are there
            error = StorageFault(N_("the database cannot be reached or used"))
        return voice.send(_alarm(cards_unreachable(error, self._words)))

    @property
    def _words(self) -> Words:
        return Words(self._parts.settings.language)

    def _say_no_page(self, card: str) -> None:
        self._channel.send(_alarm(no_page(card, self._words)))

    def _say_how_it_goes(self, next_wake_at: datetime | None) -> None:
        trouble = self._trouble
        if trouble.fault is not None:
            status = f"trouble: {trouble.fault}"
        elif next_wake_at is None:
            status = "nothing is ahead"
        else:
            zone = self._parts.settings.policy.zone
            status = f"next wake at {next_wake_at.astimezone(zone):%Y-%m-%d %H:%M}"
        notify("READY=1", f"STATUS={status}")
        heartbeat.write(
            self._parts.heartbeat_file,
            heartbeat.Heartbeat(
                os.getpid(),
                __version__,
                self._started_at,
                self._passed_at,
                trouble.fault,
                trouble.is_told,
            ),
        )


def _alarm(text: Text) -> Message:
    return Message(text.title, text.body, Urgency.CRITICAL)
