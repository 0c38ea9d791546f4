"""A database on a server: many ask it at once, by its clock, and it goes and comes back."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from kzreminder import clock, places
from kzreminder.core.card import Card
from kzreminder.core.moves import top_up
from kzreminder.errors import AlreadyExists, CardNotFound, StorageFault
from kzreminder.storage.delivery import LEASE, Attention, Awaits
from kzreminder.storage.listening import Listener
from kzreminder.storage.services import ALIVE
from kzreminder.storage.store import Store
from kzreminder.storage.tables import SCHEMA
from kzreminder.storage.wanted import Wanted
from tests.postgres import ON_POSTGRES, Server
from tests.storage.samples import (
    NOW,
    POLICY,
    TARGET,
    TODAY,
    a_card,
    a_member,
    a_reminder,
    add_all,
    full_card,
)
from tests.storage.test_delivery import told

pytestmark = ON_POSTGRES
OLD = Path(__file__).with_name("old") / "schema_3.sql"
COLUMNS = """
    select table_name, column_name, data_type, is_nullable, column_default
    from information_schema.columns where table_schema = 'public' order by 1, 2
"""
INDEXES = "select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OURS = "application_name = 'kzreminder' and pid <> pg_backend_pid()"


@pytest.fixture
def url(postgres: Server) -> str:
    return postgres.database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with closing(store_at(url)) as store:
        yield store


def store_at(url: str, *watches: str) -> Store:
    return Store(url, places.make_private, watches=watches)


def now() -> datetime:
    return clock.now()


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each of them came to, a fault too, where all begin in the same moment."""
    found: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def work(mine: int) -> None:
        start.wait()
        try:
            found[mine] = works[mine]()
        except Exception as fault:  # noqa: BLE001 - told to the test's own thread
            found[mine] = fault

    threads = [threading.Thread(target=work, args=(mine,)) for mine in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


# Setting up, and bringing up to date


def test_four_that_set_up_one_database_at_once_share_it(url: str) -> None:
    def register(number: int) -> int:
        with closing(store_at(url)) as store:
            return store.add(a_card(f"Card {number}"), NOW).id

    assert sorted(at_once([partial(register, one) for one in range(4)])) == [1, 2, 3, 4]


def test_a_database_of_another_program_is_left_alone(postgres: Server, url: str) -> None:
    postgres.ask(url, "create table theirs (id int)")
    with pytest.raises(StorageFault, match="another program"):
        store_at(url)
    assert postgres.ask(url, "select count(*) from pg_tables where schemaname = 'public'") == [(1,)]


def test_an_old_database_is_brought_up_once_however_many_begin(postgres: Server, url: str) -> None:
    postgres.ask(url, OLD.read_text(encoding="utf-8"))

    def cards() -> list[Card]:
        with closing(store_at(url)) as store:
            return store.cards(archived=True)

    first, second = at_once([cards, cards])
    assert first == second
    by_label = {card.label: card for card in first}
    assert set(by_label) == {"Mum", "Office", "Мама 妈妈", "Held", "Old"}
    assert by_label["Mum"].plan.last_good_on == date(2026, 12, 22)
    assert by_label["Mum"].plan.price == Decimal(4990)
    assert by_label["Office"].tags == ("bank", "abroad")
    assert (by_label["Office"].targets, by_label["Office"].watcher) == ((), None)
    assert postgres.ask(url, "select value from meta where key = 'schema'") == [(str(SCHEMA),)]
    assert postgres.ask(url, "select label from cards where awaits = 'somebody'") == [("Held",)]
    assert postgres.ask(url, "select count(*) from events") == [(10,)]
    new = postgres.database()
    store_at(new).close()
    for query in (COLUMNS, INDEXES):
        assert postgres.ask(url, query) == postgres.ask(new, query), "as one that is new"
    with closing(store_at(url)) as store:
        _, what = store.undo(by_label["Mum"].id, NOW)
        assert what == "edited"
        assert store.add(a_card("New"), NOW).id == 6


def test_a_newer_database_is_refused_and_unchanged(postgres: Server, url: str) -> None:
    store_at(url).close()
    postgres.ask(url, "update meta set value = '99' where key = 'schema'")
    with pytest.raises(StorageFault, match="newer kzreminder"):
        store_at(url)


# Claims, and the clock that they go by


def test_claimers_at_once_get_each_card_once(url: str, store: Store) -> None:
    add_all(store, [a_card(f"Card {number}") for number in range(300)], NOW)
    others = [store_at(url) for _ in range(4)]

    def take_all(mine: int) -> list[int]:
        found: list[int] = []
        while claimed := others[mine].delivery.claim(f"token {mine}", now(), 7):
            assert len(claimed) <= 7
            found += [one.card_id for one in claimed]
        return found

    taken = at_once([partial(take_all, mine) for mine in range(4)])
    assert sorted(one for found in taken for one in found) == list(range(1, 301))
    for other in others:
        other.close()


@pytest.mark.parametrize("wrong", [-HOUR, HOUR, timedelta(days=400)])
def test_nobody_with_a_wrong_clock_takes_what_is_held(store: Store, wrong: timedelta) -> None:
    store.add(a_card(), NOW)
    assert len(store.delivery.claim("right", now(), 9)) == 1
    assert store.delivery.claim("wrong", now() + wrong, 9) == []
    store.delivery.renew_lease("right", now() + wrong)
    ends_at = store.delivery.next_wake_at()
    assert ends_at is not None
    assert abs(ends_at - now() - LEASE) < timedelta(seconds=30), "by the clock of the server"


def test_a_lease_that_has_ended_by_the_servers_clock_is_over(postgres: Server, url: str) -> None:
    with closing(store_at(url)) as store:
        store.add(a_card(), NOW)
        store.delivery.claim("frozen", now(), 9)
        postgres.ask(url, "update cards set wake_at = wake_at - 121000000")
        assert len(store.delivery.claim("next", now(), 9)) == 1
        assert store.delivery.still_ours([1], "frozen") == set()


def test_a_card_with_a_watcher_is_claimed_by_who_bears_the_name(url: str, store: Store) -> None:
    for watcher in (None, "almaty", "astana"):
        store.add(replace(a_card(str(watcher)), watcher=watcher), NOW)
    with closing(store_at(url, "almaty", "nobody")) as theirs:
        assert theirs.delivery.next_wake_at() is not None
        assert [one.card_id for one in theirs.delivery.claim("a", now(), 9)] == [1, 2]
        assert theirs.delivery.claim("a", now(), 9) == []
    assert store.delivery.claim("b", now(), 9) == [], "what is watched by others is not ours"
    assert store.services.watchers() == {None: 1, "almaty": 1, "astana": 1}


@pytest.mark.parametrize("behind", [timedelta(0), HOUR, -HOUR])
def test_what_a_pass_wakes_it_can_claim(store: Store, behind: timedelta) -> None:
    """The time of the server goes on while it works, and is another one than ours."""
    begun = now() - behind
    ids = [store.add(a_card(f"Card {one}"), NOW).id for one in range(3)]
    later, version = NOW + timedelta(days=999), store.card(1).version

    def wait(awaits: Awaits | None) -> None:
        store.delivery.free(lambda _: True, begun)
        rows = [(Attention(one, later, None, awaits), version) for one in ids]
        store.replanning.keep(rows, "f", 3, begun)

    wait(Awaits.DESKTOP)
    store.delivery.begin_pass(begun, [Awaits.DESKTOP])
    assert len(store.delivery.claim("a", begun, 9)) == 3
    wait(Awaits.REPLAN)
    store.replanning.end("f", begun)
    assert len(store.delivery.claim("b", begun, 9)) == 3
    wait(None)
    assert store.delivery.claim("c", begun, 9) == []


# Two at once


def test_of_changes_at_once_none_is_lost(url: str, store: Store) -> None:
    card = store.add(a_card(balance=Decimal(0)), NOW)
    paid = partial(top_up, amount=Decimal(100), on=TODAY, policy=POLICY, now=NOW)
    stores = [store_at(url) for _ in range(3)]
    works = [partial(one.change, card.id, "topped_up", paid, NOW) for one in stores]
    at_once(works * 4)
    assert store.card(card.id).balance.amount == Decimal(1200)
    for one in stores:
        one.close()


def test_of_two_that_take_one_label_at_once_one_is_told(url: str, store: Store) -> None:
    with closing(store_at(url)) as other:
        for number in range(5):
            card = a_card(f"Mum {number}")
            results = at_once([partial(one.add, card, NOW) for one in (store, other)])
            assert [type(one) for one in results if isinstance(one, Exception)] == [AlreadyExists]


def test_a_card_is_changed_renamed_and_confirmed_by_many_at_once(url: str, store: Store) -> None:
    """Whoever waits for whom: nobody waits for ever, and nobody is told of a deadlock."""
    cards = [store.add(a_card(f"Card {number}"), NOW) for number in range(6)]
    ids = [card.id for card in cards]
    stores = [store_at(url) for _ in range(4)]

    def edit(mine: Store, order: int) -> None:
        for number in range(5):
            note = f"{number}"
            mine.change_all(ids[::order], "edited", lambda one: replace(one, note=note), NOW)  # noqa: B023

    def tell(mine: Store, token: str) -> None:
        for _ in range(5):
            sent = told(*map(a_reminder, cards))
            message_id = mine.toasts.shown(sent, NOW)
            done = [Attention(one, NOW, None) for one in reversed(ids)]
            mine.delivery.confirm(message_id, sent, done, token, NOW)

    works = [partial(edit, stores[0], 1), partial(edit, stores[1], -1)]
    works += [partial(tell, one, f"t {at}") for at, one in enumerate(stores[2:])]
    assert at_once(works) == [None] * 4
    assert store.card(1).version == 11
    for one in stores:
        one.close()


def test_whoever_takes_many_cards_takes_them_in_the_order_of_all(url: str, store: Store) -> None:
    """They do not lie in that order: those that were changed lie at the end."""
    ids = [store.add(a_card(f"Card {number}"), NOW).id for number in range(40)]
    for card_id in reversed(ids):
        store.change(card_id, "edited", lambda one: replace(one, note="moved"), NOW)
    reminders = [a_reminder(card) for card in store.cards()]
    stores = [store_at(url) for _ in range(5)]

    def edit(mine: Store, order: int) -> None:
        mine.change_all(ids[::order], "edited", lambda one: replace(one, note="again"), NOW)

    def hold_and_let_go(mine: Store, token: str) -> None:
        mine.delivery.claim(token, now(), 40, token)
        mine.delivery.renew_lease(token, now())
        mine.delivery.free(lambda owner: owner == token, now())
        mine.delivery.claim(token, now(), 40, token)
        mine.delivery.settle([Attention(one, NOW, None) for one in reversed(ids)], token)
        mine.delivery.release(token, now())

    def plan(mine: Store) -> None:
        rows = [(Attention(one, NOW, None, Awaits.REPLAN), 9) for one in reversed(ids)]
        mine.replanning.keep(rows, "f", 40, now())
        mine.replanning.end("f", now())

    def lose(mine: Store) -> None:
        message_id = mine.toasts.shown(told(*reversed(reminders)), NOW)
        mine.delivery.confirm(message_id, told(*reversed(reminders)), [], "", NOW)
        mine.toasts.reopen(TARGET, lambda _: False, lambda _: False, NOW)

    def often(work: Callable[[], None]) -> None:
        for _ in range(8):
            work()

    works = [partial(edit, stores[0], 1), partial(edit, stores[1], -1), partial(plan, stores[2])]
    works += [partial(hold_and_let_go, stores[3], "t"), partial(lose, stores[4])]
    assert at_once([partial(often, work) for work in works]) == [None] * 5
    for one in stores:
        one.close()


def test_a_card_that_is_removed_while_it_is_told_of_is_no_fault(url: str, store: Store) -> None:
    with closing(store_at(url)) as other:
        for number in range(6):
            card = store.add(a_card(f"Card {number}"), NOW)
            sent = told(a_reminder(card))

            def confirm(sent: Any = sent) -> None:
                message_id = store.toasts.shown(sent, NOW)
                store.delivery.confirm(message_id, sent, [], "t", NOW)

            assert at_once([confirm, partial(other.remove, card.id)]) == [None, None]
    assert [one for one in store.history() if one.fields.get("reminders", one)] == []


# Machines that plan all anew


def plans(mine: Store, fingerprint: str) -> bool:
    """Whether a pass of its own plans all anew, with what is known there."""
    if not mine.replanning.is_needed(fingerprint, now()):
        return False
    mine.replanning.begin(fingerprint)
    mine.replanning.end(fingerprint, now())
    return True


def test_what_another_machine_has_planned_is_believed_as_long_as_it_holds(url: str) -> None:
    a, b = (Store(url, places.make_private, host=host) for host in "ab")
    for host in "ab":
        a.services.join(a_member(host), now())
    assert plans(a, "1")
    assert not plans(b, "1"), "it has been done"
    assert plans(a, "2")
    assert not plans(b, "1"), "where each knows other facts they do it once, not in turns"
    assert not plans(a, "2")
    assert plans(b, "3"), "its own have changed"
    assert plans(b, "1")
    b.services.leave("b:7")
    assert plans(a, "2"), "the one that knew others has gone"
    assert plans(a, "1"), "what the other one noted once is long not true"
    a.services.join(a_member("b"), now())
    assert not plans(b, "1")
    a.replanning.begin("2")
    assert a.replanning.is_needed("1", now()), "half of them are planned for another"
    a.close()
    b.close()


def test_the_notes_of_machines_that_are_heard_of_no_more_are_dropped(
    postgres: Server, url: str
) -> None:
    begun = {"old": now() - 8 * DAY, "off": now() - 6 * DAY, "new": now(), "slow": now() - 9 * DAY}
    for host, at in begun.items():
        with closing(Store(url, places.make_private, host=host)) as one:
            one.delivery.begin_pass(at, ())
            one.notes.remember("away:push:dad", "{}")
            one.notes.remember("fingerprint", "1")
            if host == "slow":  # its clock is: it lives
                one.services.join(a_member(host), now())
    with closing(store_at(url)) as store:
        store.services.join(a_member("new"), now())
    keys = "select distinct split_part(key, '@', 2) from meta where key like '%@%' order by 1"
    assert postgres.ask(url, keys) == [("new",), ("off",), ("slow",)]


# News


@contextmanager
def heard(url: str) -> Iterator[threading.Event]:
    """Set when something is heard; from when the listener listens."""
    news = threading.Event()
    listener = Listener(url, news.set)
    listener.start()
    assert news.wait(10)
    news.clear()
    yield news
    listener.close()
    assert listener._thread is not None
    listener._thread.join(5)
    assert not listener._thread.is_alive()


def test_each_change_is_heard_within_a_second(url: str, store: Store) -> None:
    with heard(url) as news:
        card = store.add(a_card(), NOW)
        for change in (
            lambda: store.change(card.id, "edited", lambda one: replace(one, note="x"), NOW),
            lambda: store.undo(card.id, NOW),
            lambda: add_all(store, [a_card("Dad")], NOW),
            lambda: store.remove(card.id),
        ):
            assert news.wait(1)
            news.clear()
            change()
        assert news.wait(1)


def test_after_the_server_was_away_all_goes_on_by_itself(
    postgres: Server, url: str, store: Store
) -> None:
    card = store.add(a_card(), NOW)
    calls: list[Callable[[], object]] = [
        store.cards,
        store.count,
        lambda: store.find("Mum"),
        lambda: store.add(a_card("Dad"), NOW),
        lambda: store.change(card.id, "edited", lambda one: one, NOW),
        lambda: store.undo(card.id, NOW),
        lambda: store.remove(card.id),
        lambda: add_all(store, [full_card()], NOW),
        store.history,
        lambda: list(store.surveys.living(Wanted())),
        lambda: store.delivery.begin_pass(NOW, ()),
        lambda: store.delivery.claim("t", NOW, 9),
        lambda: store.delivery.release("t", NOW),
        store.delivery.next_wake_at,
        lambda: store.toasts.stale("desktop:here"),
        lambda: store.notes.remember("key", "value"),
        lambda: store.replanning.step(NOW, 14),
        lambda: store.services.alive(NOW),
        lambda: store_at(url),
    ]
    with heard(url) as news:
        postgres.stop()
        try:
            for call in calls:
                begun = time.monotonic()
                with pytest.raises(StorageFault, match="cannot be reached") as found:
                    call()
                assert time.monotonic() - begun < 5
                assert "\n" not in str(found.value)
        finally:
            postgres.start()
        assert store.cards() == [card]
        assert news.wait(10), "what was changed meanwhile is looked for"
        news.clear()
        time.sleep(0.1)  # it has said so before it listens for the next
        store.change(card.id, "edited", lambda one: replace(one, note="x"), NOW)
        assert news.wait(1)


def test_a_connection_that_is_ended_within_a_change_takes_it_back(
    postgres: Server, url: str, store: Store
) -> None:
    card = store.add(a_card(), NOW)

    def cut(one: Card) -> Card:
        postgres.ask(url, f"select pg_terminate_backend(pid) from pg_stat_activity where {OURS}")
        return replace(one, note="half")

    with pytest.raises(StorageFault, match="cannot be reached"):
        store.change(card.id, "edited", cut, NOW)
    assert store.card(card.id) == card
    assert len(store.history()) == 1
    store.change(card.id, "edited", lambda one: replace(one, note="whole"), NOW)
    assert store.card(card.id).note == "whole"


def test_whoever_holds_a_card_for_long_is_said_to_lock_it(
    postgres: Server, url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kzreminder.storage.engine.SESSION", "set lock_timeout = '200ms'")
    card = store.add(a_card(), NOW)
    with closing(store_at(url)) as other:

        def while_held(one: Card) -> Card:
            with pytest.raises(StorageFault, match="is locked by another program"):
                other.remove(card.id)
            assert other.delivery.claim("t", now(), 9) == [], "that waits for nobody"
            other.delivery.begin_pass(now(), ())
            return one

        store.change(card.id, "edited", while_held, NOW)


# What is kept


def test_every_kind_of_value_comes_back_as_it_was(url: str) -> None:
    store = store_at(url, "алматы")
    long_ago = datetime(1899, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    card = replace(
        full_card(),
        registered_at=long_ago,
        paid_on=date(1, 1, 1),
        targets=("a", "b"),
        watcher="алматы",
        note="two\nlines \\ % ' \U0001f9d3",
    )
    added = store.add(card, NOW)
    assert store.card(added.id) == replace(card, id=added.id)
    [found] = store.delivery.claim("t", now(), 9)
    assert getattr(found, "card", None) == store.card(added.id)
    store.delivery.settle([Attention(added.id, long_ago, datetime(9999, 12, 31, tzinfo=UTC))], "t")
    assert store.delivery.next_wake_at() == long_ago
    assert store.find("+7 701 123 45 67").label == card.label
    with pytest.raises(CardNotFound):
        store.find("a\0b")
    store.close()


def test_what_the_server_does_not_take_stands_in_no_error(store: Store) -> None:
    """An error that is a bug is logged whole."""
    with pytest.raises(IntegrityError) as refused:
        store.add(replace(full_card(), label=""), NOW)
    assert "label_not_empty" in str(refused.value)
    logged = "".join(traceback.format_exception(refused.value))
    assert "7011234567" not in logged


def test_many_are_registered_at_once_or_none(postgres: Server, url: str, store: Store) -> None:
    many = [a_card(f"Card {number}", note="x" * 20) for number in range(2000)]
    store.add(a_card("Card 1999"), NOW)
    with pytest.raises(AlreadyExists):
        add_all(store, many, NOW)
    assert store.count() == 1
    store.remove(1)
    assert add_all(store, many, NOW) == 2000
    assert [card.label for card in store.cards()] == [card.label for card in many]
    begun = "select count(distinct card_id), min(what), max(what) from events"
    assert postgres.ask(url, begun) == [(2000, "added", "added")]
    temporary = "select count(*) from pg_class where relname = 'incoming'"
    assert postgres.ask(url, temporary) == [(0,)]


def test_a_service_that_stood_still_is_not_counted(postgres: Server, url: str) -> None:
    with closing(store_at(url)) as store:
        store.services.join(a_member("here"), now())
        store.services.join(a_member("there"), now() + HOUR)
        assert [one.host for one in store.services.alive(NOW)] == ["here", "there"]
        ago = int(ALIVE.total_seconds() + 1) * 1_000_000
        postgres.ask(url, f"update services set seen_at = seen_at - {ago} where host = 'there'")
        assert [one.host for one in store.services.alive(NOW)] == ["here"]
        store.services.join(a_member("there"), now())
        assert [one.host for one in store.services.alive(NOW)] == ["here", "there"]
