"""All that is due in one pass, told: card by card the most urgent, the rest in a digest a target.

Not here: one message (sending), what comes before and after (passing).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from kzreminder import clock
from kzreminder.channels.message import Accepted, TargetAway
from kzreminder.core.digest import Telling, split
from kzreminder.core.narrowing import longest_lead
from kzreminder.core.reminder import marked
from kzreminder.reminding.desk import Desk, Outlet, PassReport
from kzreminder.reminding.in_hand import InHand, sooner, take_in_hand
from kzreminder.reminding.putting_off import apart, say_what_is_put_off
from kzreminder.reminding.sending import confirm, fail, note_absence, retry_at_after, send
from kzreminder.storage.claimed import Claimed, Unreadable
from kzreminder.storage.delivery import LEASE, Attention
from kzreminder.storage.messages import Sent
from kzreminder.wording.reminders import Text

BATCH = 1000
"Cards planned in one go: what is due bounds the memory of a pass, not what is stored."

log = logging.getLogger(__name__)


def tell_what_is_due(
    desk: Desk, ready: Sequence[Outlet], now: datetime, report: PassReport
) -> None:
    telling = _PassInHand(desk, ready, now, report)
    try:
        telling.claim()
        for outlet in ready:
            telling.tell_on(outlet)
        say_what_is_put_off(desk, report)
    finally:
        desk.delivery.release(telling.token, now)


class _PassInHand:
    """The cards of one pass, from the claim to the end."""

    def __init__(
        self, desk: Desk, ready: Sequence[Outlet], now: datetime, report: PassReport
    ) -> None:
        self.token = uuid.uuid4().hex
        self._desk = desk
        self._ready = {outlet.target for outlet in ready}
        self._now = now
        self._report = report
        self._over: set[str] = set()
        "targets on which all has been tried"
        self._cards: dict[int, InHand] = {}
        self._lease_begun = clock.monotonic()

    def claim(self) -> None:
        """Claim all that wants attention; what has nothing to tell is put back at once."""
        desk, now = self._desk, self._now
        longest = longest_lead(desk.policy)
        while claimed := desk.delivery.claim(self.token, now, BATCH, desk.owner, longest):
            desk.sign_of_life()
            silent: list[Attention] = []
            for one in claimed:
                with apart(desk, one.card_id, self.token, now, self._report):
                    if isinstance(one, Unreadable):
                        raise one.error
                    held = take_in_hand(desk, one, self._ready, self._retry_at, now)
                    if held.told:
                        self._cards[one.card_id] = held
                    else:
                        silent.append(held.put_back)
            if silent:
                desk.delivery.settle(silent, self.token)

    def tell_on(self, outlet: Outlet) -> None:
        tellings = [
            Telling(held.told[outlet.target], held.attempts)
            for held in self._cards.values()
            if outlet.target in held.left
        ]
        self._over.add(outlet.target)
        singles, rest = split(tellings, outlet.most_messages)
        if len(rest) == 1 and not singles:
            singles, rest = rest, []  # a digest of one card says less than its own message
        for telling in singles:
            if self._still([telling]) and not self._told(outlet, telling):
                return
        if rest := self._still(rest):
            text, rest = self._counted(outlet, rest)
            if rest:
                self._send(outlet, rest, text, is_digest=True)

    def _told(self, outlet: Outlet, telling: Telling) -> bool:
        """False when the target is away."""
        with self._apart(telling):
            text = outlet.scribe.message(telling.reminders, self._now)
            return self._send(outlet, (telling,), text)
        return True

    def _counted(self, outlet: Outlet, rest: list[Telling]) -> tuple[Text, list[Telling]]:
        """The digest, and whom it is about: not those that keep it from being worded."""
        scribe, now = outlet.scribe, self._now
        try:
            return scribe.digest(rest, now), rest
        except Exception:
            log.exception("the digest cannot be worded: each card is looked at by itself")
        sound = []
        for telling in rest:
            with self._apart(telling):
                scribe.digest([telling], now)
                sound.append(telling)
        return scribe.digest(sound, now), sound

    def _send(
        self, outlet: Outlet, tellings: Sequence[Telling], text: Text, *, is_digest: bool = False
    ) -> bool:
        """Send one message and record what became of it; False when the target is away."""
        desk, token, now, report = self._desk, self.token, self._now, self._report
        outcome, told = send(desk, outlet, tellings, text, is_digest=is_digest)
        if isinstance(outcome, TargetAway):
            self._give_up(outlet, told, outcome)
            return False
        cards = [self._cards[card_id] for card_id in told.card_ids]
        for held in cards:
            held.left.discard(outlet.target)
        if isinstance(outcome, Accepted):
            self._note_told(outlet, cards)
            confirm(desk, told, self._done(cards), token, now, report)
            return True
        retry_at = retry_at_after(told, outcome, now)
        if retry_at is not None:
            for held in cards:
                held.put_back = sooner(held.put_back, retry_at)
        fail(desk, told, outcome, self._done(cards), token, now, report)
        return True

    def _note_told(self, outlet: Outlet, cards: Iterable[InHand]) -> None:
        for held in cards:
            told = held.told[outlet.target]
            marks = [marked(reminder, self._now, outlet.target) for reminder in told]
            held.marks = (*held.marks, *marks)

    def _give_up(self, outlet: Outlet, told: Sent, outcome: TargetAway) -> None:
        """Whatever was to be told there waits for it; what else is to be told of a card is not kept
        from being told by that. Where there is nothing else, all of it just stays due."""
        desk, now = self._desk, self._now
        self._ready.discard(outlet.target)
        failed = [self._cards[card_id] for card_id in told.card_ids]
        due_still = [replace(held.put_back, wake_at=now, awaits=None) for held in failed]
        is_alone = len(desk.outlets) == 1
        done = due_still if is_alone else []
        note_absence(desk, outlet, told, outcome, done, self.token, now, self._report)
        if is_alone:
            return
        waiting = [held for held in self._cards.values() if outlet.target in held.left]
        planned = [self._without(held) for held in waiting]
        self._cards |= {held.card.id: held for held in planned}
        if settled := self._done(planned):
            desk.delivery.settle(settled, self.token)

    def _without(self, held: InHand) -> InHand:
        """The card as it is to be told of on the targets that are left."""
        claimed = Claimed(held.card, held.marks, held.attempts)
        again = take_in_hand(self._desk, claimed, self._ready, self._retry_at, self._now)
        again.left -= self._over
        if again.put_back.wake_at is None or held.put_back.wake_at is None:
            return again
        again.put_back = sooner(again.put_back, held.put_back.wake_at)
        return again

    def _done(self, cards: Iterable[InHand]) -> list[Attention]:
        """Of these the ones of which nothing is left to tell: they go out of our hands."""
        done = [held for held in cards if not held.left]
        for held in done:
            del self._cards[held.card.id]
        return [held.put_back for held in done]

    def _still(self, tellings: Sequence[Telling]) -> list[Telling]:
        """Those whose card is as it was read, and ours; the next pass plans the others as they are
        now. A process that stood still for long finds all of its own taken by others."""
        desk = self._desk
        if clock.monotonic() - self._lease_begun > LEASE.total_seconds() / 4:
            desk.delivery.renew_lease(self.token, self._now)
            self._lease_begun = clock.monotonic()
        ids = [telling.headline.card.id for telling in tellings]
        ours = desk.delivery.still_ours(ids, self.token)
        for card_id in ids:
            if card_id not in ours:
                del self._cards[card_id]
        return [telling for telling in tellings if telling.headline.card.id in ours]

    def _apart(self, telling: Telling) -> AbstractContextManager[None]:
        card_id = telling.headline.card.id
        return apart(self._desk, card_id, self.token, self._now, self._report)

    def _retry_at(self, target: str) -> datetime:
        absence = self._desk.notes.absence(target)
        return datetime.fromisoformat(absence.retry_at) if absence else self._now
