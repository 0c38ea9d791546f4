"""What a file tells of a card beyond what `add` asks: the day its plan keeps, when its balance was
read, what is silenced. So a card that was written out comes back as it was.

Not here: what `add` and `edit` tell (correcting), reading any file (exchange).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from kzreminder.core.card import Balance, Card, Plan
from kzreminder.core.correcting import Told, correct, register
from kzreminder.core.episodes import watch
from kzreminder.core.moves import archive, begin_plan, read_balance, restore
from kzreminder.core.period import Unit, day_in_month
from kzreminder.core.policy import Policy
from kzreminder.core.rolling import as_of, charge_day
from kzreminder.core.silence import is_muted, mute, snooze, snooze_ends_at, unmute
from kzreminder.core.typed import money_shown
from kzreminder.core.zone import almaty_day
from kzreminder.errors import N_, BadValue


def register_told(told: Told, policy: Policy, now: datetime) -> Card:
    """A new card, its balance apart: `balance_told`."""
    card = register(told, policy, now)
    if told.get("keeps_day") is not None:
        card = _keep_day(card, told["keeps_day"], is_new="expires" not in told)
    card = _silenced(card, told, policy, now)
    return archive(card) if told.get("archived") else card


def balance_told(
    card: Card,
    amount: Decimal | None,
    at: datetime | None,
    policy: Policy,
    now: datetime,
    *,
    estimated: bool = False,
) -> Card:
    """The new card with what a file says of its balance. Raises BadValue for a time of nothing."""
    if amount is None and at is not None:
        raise _no_balance()
    if amount is not None:
        card = _read(card, amount, at, policy, now)
    return replace(card, balance=replace(card.balance, estimated=True)) if estimated else card


def _read(card: Card, amount: Decimal, at: datetime | None, policy: Policy, now: datetime) -> Card:
    plan, known = card.plan, card.balance
    # Told with its time, the balance stood so beside the plan's end: a charge between them was not
    # made, for it could not be paid.
    has_failed = at is not None and plan.price is not None and amount < plan.price
    at = at or now
    charge_on = charge_day(plan)
    if has_failed or charge_on is None or charge_on > almaty_day(at):
        read = Balance(amount=amount, threshold=known.threshold, read_at=at)
        return watch(replace(card, balance=read), known, at, policy)
    return read_balance(card, amount, at, policy)


def correct_told(card: Card, told: Told, policy: Policy, now: datetime) -> Card:
    """The registered card with what the file says of it; the card itself where that is no news.

    A balance that is known already is none, nor is one that was read before the newest.
    """
    standing = as_of(card, now)
    told = _news(standing, told)
    amount, at = told.get("balance"), told.get("balance_at")
    if amount is not None and at is not None:
        told = {name: told[name] for name in told if name != "balance"}
    corrected = correct(card, told, policy, now)
    if amount is not None and at is not None:
        corrected = read_balance(corrected, amount, at, policy)
    if told.get("keeps_day") is not None:
        corrected = _keep_day(corrected, told["keeps_day"], is_new=False)
    corrected = _silenced(corrected, told, policy, now)
    if "archived" in told:
        corrected = archive(corrected) if told["archived"] else restore(corrected)
    return card if corrected in (card, standing) else corrected


def keeps_day(plan: Plan) -> int | None:
    """The day of the month that the plan comes back to, where its first day does not say so."""
    is_monthly = plan.period is not None and plan.period.unit is Unit.MONTHS
    if not is_monthly or plan.started_on is None or plan.anchor_day == plan.started_on.day:
        return None
    return plan.anchor_day


def _news(card: Card, told: Told) -> Told:
    """Less what is known already of its number and its balance."""
    told = dict(told)
    if told.get("number") == card.number:
        told.pop("number", None)  # nor is its operator guessed anew
    if "number" in told and card.operator_guessed and "operator" not in told:
        told |= {"operator": None, "operator_guessed": False}
    if "operator" in told:
        told.setdefault("operator_guessed", False)
    if told.get("balance_at") is not None and told.get("balance") is None:
        raise _no_balance()
    if "balance" in told and not _is_read_anew(card, told):
        del told["balance"]
    return told


def _is_read_anew(card: Card, told: Told) -> bool:
    amount, at = told["balance"], told.get("balance_at")
    known = card.balance
    if amount is None or at is None or known.read_at is None:
        return bool(amount != known.amount)
    if _to_the_second(at) == _to_the_second(known.read_at) and amount != known.amount:
        raise BadValue(
            N_("of that time another balance is known: {amount}"),
            hint=N_("Leave `balance_at` empty for a balance read now"),
            amount="?" if known.amount is None else money_shown(known.amount),
        )
    return bool(at > known.read_at)


def _keep_day(card: Card, day: int, *, is_new: bool) -> Card:
    """The day of the month that a monthly plan comes back to; a new card's end follows from it."""
    plan = card.plan
    first = plan.started_on
    if first is None or day_in_month(first.year, first.month, day) != first:
        raise BadValue(
            N_("a plan that begins on {start} does not keep day {day} of the month"),
            start=first or "?",
            day=day,
        )
    plan = replace(plan, anchor_day=day)
    return replace(card, plan=begin_plan(plan, first, None) if is_new else plan)


def _silenced(card: Card, told: Told, policy: Policy, now: datetime) -> Card:
    until = told.get("muted_until")
    if until is not None:
        card = mute(card, until) if until >= almaty_day(now) else card
    elif "muted" in told and told["muted"] != is_muted(card, now):
        card = mute(card, None) if told["muted"] else unmute(card)
    if "snoozed_until" not in told:
        return card
    ends_at = snooze_ends_at(card, policy, now)
    known = None if ends_at is None or ends_at <= now else _to_the_second(ends_at)
    wanted = told["snoozed_until"]
    if wanted is not None and wanted <= now:
        wanted = None
    if wanted == known:
        return card
    if wanted is None:
        return replace(card, silence=replace(card.silence, snoozed_at=None, snoozed_until=None))
    return snooze(card, wanted, now)


def _to_the_second(at: datetime) -> datetime:
    """As files have instants."""
    return at.replace(microsecond=0)


def _no_balance() -> BadValue:
    return BadValue(N_("a time of the balance is told, and no balance"))
