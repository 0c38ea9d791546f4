"""All that is due in one pass, told: card by card the most urgent, the rest in a digest a target.

Not here: one message (sending), what comes before and after (passing).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from kzreminder import clock
from kzreminder.channels.message import Accepted, TargetAway
from kzreminder.core.digest import Telling, split
from kzreminder.core.narrowing import longest_lead
from kzreminder.core.reminder import marked
from kzreminder.reminding.desk import Desk, Outlet, PassReport
from kzreminder.reminding.in_hand import InHand
from kzreminder.reminding.putting_off import apart, say_what_is_put_off
from kzreminder.reminding.sending import (
    confirm,
    fail,
    note_absence,
    report_failure,
    retry_at_after,
    send,
)
from kzreminder.storage.claimed import Unreadable
from kzreminder.storage.delivery import LEASE, Attention
from kzreminder.storage.messages import Sent
from kzreminder.wording.reminders import Text

BATCH = 1000
"Cards planned in one go: what is due bounds the memory of a pass, not what is stored."

log = logging.getLogger(__name__)


def tell_what_is_due(
    desk: Desk, away: Mapping[str, datetime], now: datetime, report: PassReport
) -> None:
    """`away`: targets on which nothing is tried, and when each is tried again."""
    telling = _PassInHand(desk, away, now, report)
    try:
        telling.claim()
        for outlet in desk.outlets:
            if outlet.target not in away:
                telling.tell_on(outlet)
        say_what_is_put_off(desk, report)
    finally:
        if telling.may_hold_some:
            desk.delivery.release(telling.token, now)


class _PassInHand:
    """The cards of one pass, from the claim to the end."""

    def __init__(
        self, desk: Desk, away: Mapping[str, datetime], now: datetime, report: PassReport
    ) -> None:
        self.token = uuid.uuid4().hex
        self._desk = desk
        self._away = dict(away)
        self._now = now
        self._report = report
        self._cards: dict[int, InHand] = {}
        self._lease_begun = clock.monotonic()
        self.may_hold_some = True

    def claim(self) -> None:
        """Claim all that wants attention; what has nothing to tell is put back at once."""
        desk, now = self._desk, self._now
        longest = longest_lead(desk.policy)
        were_claimed = 0
        while claimed := desk.delivery.claim(self.token, now, BATCH, desk.owner, longest):
            desk.sign_of_life()
            self._keep_lease()
            were_claimed += len(claimed)
            silent: list[Attention] = []
            for one in claimed:
                with apart(desk, one.card_id, self.token, now, self._report):
                    if isinstance(one, Unreadable):
                        raise one.error
                    held = InHand(one.card, one.marks, one.attempts)
                    held.plan(desk, self._away, now)
                    if held.told:
                        self._cards[one.card_id] = held
                    else:
                        silent.append(held.put_back)
            if silent:
                desk.delivery.settle(silent, self.token)
        self.may_hold_some = were_claimed > 0

    def tell_on(self, outlet: Outlet) -> None:
        tellings = [
            Telling(held.told[outlet.target], held.tried)
            for held in self._cards.values()
            if outlet.target in held.told
        ]
        singles, rest = split(tellings, outlet.most_messages)
        if len(rest) == 1 and not singles:
            singles, rest = rest, []  # a digest of one card says less than its own message
        for telling in singles:
            if self._still([telling]) and not self._told(outlet, telling):
                return
        if rest and (rest := self._still(rest)):
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
        if isinstance(outcome, Accepted):
            for held in cards:
                reminders = held.told.pop(outlet.target)
                held.marks += tuple(marked(one, now, outlet.target) for one in reminders)
            confirm(desk, told, self._done(cards), token, now, report)
            return True
        retry_at = retry_at_after(told, outcome, now)
        for held in cards:
            held.attempts = max(held.attempts, told.attempt)
            held.refused[outlet.target] = retry_at
            held.plan(desk, self._away, now)  # others may have waited for what was told there
        fail(desk, told, outcome, self._done(cards), token, now, report, retry_at)
        return True

    def _give_up(self, outlet: Outlet, told: Sent, outcome: TargetAway) -> None:
        """Whatever was to be told there waits for it; what else is to be told of a card is not kept
        from being told by that. Where there is nothing else, all of it just stays due."""
        desk, now = self._desk, self._now
        is_alone = len(desk.outlets) == 1
        due_still = [
            replace(self._cards[one].put_back, wake_at=now, awaits=None, attempts=told.attempt)
            for one in told.card_ids
            if is_alone
        ]
        absence = note_absence(desk, outlet, told, outcome, due_still, self.token, now)
        report_failure(self._report, told, permanent=False, retry_at=absence.next_try_at)
        if is_alone:
            return
        self._away[outlet.target] = absence.next_try_at
        waiting = [held for held in self._cards.values() if outlet.target in held.told]
        for held in waiting:
            held.plan(desk, self._away, now)
        if settled := self._done(waiting):
            desk.delivery.settle(settled, self.token)

    def _done(self, cards: Iterable[InHand]) -> list[Attention]:
        """Of these the ones of which nothing is left to tell: they go out of our hands."""
        done = [held for held in cards if not held.told]
        for held in done:
            del self._cards[held.card.id]
        return [held.put_back for held in done]

    def _still(self, tellings: Sequence[Telling]) -> list[Telling]:
        """Those whose card is as it was read, and ours; the next pass plans the others as they are
        now. A process that stood still for long finds all of its own taken by others."""
        self._keep_lease()
        ids = [telling.headline.card.id for telling in tellings]
        ours = self._desk.delivery.still_ours(ids, self.token)
        for card_id in ids:
            if card_id not in ours:
                del self._cards[card_id]
        return [telling for telling in tellings if telling.headline.card.id in ours]

    def _keep_lease(self) -> None:
        if clock.monotonic() - self._lease_begun > LEASE.total_seconds() / 4:
            self._desk.delivery.renew_lease(self.token, self._now)
            self._lease_begun = clock.monotonic()

    def _apart(self, telling: Telling) -> AbstractContextManager[None]:
        card_id = telling.headline.card.id
        return apart(self._desk, card_id, self.token, self._now, self._report)
