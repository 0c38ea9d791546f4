"""Several targets: each has its own outcome, and none waits for another that is away."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from kzreminder.channels.message import Message, Refused, TargetAway
from kzreminder.core.card import Card
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.moves import archive
from kzreminder.core.period import days
from kzreminder.core.reminder import Severity
from kzreminder.core.silence import acknowledge
from kzreminder.reminding.desk import PassReport
from kzreminder.reminding.passing import run_pass
from kzreminder.settings.declared import Desktop
from kzreminder.storage.delivery import Awaits
from tests.passes import House, Phone, a_target
from tests.storage.samples import NOW, TARGET, ending

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AWAY = TargetAway("no network")


@pytest.fixture
def family(house: House) -> House:
    """The desktop, and Dad's phone."""
    house.tells(a_target("dad"))
    return house


@pytest.fixture
def dad(family: House) -> Phone:
    return family.phones["dad"]


def told(report: PassReport) -> list[tuple[str, str, str]]:
    """Target, card, lead."""
    return [
        (one.target, one.reminder.card.label, str(one.reminder.lead)) for one in report.delivered
    ]


def failed(report: PassReport) -> list[tuple[str, str, datetime | None]]:
    return [(one.target, one.reminder.card.label, one.retry_at) for one in report.failed]


def waiting(house: House) -> list[tuple[object, ...]]:
    return house.rows("select label, awaits, attempts from cards order by id")


def is_still(house: House, now: datetime) -> bool:
    """Whether a pass at the instant of the last one finds nothing to do, nor claims a card."""
    before = house.rows("select * from cards"), house.rows("select * from messages")
    report = house.tell(now)
    assert house.rows("select claim_token from cards where claim_token is not null") == []
    after = house.rows("select * from cards"), house.rows("select * from messages")
    assert report.next_wake_at is None or report.next_wake_at > now
    return (report.delivered, report.failed, before) == ([], [], after)


def test_each_target_has_its_own_outcome_and_its_own_row(family: House, dad: Phone) -> None:
    family.add(ending("Mum"))
    report = family.tell(NOW)
    assert told(report) == [(TARGET, "Mum", "1d"), ("push:dad", "Mum", "1d")]
    assert [one.notification_id for one in report.delivered] == [1, None]
    assert family.rows("select target, outcome from messages") == [
        (TARGET, "accepted"),
        ("push:dad", "accepted"),
    ]
    assert family.rows("select target, believed from marks") == [(TARGET, 1), ("push:dad", 1)]
    assert report.next_wake_at == NOW + DAY
    assert is_still(family, NOW)
    assert is_still(family, NOW + MINUTE)


def test_restarts_tell_it_once_a_target(family: House, dad: Phone) -> None:
    family.add(ending("Mum"))
    for minute in range(12):
        family.tell(NOW + minute * MINUTE)
        family.restart()
    assert (family.screen.asked, dad.asked) == (1, 1)


# The desktop is away


def test_without_the_desktop_the_others_are_told_and_the_card_waits_for_it(
    family: House, dad: Phone
) -> None:
    family.add(ending("Mum"), ending("Far", in_days=40))
    family.screen.fault = AWAY
    report = family.tell(NOW)
    assert told(report) == [("push:dad", "Mum", "1d")]
    assert failed(report) == [(TARGET, "Mum", NOW + 30 * SECOND)]
    assert report.next_wake_at == NOW + 30 * SECOND
    assert waiting(family) == [("Mum", Awaits.DESKTOP, 0), ("Far", None, 0)]
    for second in range(0, 30, 10):
        assert is_still(family, NOW + second * SECOND)
    assert (family.screen.asked, dad.asked) == (1, 1)

    now = NOW + 30 * SECOND
    report = family.tell(now)
    assert failed(report) == [(TARGET, "Mum", now + MINUTE)]
    assert report.next_wake_at == now + MINUTE
    assert is_still(family, now)
    assert (family.screen.asked, dad.asked) == (2, 1)


