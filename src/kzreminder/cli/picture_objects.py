"""The JSON of the pictures: `timeline` and `stats`.

Not here: cards and reminders (objects).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzreminder.cli.objects import Json, day, instant, money

if TYPE_CHECKING:
    from kzreminder.core.next_month import Expected
    from kzreminder.core.payments import Spendings, Spent
    from kzreminder.core.timeline import Timeline


def timeline_json(timeline: Timeline) -> Json:
    return {
        "today": day(timeline.today),
        "until": day(timeline.last_on),
        "operators": [
            {
                "operator": group.operator,
                "cards": [
                    {
                        "card": lane.card.id,
                        "label": lane.card.label,
                        "deadlines": [
                            {
                                "kind": point.deadline.kind.value,
                                "at": instant(point.deadline.at),
                                "urgency": point.urgency.value,
                                "days_left": point.days_left,
                            }
                            for point in lane.points
                        ],
                    }
                    for lane in group.lanes
                ],
                "more": group.more,
            }
            for group in timeline.groups
        ],
        "more": timeline.more,
        "more_by_week": [
            {"from": day(week.first_on), "cards": week.cards} for week in timeline.weeks
        ],
        "without_deadline": timeline.without,
    }


def stats_json(spendings: Spendings, expected: Expected) -> Json:
    return {
        "total": _spent(spendings.total),
        "months": [{"month": f"{month:%Y-%m}"} | _spent(s) for month, s in spendings.months],
        "operators": [{"operator": name} | _spent(s) for name, s in spendings.operators],
        "cards": [
            {"card": one.card_id, "label": one.label, "operator": one.operator} | _spent(one.spent)
            for one in spendings.cards
        ],
        "forecast": {
            "month": f"{expected.month:%Y-%m}",
            "total": money(expected.total),
            "plans": money(expected.known_plans),
            "renewals": expected.renewals,
            "renewals_without_price": expected.renewals_unpriced,
            "plans_ended": expected.plans_ended,
            "from_balances": money(expected.known_from_balances),
            "balances": expected.balances,
            "balances_unknown": expected.balances_unknown,
        },
    }


def _spent(spent: Spent) -> Json:
    return {
        "total": money(spent.total),
        "renewed_for": money(spent.known_renewed_for),
        "renewals": spent.renewals,
        "renewals_without_amount": spent.unknown,
        "topped_up": money(spent.topped_up),
        "topups": spent.topups,
    }
