"""What is written as CSV is read back as the same cards."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kzreminder.core.card import Card, Kind
from kzreminder.core.correcting import Told, register
from kzreminder.core.moves import Renewal, archive, read_balance, renew, top_up, use
from kzreminder.core.period import MONTH_START, NO_PERIOD, Period, Unit, days, months
from kzreminder.core.rolling import as_of, charge_at, missing
from kzreminder.core.silence import is_muted, mute, snooze
from kzreminder.core.told_by_file import correct_told, keeps_day
from kzreminder.core.typed import (
    read_day,
    read_instant,
    read_keep_alive,
    read_label,
    read_language,
    read_money,
    read_note,
    read_period,
    read_protects,
)
from kzreminder.core.typed_leads import read_leads
from kzreminder.core.zone import almaty, almaty_day
from kzreminder.errors import BadValue
from kzreminder.exchange.batch import Batch, Row
from kzreminder.exchange.cells import CLEARED, COLUMNS
from kzreminder.exchange.csv_cards import read_cards
from kzreminder.exchange.csv_out import csv_rows, seldom_cells
from kzreminder.operators.numbers import parse_number, spaced
from tests.exchange.registrar import Registrar, whole
from tests.storage.samples import NOW, POLICY, TODAY, a_card, full_card

Reader = Callable[[str], object]
GUESSED = {"701": "kcell", "705": "beeline"}


def readers_at(now: datetime) -> dict[str, Reader]:
    today = almaty_day(now)

    def day(text: str) -> date:
        return read_day(text, today)

    return {
        "number": parse_number,
        "label": read_label,
        "operator": str,
        "plan": read_label,
        "period": read_period,
        "started": day,
        "expires": day,
        "price": read_money,
        "balance": lambda cell: read_money(cell, negative=True, zero=True),
        "threshold": lambda cell: read_money(cell, zero=True),
        "keep_alive": read_keep_alive,
        "last_used": day,
        "device_entered": day,
        "protects": read_protects,
        "leads": read_leads,
        "lang": read_language,
        "note": read_note,
        "balance_at": lambda cell: read_instant(cell, now, almaty()),
    }


class At(Registrar):
    """As `add` makes it at that time: called by its number, the operator guessed from it."""

    def own(self, own: Told, told: Told) -> Told:
        own = own if "label" in own else {**own, "label": spaced(own["number"])}
        guessed = GUESSED.get((own.get("number") or "")[2:5])
        if "operator" not in told and guessed:
            own = {**own, "operator": guessed, "operator_guessed": True}
        return own


def new_card(told: Told, now: datetime) -> Card:
    registrar = At(now)
    own = {name: told[name] for name in ("label", "number", "note") if name in told}
    rest = {name: told[name] for name in told if name not in (*own, "balance")}
    card = registrar.card(rest)
    if "balance" in told:
        card = registrar.with_balance(card, told["balance"], None, estimated=False)
    return replace(card, **registrar.own(own, told))


def rows_of(text: str, now: datetime) -> tuple[Batch, list[Row]]:
    batch = Batch("cards.csv")
    stream = io.BytesIO(text.encode())
    return batch, list(read_cards(stream, batch, readers_at(now), At(now)))


def read_back(text: str, now: datetime) -> tuple[Batch, list[Card]]:
    batch, rows = rows_of(text, now)
    return batch, whole(rows)


def written(*cards: Card, now: datetime = NOW) -> str:
    tellers = seldom_cells(POLICY, now)
    seldom = [column for column in tellers if any(map(tellers[column], cards))]
    return "".join(csv_rows(cards, POLICY, now, seldom))


def cells(card: Card, now: datetime = NOW) -> dict[str, str]:
    [row] = csv.DictReader(io.StringIO(written(card, now=now)))
    return row


def said(card: Card, now: datetime) -> dict[str, Any]:
    """All that the columns say of the card, as values."""
    card = as_of(card, now)
    plan, kept = card.plan, card.keep_alive
    return {
        "number": card.number,
        "label": card.label,
        "operator": (card.operator, card.operator_guessed),
        "kind": card.kind,
        "plan": (plan.name, plan.period, plan.started_on, plan.last_good_on),
        "price": (plan.price, plan.auto_renew),
        "balance": (card.balance.amount, card.balance.threshold, card.balance.is_low),
        "reading": (to_the_second(card.balance.read_at), card.balance.estimated),
        "keeps": (keeps_day(plan), charge_at(plan), missing(card)),
        "keep_alive": (kept.period, kept.last_used_on),
        "device": card.device_entered_on,
        "protects": card.protects,
        "leads": card.leads,
        "lang": card.lang,
        "tags": card.tags,
        "note": card.note,
        "archived": card.archived,
        "mute": card.silence.muted_until if is_muted(card, now) else None,
        "is_muted": is_muted(card, now),
        "targets": card.targets,
        "watcher": card.watcher,
    }


def to_the_second(at: datetime | None) -> datetime | None:
    return at.replace(microsecond=0) if at else None


def texts(reader: Callable[[str], str], signs: str = "") -> st.SearchStrategy[str]:
    """What the reader takes, often with what a spreadsheet would run at its front."""

    def taken(text: str) -> str | None:
        try:
            return reader(text)
        except BadValue:
            return None

    first = st.sampled_from(["", "=", "'=", "''@", "-", "+", "+7 701 ", '"', ";", ", ", *signs])
    visible = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)
    found = st.builds(lambda before, rest: taken(before + rest), first, visible)
    return found.filter(bool).map(str)


MONEY = st.integers(0, 10_000_000).map(lambda tiyn: read_money(f"{tiyn / 100:.2f}", zero=True))
DAYS = st.dates(TODAY - timedelta(days=90), TODAY + timedelta(days=90))
COUNTED = st.integers(1, 120).map(days) | st.integers(1, 13).map(months)
PERIODS = COUNTED | st.sampled_from([MONTH_START, NO_PERIOD])
TAGS = st.lists(st.sampled_from(["family", "банк", "号 码", "'", '"x"', "a=1"]), unique=True)
TOLD = st.fixed_dictionaries(
    {"label": texts(read_label)},
    optional={
        "number": st.integers(0, 9_999_999).map(lambda rest: f"+7701{rest:07}"),
        "operator": st.sampled_from(["kcell", "tele2"]),
        "kind": st.sampled_from(Kind),
        "plan": texts(read_label),
        "period": PERIODS,
        "started": DAYS,
        "expires": DAYS,
        "price": MONEY.filter(bool),
        "auto_renew": st.booleans(),
        "balance": MONEY | MONEY.map(lambda amount: -amount),
        "threshold": MONEY,
        "keep_alive": COUNTED,
        "last_used": DAYS,
        "device_entered": DAYS,
        "protects": texts(read_protects),
        "leads": st.lists(st.integers(0, 365), min_size=1, max_size=6).map(
            lambda leads: tuple(sorted(set(leads), reverse=True))
        ),
        "lang": st.sampled_from(["en", "ru", "zh-Hant"]),
        "tags": TAGS.map(tuple),
        "note": texts(read_note, "\n"),
        "targets": TAGS.map(tuple),
        "watcher": st.sampled_from(["office", "=x"]),
    },
)


@st.composite
def cards(draw: st.DrawFn) -> tuple[Card, datetime]:
    """A card as it was told, and what came of it since; with the instant."""
    try:
        card, now = new_card(draw(TOLD), NOW), NOW
        for happens in draw(st.lists(st.sampled_from(HAPPENINGS), max_size=4)):
            now += timedelta(days=draw(st.integers(0, 40)), seconds=1.5)
            card = happens(card, now)
        now += timedelta(days=draw(st.integers(0, 60)))
    except BadValue:
        assume(False)
        raise
    return (archive(card) if draw(st.booleans()) else card), now


def _renewed(card: Card, now: datetime) -> Card:
    return renew(card, Renewal(almaty_day(now)), now)


def _topped_up(card: Card, now: datetime) -> Card:
    return top_up(card, Decimal("99.90"), almaty_day(now), POLICY, now)


def _used(card: Card, now: datetime) -> Card:
    return use(card, almaty_day(now))


def _read(card: Card, now: datetime) -> Card:
    return read_balance(card, Decimal(150), now, POLICY)


def _muted(card: Card, now: datetime) -> Card:
    return mute(card, almaty_day(now) + timedelta(days=20))


def _muted_for_good(card: Card, now: datetime) -> Card:
    return mute(card, None)


def _snoozed(card: Card, now: datetime) -> Card:
    return snooze(card, now + timedelta(days=9), now)


HAPPENINGS = [_renewed, _topped_up, _used, _read, _muted, _muted_for_good, _snoozed]


@settings(max_examples=150, deadline=None)
@given(cards())
def test_what_is_written_is_read_back(made: tuple[Card, datetime]) -> None:
    card, now = made
    text = written(card, now=now)
    batch, [read] = read_back(text, now)
    assert batch.faults == []
    assert said(read, now) == said(card, now)
    assert written(read, now=now) == text


@settings(max_examples=100, deadline=None)
@given(cards())
def test_what_is_written_is_no_news_of_the_card_itself(made: tuple[Card, datetime]) -> None:
    card, now = made
    _, [row] = rows_of(written(card, now=now), now)
    told = {**row.common, **row.mine}
    assert correct_told(card, told, POLICY, now + timedelta(seconds=5)) is card


def test_every_column_of_a_full_card() -> None:
    assert cells(full_card()) == {
        "number": "+77011234567",
        "label": "Мама 妈妈",
        "operator": "",
        "esim": "false",
        "plan": "Unlimited 30",
        "period": "30d",
        "started": "2026-11-21",
        "expires": "2026-12-20",
        "price": "12.50",
        "auto_renew": "true",
        "balance": "-0.01",
        "threshold": "200",
        "keep_alive": "90d",
        "last_used": "2026-11-21",
        "device_entered": "2026-11-21",
        "protects": "eGov, Kaspi",
        "leads": "7d,0d",
        "lang": "zh-Hant",
        "tags": "family|банк",
        "note": "two\nlines",
        "archived": "false",
        "balance_at": "2026-11-21T10:00:00+05:00",
    }


def test_the_header_is_that_of_import_and_stands_without_cards_too() -> None:
    assert written() == ",".join(COLUMNS) + "\n"
    assert read_back(written(), NOW) == (Batch("cards.csv"), [])


def test_a_plan_that_rolled_on_is_written_as_it_stands() -> None:
    card = a_card(period=Period(Unit.DAYS, 30), price=Decimal(100), auto_renew=True, number=None)
    later = cells(card, NOW + timedelta(days=31))
    assert (later["started"], later["expires"]) == ("2026-12-21", "2027-01-19")


def test_an_end_that_was_cleared_is_not_reckoned_anew() -> None:
    card = register({"label": "-", "expires": TODAY, "period": days(30)}, POLICY, NOW)
    cleared = register({"label": "-", "started": None, "period": days(30)}, POLICY, NOW)
    assert (cells(card)["started"], cells(cleared)["started"]) == ("", CLEARED)
    assert cells(cleared)["label"] == "'-"
    _, [read] = read_back(written(cleared), NOW)
    assert (read.label, read.plan.last_good_on) == ("-", None)