def test_once_the_desktop_is_back_it_is_told_at_once_and_what_is_true_then(
    family: House, dad: Phone
) -> None:
    mum, _, _ = family.add(ending("Mum"), ending("Dad", in_days=3), ending("Gone"))
    family.screen.fault = AWAY
    family.tell(NOW)
    family.store.change(3, "archived", archive, NOW)
    for minute in range(1, 20):
        family.tell(NOW + minute * MINUTE)
    family.renew(mum, NOW + 20 * MINUTE)
    family.screen.fault = None
    now = NOW + 20 * MINUTE + SECOND
    assert told(family.tell(now)) == [(TARGET, "Dad", "3d")]
    assert is_still(family, now)
    assert waiting(family) == [("Mum", None, 0), ("Dad", None, 0), ("Gone", None, 0)]
    assert Counter(dad.titles) == dict.fromkeys(dad.titles, 1)


def test_a_desktop_away_for_days_keeps_no_lead_from_the_others(family: House, dad: Phone) -> None:
    family.add(ending("Mum", in_days=4))
    family.screen.fault = AWAY
    seen = []
    for hour in range(24 * 6):
        seen += told(family.tell(NOW + hour * HOUR))
    assert seen == [("push:dad", "Mum", lead) for lead in ("7d", "3d", "1d", "0d", "+1d")]
    assert family.rows("select count(*) from messages where outcome = 'failed'") == [(1,)]
    family.screen.fault = None
    assert told(family.tell(NOW + 6 * DAY)) == [(TARGET, "Mum", "+2d"), ("push:dad", "Mum", "+2d")]


def test_a_changed_policy_reaches_cards_that_wait_for_the_desktop(
    family: House, dad: Phone
) -> None:
    family.add(ending("Mum", in_days=3))
    family.screen.fault = AWAY
    family.tell(NOW)
    family.change_policy(replace(family.policy, leads=(3, 2, 1, 0)))
    family.tell(NOW + SECOND)
    assert told(family.tell(NOW + DAY)) == [("push:dad", "Mum", "2d")]


# Another target is away


def test_a_target_that_is_away_is_tried_later_and_later_and_the_desktop_is_left_alone(
    family: House, dad: Phone
) -> None:
    family.add(ending("Mum", in_days=20))
    dad.fault = AWAY
    now, waits = NOW + 6 * DAY, []
    assert told(family.tell(now)) == [(TARGET, "Mum", "14d")]
    for attempt in range(1, 10):
        absence = family.store.notes.absence("push:dad")
        assert absence is not None
        assert absence.attempts == attempt
        waits.append(int((absence.next_try_at - now).total_seconds()))
        assert waiting(family) == [("Mum", Awaits.TARGET, 0)]
        assert family.store.delivery.undelivered(now, is_away=False) == 1
        assert is_still(family, now)
        assert is_still(family, absence.next_try_at - SECOND)
        family.restart()
        now = absence.next_try_at
        report = family.tell(now)
        assert [one.target for one in report.failed] == ["push:dad"]
        assert report.next_wake_at == report.failed[0].retry_at
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert family.screen.asked == 1
    assert family.rows("select target, outcome from messages") == [
        (TARGET, "accepted"),
        ("push:dad", "failed"),
    ]
    dad.fault = None
    report = family.tell(now + HOUR)
    assert told(report) == [("push:dad", "Mum", "14d")]
    assert family.store.delivery.undelivered(now + HOUR, is_away=False) == 0
    assert is_still(family, now + HOUR)


def test_an_impatient_pass_tries_every_target_at_once(family: House, dad: Phone) -> None:
    family.add(ending("Mum"))
    family.screen.fault = dad.fault = AWAY
    family.tell(NOW)
    report = family.tell(NOW + SECOND, patient=False)
    assert [one.target for one in report.failed] == [TARGET, "push:dad"]
    dad.fault = None
    assert told(family.tell(NOW + 2 * SECOND, patient=False)) == [("push:dad", "Mum", "1d")]


def test_a_target_whose_address_is_put_right_is_told_at_once(family: House, dad: Phone) -> None:
    """It had gone; one that only does not answer is waited for."""
    family.add(ending("Mum"))
    dad.fault = AWAY
    for minute in range(20):
        family.tell(NOW + minute * MINUTE)
    dad.fault = None
    now = NOW + 20 * MINUTE
    assert told(family.tell(now)) == [("push:dad", "Mum", "1d")]
    assert is_still(family, now)


