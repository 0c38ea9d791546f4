"""What happened and what was told, as words.

Not here: keeping it (storage).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kzreminder.core.typed import money_shown
from kzreminder.errors import N_
from kzreminder.wording.language import Words

EVENTS = {
    "added": N_("registered"),
    "edited": N_("corrected"),
    "renewed": N_("renewed"),
    "topped_up": N_("topped up"),
    "balance_read": N_("balance read"),
    "used": N_("used"),
    "acknowledged": N_("acknowledged"),
    "snoozed": N_("snoozed"),
    "muted": N_("muted"),
    "unmuted": N_("unmuted"),
    "archived": N_("archived"),
    "restored": N_("restored"),
    "undone": N_("undone"),
}
OUTCOMES = {
    "accepted": N_("told"),
    "acted": N_("answered"),
    "dismissed": N_("dismissed"),
    "failed": N_("not delivered"),
}


FIELDS = {
    "label": N_("label"),
    "number": N_("number"),
    "operator": N_("operator"),
    "kind": N_("kind"),
    "plan_name": N_("plan"),
    "period": N_("period"),
    "started_on": N_("first day"),
    "last_good_on": N_("good through"),
    "price": N_("price"),
    "auto_renew": N_("renews by itself"),
    "balance": N_("balance"),
    "threshold": N_("threshold"),
    "keep_alive": N_("to be used every"),
    "last_used_on": N_("last used"),
    "device_entered_on": N_("phone came in"),
    "protects": N_("protects"),
    "leads": N_("leads"),
    "tags": N_("tags"),
    "targets": N_("told on"),
    "watcher": N_("watched by"),
    "lang": N_("language"),
    "note": N_("note"),
    "on": N_("on"),
    "until": N_("until"),
    "what": N_("what"),
    "at": N_("at"),
    "amount": N_("amount"),
    "paid": N_("paid"),
    "method": N_("method"),
    "receipt": N_("receipt"),
    "source": N_("from"),
}
SOURCES = {"message": N_("the operator's message"), "button": N_("a button")}


_DAYS = ("started_on", "last_good_on", "last_used_on", "device_entered_on", "on")
_MONEY = ("price", "balance", "threshold", "amount", "paid")


def entry_words(kind: str, fields: Mapping[str, Any], words: Words, today: date) -> tuple[str, str]:
    """What it was, and what there is to say of it."""
    if kind == "message":
        outcome = words.gettext(OUTCOMES[fields["outcome"]])
        error = f" ({fields['error']})" if fields["error"] else ""
        kind, _, name = fields["target"].partition(":")
        where = f" ({name})" if kind == "push" else ""
        return f"{outcome}{where}", f"{fields['title']}{error}"
    said = [
        f"{words.gettext(FIELDS[name])}: {_shown(name, value, words, today)}"
        for name, value in fields["details"].items()
        if name in FIELDS
    ]
    said += [
        f"{words.gettext(FIELDS[name])}: "
        f"{_shown(name, before, words, today)} → {_shown(name, after, words, today)}"
        for name, (before, after) in fields["changes"].items()
        if name in FIELDS  # the rest follows from these and is for JSON
    ]
    return words.gettext(EVENTS[fields["what"]]), ", ".join(said)


def _shown(name: str, value: object, words: Words, today: date) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return words.gettext("yes") if value else words.gettext("no")
    text = str(value)
    if name in _DAYS:
        return words.day(date.fromisoformat(text), today)
    if name in _MONEY:
        return money_shown(Decimal(text))
    if name == "source":
        return words.gettext(SOURCES[text])
    if name == "what":
        return words.gettext(EVENTS[text])
    if name == "until" and len(text) == len("2026-12-31"):
        return words.day(date.fromisoformat(text), today)
    if name in ("at", "until"):
        return words.named_almaty_moment(datetime.fromisoformat(text), today)
    return text
