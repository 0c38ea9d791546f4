"""Cards, marks and events to and from rows of plain values.

Not here: statements (store, delivery).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Date

from kzreminder.core.card import Balance, Card, Change, KeepAlive, Kind, Plan, Silence, Spending
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.leads import Lead
from kzreminder.core.period import parse_stored
from kzreminder.core.reminder import Mark
from kzreminder.core.typed import money_text
from kzreminder.core.typed_leads import leads_text
from kzreminder.storage.tables import Instant, Money, cards, marks


def row_of(card: Card) -> dict[str, Any]:
    """The card's own columns: all but its id and what only delivery writes."""
    plan, balance, kept, silence = card.plan, card.balance, card.keep_alive, card.silence
    return {
        "label": card.label,
        "label_key": card.label.casefold(),
        "number": card.number,
        "operator": card.operator,
        "operator_guessed": card.operator_guessed,
        "kind": card.kind.value,
        "plan_name": plan.name,
        "period": str(plan.period) if plan.period else None,
        "started_on": plan.started_on,
        "last_good_on": plan.last_good_on,
        "anchor_day": plan.anchor_day,
        "price": plan.price,
        "auto_renew": plan.auto_renew,
        "balance": balance.amount,
        "threshold": balance.threshold,
        "read_at": balance.read_at,
        "low_since": balance.low_since,
        "low_before": balance.low_before,
        "estimated": balance.estimated,
        "spendings": _spendings_text(balance.spendings),
        "changes": _changes_text(balance.changes),
        "keep_alive": str(kept.period) if kept.period else None,
        "last_used_on": kept.last_used_on,
        "acked_at": silence.acked_at,
        "snoozed_at": silence.snoozed_at,
        "snoozed_until": silence.snoozed_until,
        "muted": silence.muted,
        "muted_until": silence.muted_until,
        "paid_on": card.paid_on,
        "device_entered_on": card.device_entered_on,
        "protects": card.protects,
        "leads": leads_text(card.leads) if card.leads else None,
        "tags": listed(card.tags),
        "targets": listed(card.targets),
        "watcher": card.watcher,
        "lang": card.lang,
        "note": card.note,
        "archived": card.archived,
        "registered_at": card.registered_at,
        "version": card.version,
    }


def card_of(row: Mapping[Any, Any]) -> Card:
    return Card(
        id=row["id"],
        label=row["label"],
        number=row["number"],
        operator=row["operator"],
        operator_guessed=row["operator_guessed"],
        kind=Kind(row["kind"]),
        plan=Plan(
            name=row["plan_name"],
            period=parse_stored(row["period"]) if row["period"] else None,
            started_on=row["started_on"],
            last_good_on=row["last_good_on"],
            anchor_day=row["anchor_day"],
            price=row["price"],
            auto_renew=row["auto_renew"],
        ),
        balance=Balance(
            amount=row["balance"],
            threshold=row["threshold"],
            read_at=row["read_at"],
            low_since=row["low_since"],
            low_before=row["low_before"],
            estimated=row["estimated"],
            spendings=_spendings_of(row["spendings"]),
            changes=_changes_of(row["changes"]),
        ),
        keep_alive=KeepAlive(
            period=parse_stored(row["keep_alive"]) if row["keep_alive"] else None,
            last_used_on=row["last_used_on"],
        ),
        silence=Silence(
            acked_at=row["acked_at"],
            snoozed_at=row["snoozed_at"],
            snoozed_until=row["snoozed_until"],
            muted=row["muted"],
            muted_until=row["muted_until"],
        ),
        paid_on=row["paid_on"],
        device_entered_on=row["device_entered_on"],
        protects=row["protects"],
        leads=tuple(int(lead[:-1]) for lead in row["leads"].split(",")) if row["leads"] else None,
        tags=names_of(row["tags"]),
        targets=names_of(row["targets"]),
        watcher=row["watcher"],
        lang=row["lang"],
        note=row["note"],
        archived=row["archived"],
        registered_at=row["registered_at"],
        version=row["version"],
    )


def listed(names: Iterable[str]) -> str:
    """`|family|abroad|`: so LIKE finds a whole name; nothing for none."""
    text = "|".join(names)
    return f"|{text}|" if text else ""


def names_of(text: str) -> tuple[str, ...]:
    return tuple(text.strip("|").split("|")) if text else ()


MARK = (marks.c.kind, marks.c.deadline_at, marks.c.lead, marks.c.told_at, marks.c.target)


def mark_of(kind: str, deadline_at: datetime, lead: str, told_at: datetime, target: str) -> Mark:
    return Mark(DeadlineKind(kind), deadline_at, _lead_of(lead), told_at, target)


_lead_of = lru_cache(maxsize=512)(Lead.parse)
"Very many marks have one of few leads."


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """The changed columns of a card as JSON, {column: [before, after]}, less those that follow."""
    changed = {
        column: [_plain(old[column]), _plain(new[column])]
        for column in new
        if column not in ("version", "label_key") and old[column] != new[column]
    }
    return to_json(changed)


def taken_back(card: Card, changes: str) -> Card:
    """The card with all that these changes changed as it was before them.

    A column that has gone from the schema since is left out.
    """
    row: dict[str, Any] = row_of(card) | {"id": card.id}
    for column, (old, _new) in json.loads(changes).items():
        if column in row:
            row[column] = _stored(column, old)
    return card_of(row)


def to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return money_text(value) if isinstance(value, Decimal) else value


def _stored(column: str, plain: Any) -> object:
    """What `_plain` made plain."""
    kind = cards.c[column].type
    if plain is None:
        return None
    if isinstance(kind, Instant):
        return datetime.fromisoformat(plain)
    if isinstance(kind, Date):
        return date.fromisoformat(plain)
    return Decimal(plain) if isinstance(kind, Money) else plain


def _spendings_text(spendings: tuple[Spending, ...]) -> str | None:
    if not spendings:
        return None
    return to_json([[_plain(s.since), _plain(s.until), _plain(s.amount)] for s in spendings])


def _spendings_of(text: str | None) -> tuple[Spending, ...]:
    if text is None:
        return ()
    return tuple(
        Spending(datetime.fromisoformat(since), datetime.fromisoformat(until), Decimal(amount))
        for since, until, amount in json.loads(text)
    )


def _changes_text(changes: tuple[Change, ...]) -> str | None:
    return to_json([[_plain(c.at), _plain(c.amount)] for c in changes]) if changes else None


def _changes_of(text: str | None) -> tuple[Change, ...]:
    if text is None:
        return ()
    return tuple(
        Change(datetime.fromisoformat(at), Decimal(amount)) for at, amount in json.loads(text)
    )
