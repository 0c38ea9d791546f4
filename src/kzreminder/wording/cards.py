"""A card as rows of text: its state, its deadlines, its next reminder, in the user's language.

Not here: tables and colours (cli).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kzreminder.core.card import Card, Kind
from kzreminder.core.deadlines import (
    LOSING,
    Deadline,
    DeadlineKind,
    Doubt,
    deadlines_of,
    idle_due_on,
)
from kzreminder.core.forecast import forecast_of
from kzreminder.core.leads import SNOOZE, Lead
from kzreminder.core.planning import State, next_reminder, state_of
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Reason
from kzreminder.core.rolling import as_of
from kzreminder.core.routing import Route
from kzreminder.core.typed import money_shown
from kzreminder.core.typed_leads import leads_text
from kzreminder.core.zone import almaty_day
from kzreminder.errors import N_
from kzreminder.wording.language import Words

STATES = {
    State.ARCHIVED: N_("archived"),
    State.MUTED: N_("muted"),
    State.LAPSED: N_("lapsed"),
    State.OVERDUE: N_("overdue"),
    State.LOW: N_("low balance"),
    State.ENDING: N_("ending"),
    State.OK: N_("ok"),
}
KINDS = {
    DeadlineKind.CHARGE: N_("charge"),
    DeadlineKind.PLAN: N_("plan ends"),
    DeadlineKind.DEVICE: N_("phone blocked"),
    DeadlineKind.IDLE: N_("number unused"),
    DeadlineKind.BALANCE: N_("low balance"),
    DeadlineKind.CHECK: N_("balance to be read"),
    DeadlineKind.ARRIVAL: N_("did the payment arrive?"),
}
REASONS = {
    Reason.DAYS_LEFT: N_("the deadline is coming near"),
    Reason.LAST_CALL: N_("last call before the deadline"),
    Reason.OVERDUE: N_("the deadline has passed"),
    Reason.LAST_WORD: N_("the last reminder of this deadline"),
    Reason.CHARGE_SHORT: N_("the balance does not cover the charge"),
    Reason.BALANCE_UNKNOWN: N_("whether the balance covers the charge is unknown"),
    Reason.BALANCE_STALE: N_("the balance was read more than 14 days ago"),
    Reason.BALANCE_LOW: N_("the balance is under your threshold"),
    Reason.BALANCE_FORECAST: N_("by its readings the balance falls under your threshold"),
    Reason.READ_LONG_AGO: N_("the balance has not been read for 14 days"),
    Reason.PAID_YESTERDAY: N_("a payment was recorded the day before"),
    Reason.SNOOZE_ENDED: N_("the snooze has ended"),
}
DOUBTS = {
    Doubt.SHORT: N_("the balance is short of {missing}"),
    Doubt.UNKNOWN: N_("balance or price is unknown"),
    Doubt.STALE: N_("the balance was read long ago"),
}


def state_words(card: Card, policy: Policy, words: Words, now: datetime) -> str:
    return words.gettext(STATES[state_of(card, policy, now)])


def deadline_words(deadline: Deadline, words: Words, now: datetime) -> str:
    """`plan ends 20 Dec 23:59 (Almaty)`."""
    at = words.named_almaty_moment(deadline.at, almaty_day(now))
    text = f"{words.gettext(KINDS[deadline.kind])} {at}"
    if deadline.kind is DeadlineKind.BALANCE and deadline.at <= now:
        text = words.gettext("low balance since {at}", at=at)
    if deadline.kind is DeadlineKind.CHECK:
        text = words.gettext("balance to be read since {at}", at=at)
    if deadline.doubt is not None:
        missing = money_shown(deadline.missing) if deadline.missing is not None else ""
        text += f" ({words.gettext(DOUBTS[deadline.doubt], missing=missing)})"
    if deadline.kind in LOSING and deadline.at < now:
        text = words.gettext("{what}: it has passed", what=text)
    return text


def next_words(
    card: Card,
    policy: Policy,
    marks: Iterable[Mark],
    words: Words,
    now: datetime,
    routes: Sequence[Route] = (),
) -> str:
    """The next reminder: when, of what, and how far before or after it."""
    reminder = next_reminder(card, policy, marks, now, routes)
    if reminder is None:
        return words.gettext("none ahead")
    what = words.gettext(KINDS[reminder.deadline.kind])
    if reminder.at <= now:
        return words.gettext("now: {what}", what=what)
    at = words.moment(reminder.at, policy.zone, now.astimezone(policy.zone).date())
    return f"{at}: {what} ({lead_words(reminder.deadline, reminder.lead, words)})"


def lead_words(deadline: Deadline, lead: Lead, words: Words) -> str:
    days = lead.days
    if lead == SNOOZE:
        return words.gettext("end of the snooze")
    if deadline.kind not in LOSING:
        if days == 0:
            return words.gettext("at once")
        return words.ngettext("{count} day on", "{count} days on", days)
    if days > 0:
        return words.ngettext("{count} day after", "{count} days after", days)
    if days == 0:
        return words.gettext("last call")
    return words.ngettext("{count} day before", "{count} days before", -days)


def balance_words(card: Card, words: Words, now: datetime) -> str:
    """`1 200 ₸, low on 5 Jan`: what is known, and how long it will last."""
    card = as_of(card, now)
    if card.balance.amount is None:
        return ""
    shown = money_shown(card.balance.amount)
    if card.balance.estimated:
        shown = words.gettext("about {amount}", amount=shown)
    forecast = forecast_of(card)
    if forecast is None or forecast.runs_low_on is None or card.balance.is_low:
        return shown
    today = almaty_day(now)
    day = words.day(forecast.runs_low_on, today)
    if forecast.runs_low_on < today:
        return words.gettext("{amount}, probably low since {day}", amount=shown, day=day)
    return words.gettext("{amount}, low on {day}", amount=shown, day=day)


def forecast_rows(card: Card, words: Words, now: datetime) -> list[tuple[str, str]]:
    """What is spent a day, when it runs low and whether the charge is covered, or that nobody
    can say yet; nothing where no balance was ever read."""
    balance, today = card.balance, almaty_day(now)
    if balance.amount is None:
        return []
    spends = words.gettext("Spending a day")
    forecast = forecast_of(card)
    if forecast is None:
        return [(spends, words.gettext("not enough readings"))]
    rows = [(spends, words.gettext("about {amount}", amount=money_shown(forecast.per_day)))]
    if forecast.runs_low_on is not None:
        rows.append((words.gettext("Runs low on"), words.day(forecast.runs_low_on, today)))
    if forecast.short_by is not None:
        missing = money_shown(forecast.short_by)
        sentence = words.gettext("will be short of {amount}", amount=missing)
        if forecast.short_by == 0:
            sentence = words.gettext("will be covered")
        rows.append((words.gettext("Next charge"), sentence))
    return rows


def facts_of(
    card: Card, operator_name: str, number: str, words: Words, now: datetime
) -> list[tuple[str, str]]:
    """What is known of the card, as (name, value); unknown values are left out."""
    card = as_of(card, now)
    today = almaty_day(now)
    plan, balance, kept = card.plan, card.balance, card.keep_alive
    rows: list[tuple[str, str | None]] = [
        (N_("Number"), number or None),
        (N_("Operator"), _operator(card, operator_name, words)),
        (N_("Card"), "eSIM" if card.kind is Kind.ESIM else "SIM"),
        (N_("Plan"), plan.name),
        (N_("Period"), words.period(plan.period) if plan.period else None),
        (N_("First day"), words.day(plan.started_on, today) if plan.started_on else None),
        (N_("Good through"), words.day(plan.last_good_on, today) if plan.last_good_on else None),
        (N_("Price"), money_shown(plan.price) if plan.price is not None else None),
        (N_("Renews by itself"), words.gettext("yes") if plan.auto_renew else None),
        (N_("Balance"), balance_words(card, words, now) or None),
        (
            N_("Read"),
            words.named_almaty_moment(balance.read_at, today) if balance.read_at else None,
        ),
        (
            N_("Threshold"),
            money_shown(balance.threshold) if balance.threshold is not None else None,
        ),
        (N_("To be used every"), words.period(kept.period) if kept.period else None),
        (N_("Last used"), words.day(kept.last_used_on, today) if kept.last_used_on else None),
        (N_("To be used by"), words.day(due, today) if (due := idle_due_on(card)) else None),
        (
            N_("Phone came in"),
            words.day(card.device_entered_on, today) if card.device_entered_on else None,
        ),
        (N_("Protects"), card.protects),
        (N_("Leads"), leads_text(card.leads) if card.leads else None),
        (N_("Tags"), ", ".join(card.tags) or None),
        (N_("Told on"), ", ".join(card.targets) or None),
        (N_("Watched by"), card.watcher),
        (N_("Language"), card.lang),
        (N_("Note"), card.note),
    ]
    known = [(words.gettext(name), value) for name, value in rows if value is not None]
    known += forecast_rows(card, words, now)
    known += [
        (words.gettext(N_("Deadline")), deadline_words(deadline, words, now))
        for deadline in deadlines_of(card, now)
    ]
    return known


def _operator(card: Card, name: str, words: Words) -> str | None:
    if not name:
        return None
    if card.operator_guessed:
        return words.gettext("{operator} (guessed from the number)", operator=name)
    return name
