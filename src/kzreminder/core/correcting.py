"""What a user tells of a card, at first or later, laid over what is known of it.

Not here: what happens to a card (moves), reading what was typed (typed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from kzreminder.core.card import Balance, Card, KeepAlive, Plan
from kzreminder.core.episodes import watch
from kzreminder.core.moves import begin_plan, read_balance
from kzreminder.core.period import NO_PERIOD, last_good_day
from kzreminder.core.policy import Policy
from kzreminder.core.rolling import as_of
from kzreminder.core.zone import almaty_day

Told = Mapping[str, Any]
"""Values by the name of the option that told them, only of those that were told; None clears.

label number operator lang protects note watcher: str · operator_guessed auto_renew: bool
kind: Kind
plan: str · period keep_alive: Period · started expires last_used device_entered: date
price balance threshold: Decimal · leads: tuple[int, ...] · tags targets: tuple[str, ...]
by files only (told_by_file): balance_at snoozed_until: datetime · muted_until: date
keeps_day: int · estimated muted archived: bool
"""

_PLAIN = (
    "label",
    "number",
    "operator",
    "operator_guessed",
    "kind",
    "protects",
    "leads",
    "lang",
    "tags",
    "targets",
    "watcher",
    "note",
)

_MONEY_AND_DATES = {"period", "started", "expires", "price", "auto_renew", "balance", "threshold"}


def register(told: Told, policy: Policy, now: datetime) -> Card:
    """A new card; its plan starts today unless its start or its end is told."""
    started = {} if "expires" in told else {"started": almaty_day(now)}
    told = started | dict(told)
    card = Card(
        label=told["label"],
        registered_at=now,
        plan=_new_plan(*(told.get(name) for name in _OF_THE_PLAN)),
        balance=Balance(threshold=told.get("threshold")),
        keep_alive=_kept(KeepAlive(), told, almaty_day(now)),
        **_plainly({name: told[name] for name in told if name != "label"}),
    )
    return _balance(card, told, policy, now)


def correct(card: Card, told: Told, policy: Policy, now: datetime) -> Card:
    """The card with what was told in place of what was known. Refuses a plan that ends too early.

    A date moves only when a date or the period is told: a new label never moves one.
    """
    if _MONEY_AND_DATES & set(told):
        card = as_of(card, now)  # else nothing moves: a new label leaves every date as it was told
    kept = _kept(card.keep_alive, told, almaty_day(now))
    corrected = replace(card, **_plainly(told), plan=_plan(card.plan, told), keep_alive=kept)
    return _balance(corrected, told, policy, now)


def _plainly(told: Told) -> dict[str, Any]:
    """What is the card's own, word for word."""
    plain = {name: told[name] for name in _PLAIN if name in told}
    if "device_entered" in told:
        plain["device_entered_on"] = told["device_entered"]
    return plain


_OF_THE_PLAN = ("plan", "period", "started", "expires", "price", "auto_renew")


@lru_cache(maxsize=8192)
def _new_plan(*values: Any) -> Plan:
    """Of very many cards at once most have a plan that another one had."""
    told = dict(zip(_OF_THE_PLAN, values, strict=True))
    return _plan(Plan(), {name: value for name, value in told.items() if value is not None})


def _plan(plan: Plan, told: Told) -> Plan:
    end_was_told = plan.last_good_on is not None and plan.last_good_on != _reckoned_end(plan)
    plan = replace(
        plan,
        name=told.get("plan", plan.name),
        period=told.get("period", plan.period),
        price=told.get("price", plan.price),
        auto_renew=told.get("auto_renew", plan.auto_renew),
    )
    started_on: date | None = told.get("started", plan.started_on)
    if "expires" in told:
        ends_on: date | None = told["expires"]
        if started_on and ends_on and ends_on < started_on and "started" not in told:
            started_on = None  # the first day that was known belongs to another period
        return begin_plan(plan, started_on, ends_on) if ends_on else _endless(plan, told)
    if "started" not in told and "period" not in told:
        return plan
    if "started" not in told and end_was_told:
        return plan  # the new period counts from the next renewal on
    if started_on is not None and plan.period is not None:
        return begin_plan(plan, started_on, None)
    return begin_plan(plan, started_on, None if plan.period == NO_PERIOD else plan.last_good_on)


def _reckoned_end(plan: Plan) -> date | None:
    if plan.started_on is None or plan.period is None:
        return None
    return last_good_day(plan.started_on, plan.period, plan.anchor_day)


def _endless(plan: Plan, told: Told) -> Plan:
    """The told end is taken back: what period and first day say, where they were told too."""
    rest = {name: told[name] for name in ("started", "period") if name in told}
    return _plan(replace(plan, last_good_on=None), rest)


def _kept(kept: KeepAlive, told: Told, today: date) -> KeepAlive:
    if "keep_alive" not in told and "last_used" not in told and kept.period is None:
        return kept
    period = told.get("keep_alive", kept.period)
    last_used_on = told.get("last_used", kept.last_used_on)
    if period is not None and last_used_on is None:
        last_used_on = today
    return replace(kept, period=period, last_used_on=last_used_on)


def _balance(card: Card, told: Told, policy: Policy, now: datetime) -> Card:
    if "threshold" not in told and "balance" not in told:
        return card
    known = card.balance
    if told.get("threshold", known.threshold) != known.threshold:
        known = replace(known, threshold=told["threshold"])
    if "balance" in told and told["balance"] is None:
        known = replace(known, amount=None, read_at=None, estimated=False, spendings=(), changes=())
    before = card.balance
    if known is not before:
        card = replace(card, balance=known)
    if told.get("balance") is not None:
        # It watches too: a new threshold is held against the reading told with it.
        return read_balance(card, told["balance"], now, policy)
    return watch(card, before, now, policy)