def test_five_hundred_cards_and_one_dead_target_are_a_handful_of_messages(
    family: House, dad: Phone
) -> None:
    family.add(*(ending(f"Card {number}") for number in range(500)))
    dad.fault = AWAY
    report = family.tell(NOW)
    assert (family.screen.asked, dad.asked) == (4, 1)
    assert len({one.reminder.card.id for one in report.delivered}) == 500
    assert len(report.failed) == 1
    assert family.store.delivery.undelivered(NOW, is_away=False) == 500
    assert is_still(family, NOW)
    dad.fault = None
    back = family.tell(NOW + 30 * SECOND)
    assert len([one for one in back.delivered if one.target == "push:dad"]) == 500
    assert (family.screen.asked, dad.asked) == (4, 5)
    assert family.rows("select count(*) from cards where awaits is not null") == [(0,)]


def test_with_both_away_all_waits_and_each_is_told_when_it_is_back(
    family: House, dad: Phone
) -> None:
    family.add(*(ending(f"Card {number}") for number in range(20)))
    family.screen.fault = dad.fault = AWAY
    report = family.tell(NOW)
    assert [one.target for one in report.failed] == [TARGET, "push:dad"]
    assert report.next_wake_at == NOW + 30 * SECOND
    assert is_still(family, NOW)
    for minute in range(1, 30):
        family.tell(NOW + minute * MINUTE)
    assert max(family.screen.asked, dad.asked) < 9
    assert family.rows("select count(*) from messages") == [(2,)]
    family.screen.fault = None
    now = NOW + 30 * MINUTE + SECOND
    assert {one.target for one in family.tell(now).delivered} == {TARGET}
    dad.fault = None
    now += HOUR
    assert {one.target for one in family.tell(now).delivered} == {"push:dad"}
    assert (len(family.screen.shown), len(dad.shown)) == (4, 4)
    assert is_still(family, now)


def test_a_card_added_while_a_target_is_away_is_told_on_the_desktop_at_once(
    family: House, dad: Phone
) -> None:
    family.add(ending("Mum"))
    dad.fault = AWAY
    family.tell(NOW)
    family.add(ending("New", at=NOW + SECOND))
    assert told(family.tell(NOW + SECOND)) == [(TARGET, "New", "1d")]
    assert dad.asked == 1
    assert waiting(family) == [("Mum", Awaits.TARGET, 0), ("New", Awaits.TARGET, 0)]
    dad.fault = None
    back = family.tell(NOW + 30 * SECOND)
    assert sorted(told(back)) == [("push:dad", "Mum", "1d"), ("push:dad", "New", "1d")]


def test_before_each_message_and_each_question_a_pass_says_that_it_goes_on(house: House) -> None:
    """Each may take all of its time: so many would look to the guard like a pass that hangs."""
    house.tells(*(a_target(name) for name in ("a", "b", "c", "d")))
    house.add(*(ending(f"Card {number}") for number in range(9)))
    signs: list[str] = []
    desk = replace(house.desk(), sign_of_life=lambda: signs.append("alive"))
    house.screen.meanwhile = lambda _: signs.append("message")
    for phone in house.phones.values():
        phone.meanwhile = lambda _: signs.append("message")
        phone.fault = AWAY
    run_pass(desk, NOW)
    assert signs.count("message") == 8
    assert "message message" not in " ".join(signs)
    signs.clear()
    run_pass(desk, NOW + SECOND)
    assert signs.count("alive") >= 4, "each is asked whether it is there"


# Refused


def test_what_one_target_refuses_is_told_on_the_other(family: House, dad: Phone) -> None:
    family.add(ending("Mum"))
    family.screen.fault = Refused("too long", permanent=True)
    report = family.tell(NOW)
    assert told(report) == [("push:dad", "Mum", "1d")]
    assert failed(report) == [(TARGET, "Mum", None)]
    assert report.next_wake_at == NOW + DAY
    assert is_still(family, NOW + MINUTE)


