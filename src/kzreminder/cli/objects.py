"""The contract's JSON: what each object looks like outside, written once.

Not here: reading any of it back, any table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kzreminder.core.card import Card
from kzreminder.core.deadlines import deadlines_of, idle_due_on
from kzreminder.core.forecast import forecast_of
from kzreminder.core.planning import next_reminder, snoozed_until, state_of
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Reminder
from kzreminder.core.rolling import as_of
from kzreminder.core.routing import Route
from kzreminder.core.silence import is_muted
from kzreminder.core.told_by_file import keeps_day
from kzreminder.core.typed import money_text
from kzreminder.core.typed_leads import leads_text
from kzreminder.core.zone import almaty, end_of_day

if TYPE_CHECKING:
    from kzreminder.cli.explain import Way
    from kzreminder.core.explaining import LeadStory
    from kzreminder.errors import Fault
    from kzreminder.operators.sms import Reading
    from kzreminder.reminding.desk import PassReport
    from kzreminder.storage.history import Entry
    from kzreminder.storage.services import Member
    from kzreminder.wording.language import Words

Json = dict[str, Any]


def instant(value: datetime | None, zone: tzinfo | None = None) -> str | None:
    """ISO 8601 with offset, whole seconds; Almaty's unless another zone is named."""
    return value.astimezone(zone or almaty()).isoformat(timespec="seconds") if value else None


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def money(value: Decimal | None) -> str | None:
    return None if value is None else money_text(value)


def card_json(
    card: Card,
    policy: Policy,
    marks: Iterable[Mark],
    now: datetime,
    routes: Sequence[Route] = (),
) -> Json:
    marks = list(marks)
    snooze_end = snoozed_until(card, policy, marks, now)
    coming = next_reminder(card, policy, marks, now, routes)
    card = as_of(card, now)
    plan, balance, kept = card.plan, card.balance, card.keep_alive
    forecast = forecast_of(card)
    return {
        "id": card.id,
        "label": card.label,
        "number": card.number,
        "operator": card.operator,
        "operator_guessed": card.operator_guessed,
        "kind": card.kind.value,
        "state": state_of(card, policy, now).value,
        "plan": {
            "name": plan.name,
            "period": str(plan.period) if plan.period else None,
            "started_on": day(plan.started_on),
            "ends_at": instant(end_of_day(plan.last_good_on)) if plan.last_good_on else None,
            "price": money(plan.price),
            "auto_renew": plan.auto_renew,
        }
        | _kept_day(card),
        "balance": {
            "amount": money(balance.amount),
            "threshold": money(balance.threshold),
            "read_at": instant(balance.read_at),
            "runs_low_on": day(forecast.runs_low_on) if forecast else None,
            "estimated": balance.estimated,
        },
        "keep_alive": {
            "period": str(kept.period) if kept.period else None,
            "last_used_on": day(kept.last_used_on),
            "due_on": day(idle_due_on(card)),
        },
        "device_entered_on": day(card.device_entered_on),
        "protects": card.protects,
        "deadlines": [
            {"kind": deadline.kind.value, "at": instant(deadline.at)}
            for deadline in deadlines_of(card, now)
        ],
        "next_reminder": _next(coming, policy),
        "leads": leads_text(card.leads) if card.leads else None,
        "muted_until": day(card.silence.muted_until) if is_muted(card, now) else None,
        "snoozed_until": instant(snooze_end, policy.zone),
        "tags": list(card.tags),
        "lang": card.lang,
        "note": card.note,
        "archived": card.archived,
    } | _seldom(card)


def _seldom(card: Card) -> Json:
    """Only where they are set: who is told, and a mute without an end, which has no date."""
    silence = card.silence
    told = {
        "muted": silence.muted and silence.muted_until is None,
        "targets": list(card.targets),
        "watcher": card.watcher,
    }
    return {key: value for key, value in told.items() if value}


def _kept_day(card: Card) -> Json:
    """Only where the plan's first day does not say it."""
    day_of_month = keeps_day(card.plan)
    return {} if day_of_month is None else {"keeps_day": day_of_month}


def _next(reminder: Reminder | None, policy: Policy) -> Json | None:
    if reminder is None:
        return None
    return {
        "at": instant(reminder.at, policy.zone),
        "deadline": reminder.deadline.kind.value,
        "lead": str(reminder.lead),
    }


def reminder_json(reminder: Reminder, policy: Policy, title: str, body: str) -> Json:
    return {
        "at": instant(reminder.at, policy.zone),
        "card": reminder.card.id,
        "label": reminder.card.label,
        "deadline": reminder.deadline.kind.value,
        "deadline_at": instant(reminder.deadline.at),
        "lead": str(reminder.lead),
        "reason": reminder.reason.value,
        "severity": reminder.severity.value,
        "title": title,
        "body": body,
    }


