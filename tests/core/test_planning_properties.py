"""Random cards under random clocks: what holds for every card, policy, zone and hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kzreminder.core.card import Balance, Card, KeepAlive, Plan
from kzreminder.core.correcting import correct
from kzreminder.core.deadlines import LOSING, DeadlineKind, deadlines_of
from kzreminder.core.leads import lead_times
from kzreminder.core.moves import read_balance
from kzreminder.core.period import days, months
from kzreminder.core.planning import due, next_reminder, next_wake, state_of, upcoming, urgent_at
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Mark, Reminder, marked
from tests.core.cards import HOSTS, POLICY, a_card, at, on

HOUR = timedelta(hours=1)
START = at("2026-11-21 12:00")
ZONES = st.sampled_from(HOSTS).map(ZoneInfo)
LEADS = st.sets(st.integers(0, 45), min_size=1, max_size=8).map(
    lambda found: tuple(sorted(found, reverse=True))
)
MONEY = st.integers(-1000, 10_000).map(Decimal)
PRICE = st.integers(1, 10_000).map(Decimal)
PERIODS = st.integers(1, 120).map(days) | st.integers(1, 13).map(months)
FOREVER = (date(2000, 1, 1), date(2199, 12, 31))
NEAR = (on("2026-08-01"), on("2027-03-01"))

policies = st.builds(
    Policy,
    zone=ZONES,
    hour=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    leads=LEADS,
)


@st.composite
def plans(draw: st.DrawFn, span: tuple[date, date]) -> Plan:
    """Any plan that the moves could have made: it never ends before it begins."""
    ends_on = draw(st.none() | st.dates(*span))
    started_on = draw(st.none() | st.dates(*span))
    if started_on and ends_on and ends_on < started_on:
        started_on, ends_on = ends_on, started_on
    return Plan(
        period=draw(st.none() | PERIODS),
        started_on=started_on,
        last_good_on=ends_on,
        anchor_day=started_on.day if started_on else None,
        price=draw(st.none() | PRICE),
        auto_renew=draw(st.booleans()),
    )


@st.composite
def cards(draw: st.DrawFn, span: tuple[date, date] = NEAR) -> Card:
    """Of each kind of deadline it may have one or none; balances are read on full hours."""
    instants = st.builds(
        lambda day, hour: datetime.combine(day, time(hour), UTC),
        st.dates(*span),
        st.integers(0, 23),
    )
    low_since = draw(st.none() | instants)
    balance = Balance(
        amount=draw(MONEY) if low_since else draw(st.none() | MONEY),
        threshold=Decimal(500) if low_since else None,
        read_at=low_since or draw(st.none() | instants),
        low_since=low_since,
    )
    used_on = draw(st.none() | st.dates(*span))
    return Card(
        label="Mum",
        registered_at=draw(instants),
        id=1,
        plan=draw(plans(span)),
        balance=balance,
        keep_alive=KeepAlive(draw(st.none() | PERIODS) if used_on else None, used_on),
        device_entered_on=draw(st.none() | st.dates(*span)),
        leads=draw(st.none() | LEADS),
    )


steps = st.lists(
    st.one_of(
        st.integers(0, 90).map(lambda minutes: timedelta(minutes=minutes)),
        st.integers(1, 72).map(lambda hours: timedelta(hours=hours)),
        st.integers(1, 40).map(lambda count: timedelta(days=count)),
        st.integers(1, 72).map(lambda hours: timedelta(hours=-hours)),
    ),
    min_size=1,
    max_size=25,
)


def clock(start: datetime, walk: Sequence[timedelta]) -> list[datetime]:
    """The instants of a walk; however often it is set back, at most three days in all."""
    farthest = now = start
    instants = []
    for step in walk:
        now = max(now + step, farthest - timedelta(days=3))
        farthest = max(farthest, now)
        instants.append(now)
    return instants


def identity(reminder: Reminder) -> tuple[str, datetime, int]:
    return reminder.deadline.kind.value, reminder.deadline.at, reminder.lead.days


@settings(max_examples=100, deadline=None)
@given(card=cards(), policy=policies, walk=steps)
def test_nothing_is_told_twice_and_one_pass_tells_all(
    card: Card, policy: Policy, walk: list[timedelta]
) -> None:
    marks: list[Mark] = []
    told: set[tuple[str, datetime, int]] = set()
    for now in clock(START, walk):
        reminders = due(card, policy, marks, now)
        assert max(Counter(one.deadline.kind for one in reminders).values(), default=1) == 1
        order = [list(DeadlineKind).index(one.deadline.kind) for one in reminders]
        assert order == sorted(order)
        for reminder in reminders:
            assert reminder.at <= now
            assert identity(reminder) not in told
            told.add(identity(reminder))
        marks += [marked(reminder, now) for reminder in reminders]
        assert due(card, policy, marks, now) == ()
        wake_at = next_wake(card, policy, marks, now)
        assert wake_at is None or wake_at > now


@settings(max_examples=100, deadline=None)
@given(card=cards(), policy=policies, walk=steps, parts=st.lists(st.floats(0, 1), max_size=8))
def test_between_a_pass_and_the_next_wake_there_is_nothing_to_tell(
    card: Card, policy: Policy, walk: list[timedelta], parts: list[float]
) -> None:
    marks: list[Mark] = []
    for now in clock(START, walk):
        marks += [marked(reminder, now) for reminder in due(card, policy, marks, now)]
        wake_at = next_wake(card, policy, marks, now)
        until = wake_at or now + timedelta(days=800)
        between = [now + (until - now) * part for part in (0.5, *parts)]
        if wake_at:
            between.append(wake_at - timedelta(microseconds=1))
        for instant in between:
            assert instant == wake_at or due(card, policy, marks, instant) == ()


@settings(max_examples=100, deadline=None)
@given(card=cards(), policy=policies, walk=steps)
def test_passes_between_two_wakes_change_nothing(
    card: Card, policy: Policy, walk: list[timedelta]
) -> None:
    now = START
    asked: list[Mark] = []
    for _ in range(20):
        wake_at = next_wake(card, policy, asked, now)
        if wake_at is None:
            break
        now = wake_at
        asked += [marked(reminder, now) for reminder in due(card, policy, asked, now)]
    often: list[Mark] = []
    extra = [START + step for step in walk if step > timedelta(0)]
    for instant in sorted({START, now, *extra, *(mark.told_at for mark in asked)}):
        if instant <= now:
            often += [marked(one, instant) for one in due(card, policy, often, instant)]
    assert often == asked


@settings(max_examples=20, deadline=None)
@given(card=cards(), policy=policies)
def test_what_is_to_come_is_what_passes_each_quarter_of_an_hour_tell(
    card: Card, policy: Policy
) -> None:
    """All hours, zones and readings of these cards fall on quarters of an hour."""
    until = START + timedelta(days=12)
    foreseen = [
        (instant, reminder)
        for instant, reminders in upcoming(card, policy, (), START, until)
        for reminder in reminders
    ]
    passed = []
    marks: list[Mark] = []
    now = START
    while now <= until:
        for reminder in due(card, policy, marks, now):
            passed.append((now, reminder.deadline.kind.value, str(reminder.lead)))
            marks.append(marked(reminder, now))
        now += timedelta(minutes=15)
    assert [
        (instant, reminder.deadline.kind.value, str(reminder.lead))
        for instant, reminder in foreseen
    ] == passed


@settings(max_examples=150, deadline=None)
@given(
    card=cards(FOREVER),
    policy=policies,
    now=st.builds(
        lambda day, wall: datetime.combine(day, wall, UTC), st.dates(*FOREVER), st.times()
    ),
)
def test_no_date_of_two_centuries_is_too_much(card: Card, policy: Policy, now: datetime) -> None:
    marks = [marked(reminder, now) for reminder in due(card, policy, (), now)]
    assert due(card, policy, marks, now) == ()
    wake_at = next_wake(card, policy, marks, now)
    assert wake_at is None or wake_at > now
    state_of(card, policy, now)
    urgent_at(card, now)
    found = next_reminder(card, policy, marks, now)
    assert (found is None) or (wake_at is not None)


@settings(max_examples=150, deadline=None)
@given(card=cards((on("2026-01-01"), on("2060-12-31"))), policy=policies, before=st.integers(0, 99))
def test_leads_come_in_time_order_and_the_last_call_leaves_four_hours(
    card: Card, policy: Policy, before: int
) -> None:
    for deadline in deadlines_of(card, START + timedelta(days=100 * before)):
        times: list[tuple[int, datetime]] = []
        for lead, told_at in lead_times(card, deadline, policy):
            times.append((lead.days, told_at))
            if len(times) == 40:
                break
        assert times == sorted(times)
        instants = [told_at for _, told_at in times]
        assert instants == sorted(instants)
        if deadline.kind not in LOSING:
            assert instants[0] >= deadline.at
            continue
        for days_after, told_at in times:
            if days_after <= 0:
                assert told_at <= deadline.at - timedelta(hours=4)
            else:
                assert told_at > deadline.at


@settings(max_examples=100, deadline=None)
@given(
    card=cards(),
    policy=policies,
    walk=steps,
    text=st.text(min_size=1, max_size=9),
    tags=st.lists(st.text(min_size=1, max_size=9), max_size=3).map(tuple),
)
def test_a_new_label_note_or_tag_makes_nothing_due(
    card: Card, policy: Policy, walk: list[timedelta], text: str, tags: tuple[str, ...]
) -> None:
    marks: list[Mark] = []
    for now in clock(START, walk):
        marks += [marked(reminder, now) for reminder in due(card, policy, marks, now)]
        edited = correct(card, {"label": text, "note": text, "tags": tags}, policy, now)
        assert (edited.label, edited.note, edited.tags) == (text, text, tags)
        assert edited.plan.last_good_on == card.plan.last_good_on
        assert due(edited, policy, marks, now) == ()
        assert next_wake(edited, policy, marks, now) == next_wake(card, policy, marks, now)
        card = edited


@settings(max_examples=100, deadline=None)
@given(
    zone=ZONES,
    readings=st.lists(
        st.tuples(st.integers(1, 900), st.sampled_from([100, 499, 500, 549, 550, 900])),
        min_size=1,
        max_size=40,
    ),
)
def test_however_a_balance_wavers_an_opening_is_told_once_a_day_and_never_put_off(
    zone: ZoneInfo, readings: list[tuple[int, int]]
) -> None:
    """Passes at every wake and every reading; what is not told at once waits one night at most."""
    policy = replace(POLICY, zone=zone)
    card = a_card(threshold=500)
    marks: list[Mark] = []

    def tell(instant: datetime) -> None:
        marks.extend(marked(one, instant) for one in due(card, policy, marks, instant))

    def opened_on() -> list[date]:
        told = [m for m in marks if m.kind is DeadlineKind.BALANCE and m.lead.days == 0]
        return [mark.told_at.astimezone(zone).date() for mark in told]

    now = START
    for minutes, amount in readings:
        until = now + timedelta(minutes=minutes)
        while (wake_at := next_wake(card, policy, marks, now)) is not None and wake_at <= until:
            now = wake_at
            tell(now)
        now = until
        card = read_balance(card, Decimal(amount), now, policy)
        tell(now)
        since = card.balance.low_since
        if since is not None and since > now and amount < 500:  # not a forecast
            assert since.astimezone(zone).time() == policy.hour
            assert since.astimezone(zone).date() - timedelta(days=1) in opened_on()
    assert len(opened_on()) == len(set(opened_on()))