@pytest.mark.parametrize("desktop", [None, AWAY, Refused("busy", permanent=False)])
def test_what_is_refused_for_now_is_tried_there_later_and_later(
    family: House, dad: Phone, desktop: TargetAway | Refused | None
) -> None:
    family.add(ending("Mum"))
    dad.fault = Refused("429 Too Many Requests", permanent=False)
    family.screen.fault = desktop
    now, waits = NOW, []
    for _ in range(5):
        report = family.tell(now)
        [retry_at] = [one.retry_at for one in report.failed if one.target == "push:dad"]
        assert retry_at is not None
        waits.append(int((retry_at - now).total_seconds()))
        assert is_still(family, now)
        now = retry_at
    assert waits == [30, 60, 120, 240, 480]
    assert dad.asked == 5
    assert len(family.screen.shown) == (0 if desktop else 1)
    dad.fault = None
    assert ("push:dad", "Mum", "1d") in told(family.tell(now))


# What waits for an answer


@pytest.fixture
def later(house: House) -> House:
    """Dad is told what nobody has answered for six hours."""
    house.tells(a_target("dad", after=6 * HOUR))
    return house


def every_half_hour(
    house: House, start: datetime, end: datetime
) -> list[tuple[str, str, str, datetime]]:
    seen, now = [], start
    while now <= end:
        seen += [(*one, now) for one in told(house.tell(now))]
        now += 30 * MINUTE
    return seen


def test_what_nobody_answers_is_told_elsewhere_after_the_wait(later: House) -> None:
    later.add(ending("Mum"))
    assert every_half_hour(later, NOW, NOW + 20 * HOUR) == [
        (TARGET, "Mum", "1d", NOW),
        ("push:dad", "Mum", "1d", NOW + 6 * HOUR),
    ]


@pytest.mark.parametrize(
    ("what", "move"), [("acknowledged", acknowledge), ("archived", lambda card, _: archive(card))]
)
def test_an_answer_keeps_it_from_being_told_elsewhere(
    later: House, what: str, move: Callable[[Card, datetime], Card]
) -> None:
    [card] = later.add(ending("Mum"))
    later.tell(NOW)
    later.store.change(card.id, what, partial(_moved, move=move, now=NOW + HOUR), NOW + HOUR)
    assert every_half_hour(later, NOW + HOUR, NOW + 20 * HOUR) == []


def _moved(card: Card, move: Callable[[Card, datetime], Card], now: datetime) -> Card:
    return move(card, now)


@pytest.mark.parametrize("fault", [AWAY, Refused("busy", permanent=False)])
def test_what_the_desktop_does_not_take_is_told_elsewhere_when_the_wait_since_it_was_due_is_over(
    later: House, fault: TargetAway | Refused
) -> None:
    later.add(ending("Mum", in_days=1))
    later.screen.fault = fault
    assert every_half_hour(later, NOW, NOW + 7 * HOUR) == [
        ("push:dad", "Mum", "1d", NOW + 6 * HOUR)
    ]
    later.screen.fault = None
    back = every_half_hour(later, NOW + 8 * HOUR, NOW + 23 * HOUR)
    assert [(target, lead) for target, _, lead, _ in back] == [(TARGET, "1d")]


def test_while_nobody_is_there_the_wait_goes_on_and_the_other_is_told(later: House) -> None:
    """The screen is locked: what can wait is shown when somebody is back."""
    later.add(ending("Mum", in_days=3))
    later.somebody_is_there = False
    assert every_half_hour(later, NOW, NOW + 10 * HOUR) == [
        ("push:dad", "Mum", "3d", NOW + 6 * HOUR)
    ]
    later.somebody_is_there = True
    assert told(later.tell(NOW + 22 * HOUR)) == [(TARGET, "Mum", "3d")]
    assert is_still(later, NOW + 22 * HOUR)


