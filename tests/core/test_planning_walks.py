"""Cards walked through time by random clocks: what must hold after every step."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kzreminder.core.card import Card, Renewal, read_balance, renew, top_up, use
from kzreminder.core.correcting import correct, register
from kzreminder.core.period import MONTH_START, days, months
from kzreminder.core.planning import Mark, due, marked, next_wake, state_of, upcoming
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty_day

START = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
ZONES = st.sampled_from(
    ["UTC", "Asia/Almaty", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati"]
)
money = st.integers(0, 900_000).map(lambda tiyn: Decimal(tiyn) / 100)
some_money = st.integers(1, 900_000).map(lambda tiyn: Decimal(tiyn) / 100)
day_near = st.integers(-90, 90).map(lambda count: date(2026, 11, 21) + timedelta(days=count))
period = st.one_of(
    st.integers(1, 120).map(days), st.integers(1, 13).map(months), st.just(MONTH_START)
)
leads = st.lists(st.integers(0, 40), min_size=1, unique=True).map(
    lambda found: tuple(sorted(found, reverse=True))
)
told = st.fixed_dictionaries(
    {"label": st.just("Mum")},
    optional={
        "period": period,
        "expires": day_near,
        "price": some_money,
        "auto_renew": st.booleans(),
        "balance": money,
        "threshold": money,
        "keep_alive": st.integers(1, 120).map(days),
        "last_used": day_near,
        "device_entered": day_near,
        "leads": leads,
    },
)
policies = st.builds(
    Policy,
    zone=ZONES.map(ZoneInfo),
    hour=st.integers(0, 23).map(time),
    leads=leads,
)
steps = st.lists(
    st.one_of(
        st.integers(1, 60 * 24 * 3).map(lambda minutes: timedelta(minutes=minutes)),
        st.integers(1, 90).map(lambda count: timedelta(days=count)),
        st.integers(1, 60 * 24 * 3).map(lambda minutes: timedelta(minutes=-minutes)),
    ),
    max_size=40,
)
Identity = tuple[object, datetime, object]


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple[timedelta, str, Decimal]]:
    """Steps of the clock, each with what happens to the card then."""
    moves = st.sampled_from(["nothing", "renew", "use", "top_up", "read", "label"])
    return [(step, draw(moves), draw(money)) for step in draw(steps)]


def happen(card: Card, what: str, amount: Decimal, policy: Policy, now: datetime) -> Card:
    today = almaty_day(now)
    if what == "renew":
        return renew(card, Renewal(on=today, period=days(30)))
    if what == "use":
        return use(card, today)
    if what == "top_up":
        return top_up(card, amount, today, policy, now)
    if what == "read":
        return read_balance(card, amount, now, policy)
    return correct(card, {"label": "Mother"}, policy, now) if what == "label" else card


@settings(max_examples=150, deadline=None)
@given(told, policies, happenings())
def test_nothing_is_told_twice_and_nothing_due_stays_silent(
    told: dict[str, object], policy: Policy, walk: list[tuple[timedelta, str, Decimal]]
) -> None:
    now = START
    card = register(told, policy, now)
    marks: list[Mark] = []
    identities: set[Identity] = set()
    for step, what, amount in walk:
        now += step
        card = happen(card, what, amount, policy, now)
        reminders = due(card, policy, marks, now)
        kinds = [one.deadline.kind for one in reminders]
        assert len(kinds) == len(set(kinds))
        for one in reminders:
            assert one.at <= now
            identity = (one.deadline.kind, one.deadline.at, one.lead)
            assert identity not in identities
            identities.add(identity)
            marks.append(marked(one, now))
        assert not due(card, policy, marks, now)
        wake_at = next_wake(card, policy, marks, now)
        assert wake_at is None or wake_at > now
        state_of(card, policy, now)


@settings(max_examples=100, deadline=None)
@given(told, policies, st.integers(0, 20 * 24))
def test_between_two_wakes_there_is_nothing_to_tell(
    told: dict[str, object], policy: Policy, hours: int
) -> None:
    card = register(told, policy, START)
    now = START + timedelta(hours=hours)
    marks = [marked(one, now) for one in due(card, policy, (), now)]
    wake_at = next_wake(card, policy, marks, now)
    until = wake_at or now + timedelta(days=400)
    for part in range(1, 20):
        assert not due(card, policy, marks, now + (until - now) * part / 20)


@settings(max_examples=40, deadline=None)
@given(told, policies)
def test_what_is_foreseen_is_what_hourly_passes_tell(
    told: dict[str, object], policy: Policy
) -> None:
    card = register(told, policy, START)
    until = START + timedelta(days=60)
    foreseen = [
        (instant, [(one.deadline.kind, one.lead) for one in reminders])
        for instant, reminders in upcoming(card, policy, (), START, until)
    ]
    marks: list[Mark] = []
    passed = []
    now = START
    while now <= until:
        for one in due(card, policy, marks, now):
            passed.append((one.deadline.kind, one.lead))
            marks.append(marked(one, now))
        now += timedelta(minutes=30)
    assert [told for _, message in foreseen for told in message] == passed
    assert [instant for instant, _ in foreseen] == sorted(instant for instant, _ in foreseen)


@settings(max_examples=100, deadline=None)
@given(told, policies, st.integers(8, 4000))
def test_a_mark_from_a_wrong_year_silences_nothing(
    told: dict[str, object], policy: Policy, ahead: int
) -> None:
    card = register(told, policy, START)
    reminders = due(card, policy, (), START)
    wrong = [marked(one, START + timedelta(days=ahead)) for one in reminders]
    right = [marked(one, START + timedelta(days=7)) for one in reminders]
    assert due(card, policy, wrong, START) == reminders
    assert not due(card, policy, right, START)
