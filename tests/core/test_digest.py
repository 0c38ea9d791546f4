"""Many cards due in one pass: who speaks alone, who shares the digest."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from kzreminder.core.deadlines import Deadline, DeadlineKind
from kzreminder.core.digest import Telling, counts, operators, split
from kzreminder.core.leads import Lead
from kzreminder.core.reminder import Reason, Reminder, Severity
from tests.core.cards import a_card, at, on


def telling(card_id: int, *kinds: DeadlineKind, ends_on: str = "2026-12-20") -> Telling:
    """A card with one reminder for each kind, the headline first."""
    deadline_at = at(f"{on(ends_on)} 23:59:59")
    return Telling(
        tuple(
            Reminder(
                card=a_card(id=card_id),
                deadline=Deadline(kind, deadline_at),
                lead=Lead(0),
                at=at("2026-12-20 10:00"),
                reason=Reason.LAST_CALL,
                severity=Severity.CRITICAL,
            )
            for kind in kinds
        )
    )


def ids(tellings: list[Telling]) -> list[int]:
    return [one.headline.card.id for one in tellings]


MOST_URGENT_FIRST = [
    telling(9, DeadlineKind.CHARGE),
    telling(8, DeadlineKind.PLAN, ends_on="2026-12-19"),
    telling(6, DeadlineKind.PLAN),
    telling(7, DeadlineKind.PLAN),
    telling(5, DeadlineKind.DEVICE, ends_on="2026-12-01"),
    telling(4, DeadlineKind.IDLE),
    telling(3, DeadlineKind.BALANCE, ends_on="2026-11-01"),
]


def test_kind_comes_before_date_and_date_before_id() -> None:
    shuffled = MOST_URGENT_FIRST[:]
    random.Random(1).shuffle(shuffled)
    alone, together = split(shuffled, cap=20)
    assert alone == MOST_URGENT_FIRST
    assert together == []


@pytest.mark.parametrize(
    ("due", "cap", "alone", "together"),
    [(0, 3, 0, 0), (1, 3, 1, 0), (3, 3, 3, 0), (4, 3, 3, 1), (7, 3, 3, 4), (2, 1, 1, 1)],
)
def test_above_the_cap_the_rest_shares_one_digest(
    due: int, cap: int, alone: int, together: int
) -> None:
    singles, rest = split(MOST_URGENT_FIRST[::-1][len(MOST_URGENT_FIRST) - due :], cap)
    assert [*ids(singles), *ids(rest)] == ids(MOST_URGENT_FIRST[:due])
    assert (len(singles), len(rest)) == (alone, together)


def test_twenty_thousand_cards_are_three_messages_and_a_digest() -> None:
    many = [telling(number, DeadlineKind.IDLE) for number in range(1, 20_001)]
    singles, rest = split(many[::-1], 3)
    assert ids(singles) == [1, 2, 3]
    assert len(rest) == 19_997


def test_the_headline_is_the_first_reminder() -> None:
    both = telling(1, DeadlineKind.PLAN, DeadlineKind.BALANCE)
    assert both.headline.deadline.kind is DeadlineKind.PLAN


def test_only_the_headline_of_a_card_is_counted() -> None:
    plan, balance = DeadlineKind.PLAN, DeadlineKind.BALANCE
    tellings = [telling(1, plan, balance), telling(2, plan), telling(3, balance)]
    assert counts(tellings) == Counter({plan: 2, balance: 1})


def test_failed_sends_do_not_change_the_order() -> None:
    tried = replace(MOST_URGENT_FIRST[0], attempts=9)
    assert split([MOST_URGENT_FIRST[1], tried], 1)[0] == [tried]


def test_cards_are_counted_by_operator_the_unknown_too() -> None:
    told = telling(1, DeadlineKind.PLAN).headline
    tellings = [
        Telling((replace(told, card=replace(told.card, operator=operator)),))
        for operator in ("kcell", None, "kcell")
    ]
    assert operators(tellings) == {"kcell": 2, None: 1}