def test_a_locked_screen_keeps_nothing_from_who_is_told_at_once(family: House, dad: Phone) -> None:
    family.add(ending("Mum", in_days=3))
    family.somebody_is_there = False
    assert told(family.tell(NOW)) == [("push:dad", "Mum", "3d")]
    assert waiting(family) == [("Mum", Awaits.SOMEBODY, 0)]
    assert is_still(family, NOW + MINUTE)
    family.somebody_is_there = True
    assert told(family.tell(NOW + HOUR)) == [(TARGET, "Mum", "3d")]
    assert (family.screen.asked, dad.asked) == (1, 1)


# Who is told what


def test_a_digest_and_a_cap_are_each_recipients_own(house: House) -> None:
    house.tells(
        a_target("dad", digest=True),
        a_target("boss", max_messages=5),
        a_target("bank", deadlines=(DeadlineKind.CHARGE,)),
        a_target("calm", severity=Severity.CRITICAL),
    )
    house.add(*(ending(f"Card {number}", in_days=number % 2) for number in range(12)))
    report = house.tell(NOW)
    counts = {name: len(phone.shown) for name, phone in house.phones.items()}
    assert len(house.screen.shown) == 4
    assert counts == {"dad": 1, "boss": 6, "bank": 0, "calm": 4}
    told_on = Counter(one.target for one in report.delivered)
    assert told_on == {TARGET: 12, "push:dad": 12, "push:boss": 12, "push:calm": 6}
    assert house.phones["dad"].titles == ["12 more cards need you"]
    assert is_still(house, NOW)


def test_one_card_in_a_digest_is_told_by_itself(house: House) -> None:
    house.tells(a_target("dad", digest=True))
    house.add(ending("Mum"))
    house.tell(NOW)
    assert house.phones["dad"].titles == house.screen.titles


def test_language_and_numbers_are_each_recipients_own(house: House) -> None:
    house.tells(a_target("dad", language="ru", show_numbers=True), a_target("boss"))
    house.add(ending("Mum", number="+77011234567", operator="kcell", lang="zh"))
    house.tell(NOW)
    [desktop] = house.screen.shown
    [dad], [boss] = house.phones["dad"].shown, house.phones["boss"].shown
    assert desktop.title == boss.title != dad.title
    assert "天" in desktop.title
    assert "Остал" in dad.title or "день" in dad.title
    assert "701 123 45 67" in dad.body.replace("-", " ")
    for masked in (desktop, boss):
        assert "123" not in masked.body


def test_a_card_is_told_on_its_own_targets_and_by_its_tags(house: House) -> None:
    house.tells(a_target("dad"), a_target("bank", tags=("bank",)))
    house.add(
        ending("Mum"),
        ending("Office", tags=("bank",)),
        ending("Own", targets=("bank",)),
        ending("Lost", targets=("aunt",)),
    )
    targets: dict[str, list[str]] = {}
    for target, label, _ in told(house.tell(NOW)):
        targets.setdefault(label, []).append(target)
    assert targets == {
        "Mum": [TARGET, "push:dad"],
        "Office": [TARGET, "push:dad", "push:bank"],
        "Own": ["push:bank"],
        "Lost": [TARGET, "push:dad"],
    }


def test_several_deadlines_of_a_card_are_one_message_with_what_each_is_told(
    house: House,
) -> None:
    house.tells(a_target("phones", deadlines=(DeadlineKind.IDLE,)))
    house.add(ending("Mum", in_days=1, keep_alive=days(1)))
    assert told(house.tell(NOW)) == [
        (TARGET, "Mum", "1d"),
        (TARGET, "Mum", "1d"),
        ("push:phones", "Mum", "1d"),
    ]
    assert len(house.screen.shown) == len(house.phones["phones"].shown) == 1


# Without a desktop


def test_with_the_desktop_off_all_is_told_elsewhere_and_nothing_waits_for_it(house: House) -> None:
    house.tells(a_target("dad", after=6 * HOUR), desktop=Desktop.OFF)
    house.add(*(ending(f"Card {number}") for number in range(3)))
    report = house.tell(NOW)
    assert {one.target for one in report.delivered} == {"push:dad"}
    assert house.screen.asked == 0
    assert house.rows("select count(*) from cards where awaits is not null") == [(0,)]
    assert report.next_wake_at == NOW + DAY
    house.phones["dad"].fault = AWAY
    house.add(ending("New"))
    report = house.tell(NOW + MINUTE)
    assert report.next_wake_at == NOW + MINUTE + 30 * SECOND
    assert house.store.delivery.undelivered(NOW + MINUTE, is_away=True) == 1
    house.phones["dad"].fault = None
    assert told(house.tell(NOW + 2 * MINUTE)) == [("push:dad", "New", "1d")]


