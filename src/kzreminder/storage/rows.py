"""Cards, marks and events to and from rows of plain values.

Not here: statements (store, delivery).
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping

from kzreminder.core.card import Balance, Card, KeepAlive, Kind, Plan
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.period import parse_stored
from kzreminder.core.planning import Lead, Mark
from kzreminder.core.typed import leads_text, money_text


def row_of(card: Card) -> dict[str, Any]:
    """The card's own columns: all but its id and what only delivery writes."""
    plan, balance, kept = card.plan, card.balance, card.keep_alive
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
        "charged_on": plan.charged_on,
        "balance": balance.amount,
        "threshold": balance.threshold,
        "read_at": balance.read_at,
        "low_since": balance.low_since,
        "low_before": balance.low_before,
        "keep_alive": str(kept.period) if kept.period else None,
        "last_used_on": kept.last_used_on,
        "device_entered_on": card.device_entered_on,
        "protects": card.protects,
        "leads": leads_text(card.leads) if card.leads else None,
        "tags": "".join(f"|{tag}" for tag in card.tags) + "|" if card.tags else "",
        "lang": card.lang,
        "note": card.note,
        "archived": card.archived,
        "registered_at": card.registered_at,
        "version": card.version,
    }


def card_of(row: RowMapping) -> Card:
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
            charged_on=row["charged_on"],
        ),
        balance=Balance(
            amount=row["balance"],
            threshold=row["threshold"],
            read_at=row["read_at"],
            low_since=row["low_since"],
            low_before=row["low_before"],
        ),
        keep_alive=KeepAlive(
            period=parse_stored(row["keep_alive"]) if row["keep_alive"] else None,
            last_used_on=row["last_used_on"],
        ),
        device_entered_on=row["device_entered_on"],
        protects=row["protects"],
        leads=tuple(int(lead[:-1]) for lead in row["leads"].split(",")) if row["leads"] else None,
        tags=tuple(row["tags"].strip("|").split("|")) if row["tags"] else (),
        lang=row["lang"],
        note=row["note"],
        archived=row["archived"],
        registered_at=row["registered_at"],
        version=row["version"],
    )


def mark_of(row: RowMapping) -> Mark:
    kind = DeadlineKind(row["kind"])
    return Mark(kind, row["deadline_at"], Lead.parse(row["lead"]), row["told_at"])


def changes_between(before: Card, after: Card) -> str:
    """The changed columns as JSON, {column: [before, after]}, less those that follow."""
    old, new = row_of(before), row_of(after)
    changed = {
        column: [_plain(old[column]), _plain(new[column])]
        for column in new
        if column not in ("version", "label_key") and old[column] != new[column]
    }
    return to_json(changed)


def to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return money_text(value) if isinstance(value, Decimal) else value
