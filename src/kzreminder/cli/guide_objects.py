"""The contract's JSON of guides, operators and facts, written once.

Not here: that of cards and reminders (objects).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzreminder.cli.objects import Json, day
from kzreminder.operators.catalogue import COUNTRY

if TYPE_CHECKING:
    from kzreminder.core.card import Card
    from kzreminder.operators.facts import Country, Fact, Operator
    from kzreminder.operators.guide import Guide
    from kzreminder.wording.asking import Asked


def fact_json(fact: Fact) -> Json:
    return {
        "key": fact.key,
        "value": fact.value,
        "source": fact.source,
        "checked_on": day(fact.checked_on),
        "confidence": fact.confidence.value,
        "note": fact.note,
        "own": fact.own,
    }


def guide_json(guide: Guide) -> Json:
    return {
        "operator": {
            "id": guide.operator_id,
            "name": guide.operator_name,
            "status": guide.status.value,
        },
        "card": guide.card,
        "language": guide.language,
        "best": guide.best,
        "because": guide.because,
        "number": guide.number,
        "amount": guide.amount,
        "stage": guide.stage.value if guide.stage else None,
        "stages": [
            {"id": stage.id.value, "title": stage.title, "steps": list(stage.steps)}
            for stage in guide.stages
        ],
        "methods": [
            {
                "id": method.id,
                "name": method.name,
                "kind": method.kind.value,
                "steps": list(method.steps),
                "needs": list(method.needs),
                "fee": method.fee,
                "credited_in": method.credited_in,
                "works_abroad": method.works_abroad,
                "opening_hours_matter": method.has_opening_hours,
                "nearest": method.nearest,
                "confidence": method.confidence.value,
                "note": method.note,
                "cautions": list(method.cautions),
                "facts": [fact_json(fact) for fact in method.facts],
            }
            for method in guide.methods
        ],
        "balance": [fact_json(fact) for fact in guide.balance],
        "clerk": {"ru": guide.clerk.ru, "kk": guide.clerk.kk},
        "cautions": list(guide.cautions),
        "facts": [fact_json(fact) for fact in guide.facts],
        "not_found": list(guide.not_found),
        "topics": [
            {
                "id": topic.id,
                "title": topic.title,
                "lines": list(topic.lines),
                "facts": [fact_json(fact) for fact in topic.facts],
            }
            for topic in guide.topics
        ],
    }


def asked_json(card: Card, operator: Operator, asked: Asked, language: str) -> Json:
    return {
        "card": card.id,
        "operator": operator.id,
        "language": language,
        "method": asked.method,
        "pay_by": day(asked.pay_by),
        "text": asked.text,
    }


def country_json(country: Country) -> Json:
    return {
        "id": COUNTRY,
        "facts": [fact_json(fact) for fact in country.facts],
        "not_found": list(country.not_found),
    }


def operator_json(operator: Operator, language: str) -> Json:
    return {
        "id": operator.id,
        "name": operator.name(language),
        "status": operator.status.value,
        "aliases": list(operator.aliases),
        "prefixes": list(operator.prefixes),
        "methods": [
            {
                "id": method.id,
                "kind": method.kind.value,
                "note": method.note,
                "facts": [fact_json(fact) for fact in method.facts],
            }
            for method in operator.methods
        ],
        "balance": [fact_json(fact) for fact in operator.balance],
        "facts": [fact_json(fact) for fact in operator.about_numbers + operator.facts],
        "not_found": list(operator.not_found),
        "own": operator.own,
    }