def test_what_is_no_reminder_is_told_on_the_first_target_then(house: House) -> None:
    house.tells(a_target("dad"), a_target("boss"), desktop=Desktop.OFF)
    house.add(ending("Mum"), ending("Bad"))
    house.store.count()
    with closing(sqlite3.connect(house.folder / "cards.db")) as connection, connection:
        connection.execute("update cards set period = 'soon' where label = 'Bad'")
    report = house.tell(NOW)
    assert len(report.put_off) == 1
    assert house.screen.asked == 0
    assert len(house.phones["dad"].shown) == 2
    assert len(house.phones["boss"].shown) == 1
    assert ("push:dad",) in house.rows("select target from messages where kind is null")


# Changed settings


def test_a_new_target_is_told_what_stands_and_what_was_waited_for_comes_at_its_time(
    house: House,
) -> None:
    house.add(ending("Mum", in_days=1), ending("Far", in_days=40))
    house.tell(NOW)
    house.tells(a_target("dad"), a_target("boss", after=6 * HOUR))
    assert told(house.tell(NOW + HOUR)) == [("push:dad", "Mum", "1d")]
    assert house.store.delivery.next_wake_at() == NOW + 6 * HOUR
    assert is_still(house, NOW + HOUR)
    assert told(house.tell(NOW + 6 * HOUR)) == [("push:boss", "Mum", "1d")]


def test_a_target_that_is_taken_away_is_waited_for_no_more(family: House, dad: Phone) -> None:
    family.add(ending("Mum"))
    dad.fault = AWAY
    family.tell(NOW)
    family.tells()
    assert told(family.tell(NOW + MINUTE)) == []
    assert waiting(family) == [("Mum", None, 0)]
    assert family.store.delivery.next_wake_at() == NOW + DAY


# Killed


@pytest.mark.parametrize(("number", "first", "again"), [(1, [], [TARGET, "push:dad"]),
                                                         (2, [TARGET], ["push:dad"])])  # fmt: skip
def test_a_pass_that_breaks_off_between_two_targets_tells_the_second_later_and_the_first_once(
    family: House, dad: Phone, number: int, first: list[str], again: list[str]
) -> None:
    """As the process dies: nothing is put back, the lease just ends."""

    class Killed(BaseException):
        pass

    family.add(ending("Mum"))
    sent = 0

    def die(_: Message) -> None:
        nonlocal sent
        sent += 1
        if sent == number:
            raise Killed

    family.screen.meanwhile = dad.meanwhile = die
    family.store.delivery.release = lambda *_: None  # type: ignore[method-assign]
    with pytest.raises(Killed):
        family.tell(NOW)
    family.screen.meanwhile = dad.meanwhile = lambda _: None
    family.restart()
    assert family.rows("select target from messages") == [(target,) for target in first]
    assert family.tell(NOW + MINUTE).delivered == [], "others wait for the lease to end"
    later = NOW + 2 * MINUTE
    assert told(family.tell(later)) == [(target, "Mum", "1d") for target in again]
    assert is_still(family, later)


def test_a_card_changed_between_two_targets_is_told_on_the_second_as_it_is(
    family: House, dad: Phone
) -> None:
    mum, _ = family.add(ending("Mum", in_days=1), ending("Dad", in_days=1))

    def renew_once(message: Message) -> None:
        if "Mum" in message.title:
            family.renew(mum, NOW)

    family.screen.meanwhile = renew_once
    assert told(family.tell(NOW)) == [
        (TARGET, "Mum", "1d"),
        (TARGET, "Dad", "1d"),
        ("push:dad", "Dad", "1d"),
    ]
    assert told(family.tell(NOW + SECOND)) == []
    assert family.store.delivery.undelivered(NOW + SECOND, is_away=False) == 0