def why_json(ways: Sequence[Way], policy: Policy, *, are_several: bool) -> Json:
    """Of the first target with all that is known of the card; of all where there are several."""
    first = ways[0]
    told = first.told
    shown = {
        "card": told.card.id,
        "label": told.card.label,
        "state": told.state.value,
        "target": first.target,
        "away_since": first.away_since,
        "refused": first.refused,
        "silent": [
            {"because": hush.value, "until": instant(until, policy.zone)}
            for hush, until in told.hushes
        ],
        "deadlines": _stories(first, policy),
        "forecast": _forecast(told.card),
        "next_reminder": _next(told.coming, policy),
    }
    if are_several:
        shown["targets"] = [_way_json(way, policy) for way in ways]
    return shown


def _way_json(way: Way, policy: Policy) -> Json:
    return {
        "target": way.target,
        "after": way.wait,
        "away_since": way.away_since,
        "refused": way.refused,
        "deadlines": _stories(way, policy),
        "next_reminder": _next(way.told.coming, policy),
    }


def _stories(way: Way, policy: Policy) -> list[Json]:
    return [
        {
            "kind": story.deadline.kind.value,
            "at": instant(story.deadline.at),
            "doubt": story.deadline.doubt.value if story.deadline.doubt else None,
            "leads": [_lead_json(one, policy, way.target) for one in story.leads],
        }
        for story in way.told.stories
    ]


def _forecast(card: Card) -> Json | None:
    """None where there are not enough readings."""
    forecast = forecast_of(card)
    if forecast is None:
        return None
    short_by = forecast.short_by
    return {
        "spent_a_day": money(forecast.per_day),
        "runs_low_on": day(forecast.runs_low_on),
        "charge_covered": None if short_by is None else short_by == 0,
    }


def _lead_json(one: LeadStory, policy: Policy, target: str) -> Json:
    by = one.by
    return {
        "lead": str(one.lead),
        "at": instant(one.at, policy.zone),
        "status": one.fate.value,
        "by": str(by.lead) if by else None,
        "told_at": instant(by.told_at, policy.zone) if by else None,
        "target": target if by else None,
    }


def history_json(entry: Entry, policy: Policy) -> Json:
    shown = {"at": instant(entry.at, policy.zone), "card": entry.card_id, "kind": entry.kind}
    fields = dict(entry.fields)
    for reminder in fields.get("reminders", ()):
        reminder["deadline_at"] = instant(reminder["deadline_at"])
    return shown | fields


def member_json(service: Member, zone: tzinfo) -> Json:
    """One of the services that share a database."""
    return {
        "host": service.host,
        "pid": service.pid,
        "version": service.version,
        "watches": list(service.watches),
        "desktop": service.has_desktop,
        "started_at": instant(service.started_at, zone),
        "seen_at": instant(service.seen_at, zone),
    }


def report_json(report: PassReport, policy: Policy) -> Json:
    return {
        "now": instant(report.now, policy.zone),
        "delivered": [
            reminder_json(one.reminder, policy, one.text.title, one.text.body)
            | {
                "target": one.target,
                "late": one.late,
                "notification_id": one.notification_id,
                "digest": one.digest,
                "attempt": one.attempt,
            }
            for one in report.delivered
        ],
        "failed": [
            reminder_json(one.reminder, policy, one.text.title, one.text.body)
            | {
                "target": one.target,
                "error": one.error,
                "permanent": one.permanent,
                "retry_at": instant(one.retry_at, policy.zone),
            }
            for one in report.failed
        ],
        "put_off": [
            {
                "card": one.card_id,
                "error": one.error,
                "retry_at": instant(one.retry_at, policy.zone),
            }
            for one in report.put_off
        ],
        "next_wake_at": instant(report.next_wake_at, policy.zone),
    }


def faults_json(faults: Iterable[Fault], words: Words) -> list[Json]:
    return [
        {
            "file": one.file,
            "line": None if one.is_card else one.line,
            "column": one.column,
            "card": one.line if one.is_card else None,
            "key": one.key,
            "message": words.reason(one),
            "value": one.value or None,
            "hint": words.what_is_right(one),
        }
        for one in faults
    ]


def reading_json(reading: Reading, card: Card | None, *, applied: bool) -> Json:
    """What is understood of an operator's message; `missing`, `balance`, `caution` are our own."""
    return {
        "understood": reading.kind is not None,
        "kind": reading.kind.value if reading.kind else None,
        "amount": money(reading.amount),
        "missing": money(reading.missing),
        "balance": money(reading.balance),
        "on": day(reading.on),
        "operator": reading.operator_of(card.operator if card else None),
        "card": card.id if card else None,
        "applied": applied,
        "caution": reading.caution,
    }
