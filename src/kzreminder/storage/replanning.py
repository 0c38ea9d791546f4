"""Having every card planned again, some thousand at a time: policy, facts or clock have changed.

Passes go on in between, and a process that ends goes on where it was. What is found to be due waits
for the end, or it would come in as many digests as there were steps.

Not here: planning a card (core.planning), when it is begun (reminding).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, null, select, update

from kzreminder.storage.claimed import Claimed, Unreadable, read_claimed
from kzreminder.storage.delivery import LEASE, Attention, Awaits
from kzreminder.storage.dialects import due_now, is_shared, remember, time_there
from kzreminder.storage.engine import reading, writing
from kzreminder.storage.messages import hold, hold_those
from kzreminder.storage.notes import FINGERPRINT, REPLAN, Notes, own, recall
from kzreminder.storage.services import hosts_alive
from kzreminder.storage.tables import cards, meta

STEP = 1000
"Cards in one transaction: no command waits for the lock longer than that takes."
AT_THE_LATEST = timedelta(minutes=15)
"What was found is told then or in the quarter after it, where the rest is not planned by then."
_SOME_DAY = datetime(1970, 1, 1, tzinfo=UTC)


class Replanning:
    def __init__(self, engine: Engine, notes: Notes, host: str = "") -> None:
        self._engine = engine
        self._notes = notes
        self._host = host

    def is_needed(self, fingerprint: str, now: datetime) -> bool:
        """Not where every card was last planned for this fingerprint, here or by another machine.

        Nor where nothing has changed here, and they were planned by one that lives and knows other
        facts: the two would do it in turns, without end.
        """
        with reading(self._engine) as connection:
            our_replan, our_own = (
                own(connection, key, self._host) for key in (REPLAN, FINGERPRINT)
            )
            asked = meta.c.key.in_([our_replan, our_own, FINGERPRINT])
            noted = dict(connection.execute(select(meta.c.key, meta.c.value).where(asked)).all())
            if our_replan in noted:
                return _is_for(noted[our_replan]) != fingerprint
            newest, ours = noted.get(FINGERPRINT), noted.get(our_own)
            if newest != fingerprint:
                return ours != fingerprint or not self._is_of_another(connection, newest, now)
        if ours != fingerprint:
            self._notes.remember(FINGERPRINT, fingerprint)
        return False

    def _is_of_another(self, connection: Connection, newest: str | None, now: datetime) -> bool:
        others = {one for one in hosts_alive(connection, now) if one != self._host}
        noted = (recall(connection, own(connection, FINGERPRINT, one)) for one in others)
        return newest is not None and newest in noted

    def begin(self, fingerprint: str) -> None:
        """From the first card on, also where it was under way for an older reason."""
        self._notes.remember(REPLAN, json.dumps({"after": 0, "for": fingerprint}))

    def under_way_for(self) -> str | None:
        """The fingerprint that it was begun for; None where nothing is to be planned again."""
        text = self._notes.recall(REPLAN)
        return _is_for(text) if text else None

    def step(self, now: datetime, longest_lead: int) -> list[Claimed | Unreadable]:
        """The next cards, which others may change meanwhile; none: it is at its end."""
        text = self._notes.recall(REPLAN)
        if text is None:
            return []
        after = cards.c.id > json.loads(text)["after"]
        query = select(cards.c.id).where(after, ~cards.c.archived).order_by(cards.c.id).limit(STEP)
        with reading(self._engine) as connection:
            return read_claimed(connection, connection.scalars(query).all(), now, longest_lead)

    def keep(
        self,
        planned: Sequence[tuple[Attention, int]],
        fingerprint: str,
        last: int,
        now: datetime,
    ) -> None:
        """What was planned, each with the version of the card that it was planned from. What has
        changed since, or is in a pass's hands, is left as it is."""
        rows = [
            {
                "card": one.card_id,
                "as_read": version,
                "at": one.wake_at,
                "urgent": one.urgent_at,
                "waits_for": one.awaits,
            }
            for one, version in planned
        ]
        with writing(self._engine) as connection:
            if rows:
                leases_end = time_there(connection, now) + LEASE
                rows = [row | {"leases_end": leases_end} for row in rows]
                if is_shared(connection):
                    from kzreminder.storage import at_once

                    hold(connection, [one.card_id for one, _ in planned])
                    at_once.keep(connection, rows)
                else:
                    connection.execute(_KEEP, rows)
            note = json.dumps({"after": last, "for": fingerprint})
            remember(connection, own(connection, REPLAN, self._host), note)

    def end(self, fingerprint: str, now: datetime) -> None:
        """Every card was planned for this fingerprint: what was found to be due is due now."""
        with writing(self._engine) as connection:
            waiting = cards.c.awaits == Awaits.REPLAN
            hold_those(connection, waiting)
            told = update(cards).where(waiting)
            connection.execute(told.values(wake_at=due_now(connection, now), awaits=None))
            remember(connection, own(connection, FINGERPRINT, self._host), fingerprint)
            remember(connection, own(connection, REPLAN, self._host), None)
            remember(connection, FINGERPRINT, fingerprint)


def _is_for(note: str) -> str:
    return str(json.loads(note)["for"])


def told_by(now: datetime) -> datetime:
    """The same for all that is found in a quarter of an hour: else a planning that takes longer
    would tell in a digest a pass."""
    return now - (now - _SOME_DAY) % AT_THE_LATEST + 2 * AT_THE_LATEST


def begin_after(connection: Connection, card_id: int) -> None:
    """Cards with greater ids are new: they are planned, too. For no new fingerprint."""
    text = recall(connection, REPLAN)
    under_way: dict[str, Any] = json.loads(text) if text else {"after": card_id, "for": ""}
    under_way["after"] = min(card_id, under_way["after"])
    remember(connection, REPLAN, json.dumps(under_way))


_KEEP = (
    update(cards)
    .where(
        cards.c.id == bindparam("card"),
        cards.c.version == bindparam("as_read"),
        # later than any lease that is begun now, it is of a clock that was wrong
        cards.c.claim_token.is_(None) | (cards.c.wake_at > bindparam("leases_end")),
    )
    .values(
        wake_at=bindparam("at"),
        urgent_at=bindparam("urgent"),
        awaits=bindparam("waits_for"),
        claim_token=null(),
    )
)
