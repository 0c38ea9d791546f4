"""Each due card is given to one pass at a time, and what was told is remembered, come what may."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from kzreminder.core.card import Card
from kzreminder.core.deadlines import Deadline, DeadlineKind
from kzreminder.core.moves import archive
from kzreminder.core.reminder import Mark, Reminder
from kzreminder.core.zone import end_of_day
from kzreminder.storage.claimed import Claimed
from kzreminder.storage.delivery import LEASE, Attention, Awaits
from kzreminder.storage.messages import CHUNK, Sent
from kzreminder.storage.notes import Absence
from kzreminder.storage.store import Store
from tests.storage.conftest import ON_BOTH
from tests.storage.samples import NOW, TARGET, TODAY, a_card, a_reminder, a_store, add_all

SECOND = timedelta(seconds=1)
TOMORROW = NOW + timedelta(days=1)


def told(*reminders: Reminder, number: int = 7, error: str | None = None, attempt: int = 1) -> Sent:
    is_digest = len({reminder.card.id for reminder in reminders}) > 1
    shown = None if error else number
    server = None if error else "bus :1.1 :1.2"
    return Sent(
        TARGET, "a title", "a body", reminders, is_digest, attempt, shown, server, error=error
    )


def confirm(store: Store, sent: Sent, token: str, now: datetime, wake_at: datetime | None) -> None:
    message_id = store.toasts.shown(sent, now)
    store.delivery.confirm(message_id, sent, put_back(wake_at, *sent.card_ids), token, now)


def fail(store: Store, sent: Sent, token: str, now: datetime, wake_at: datetime | None) -> None:
    done = [Attention(one, wake_at, None, attempts=sent.attempt) for one in sent.card_ids]
    store.delivery.fail(sent, done, token, now)


def put_back(wake_at: datetime | None, *card_ids: int) -> list[Attention]:
    return [Attention(card_id, wake_at, None) for card_id in card_ids]


def claim(store: Store, token: str = "t", now: datetime = NOW, limit: int = 100) -> list[Claimed]:
    claimed = store.delivery.claim(token, now, limit)
    return [one for one in claimed if isinstance(one, Claimed)]


def edit(store: Store, card: Card, now: datetime) -> Card:
    return store.change(card.id, "edited", lambda one: replace(one, note="changed"), now)


# What it costs


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    found: list[str] = []

    def note(*call: Any) -> None:
        found.append(call[2])

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def test_a_quiet_pass_and_a_press_read_no_table_through(tmp_path: Path, asked: list[str]) -> None:
    store = a_store(tmp_path)
    asked.clear()
    delivery, toasts = store.delivery, store.toasts
    delivery.begin_pass(NOW, list(Awaits))
    toasts.reopen(TARGET, lambda _: False, lambda _: False, NOW)
    claim(store)
    delivery.free(lambda _: True, NOW)
    delivery.release("t", NOW)
    toasts.unconfirmed(TARGET, None)
    toasts.stale(TARGET)
    toasts.taken_away([1])
    toasts.closed(TARGET, 7, lambda _: True, by_person=True)
    delivery.next_wake_at()
    with closing(sqlite3.connect(tmp_path / "cards.db")) as connection:
        for statement in asked:
            unknown = [None] * statement.count("?")
            plan = connection.execute(f"explain query plan {statement}", unknown).fetchall()
            assert [step for *_, step in plan if step.startswith("SCAN")] == [], statement
    store.close()


# Claiming


@ON_BOTH
def test_a_claimed_card_is_given_to_nobody_else_until_its_lease_ends(store: Store) -> None:
    card = store.add(a_card(), NOW)
    [claimed] = claim(store, "one")
    assert claimed.card == card
    assert (claimed.marks, claimed.attempts) == ((), 0)
    assert claim(store, "two") == []
    assert store.delivery.next_wake_at() == NOW + LEASE
    assert claim(store, "two", NOW + LEASE - SECOND) == []
    assert [one.card for one in claim(store, "two", NOW + LEASE)] == [card]


@ON_BOTH
def test_only_cards_whose_time_has_come_are_claimed_the_longest_waiting_first(store: Store) -> None:
    for minutes, label in ((3, "third"), (1, "first"), (2, "second"), (9, "not yet")):
        store.add(a_card(label), NOW + timedelta(minutes=minutes))
    gone = store.add(a_card("archived"), NOW)
    store.change(gone.id, "archived", archive, NOW)
    now = NOW + timedelta(minutes=5)
    first = claim(store, now=now, limit=2)
    assert {one.card.label for one in first} == {"first", "second"}
    assert [one.card.label for one in claim(store, now=now, limit=2)] == ["third"]
    assert claim(store, now=now) == []


def test_two_claimers_at_once_never_get_the_same_card(tmp_path: Path) -> None:
    stores = [a_store(tmp_path) for _ in range(3)]
    for number in range(90):
        stores[0].add(a_card(f"card {number}"), NOW)
    got: dict[int, list[int]] = {0: [], 1: [], 2: []}
    start = threading.Barrier(3)

    def take_all(mine: int) -> None:
        start.wait()
        while claimed := stores[mine].delivery.claim(f"token {mine}", NOW, 7):
            got[mine] += [one.card_id for one in claimed]

    threads = [threading.Thread(target=take_all, args=(mine,)) for mine in got]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = [card_id for ids in got.values() for card_id in ids]
    assert sorted(every) == list(range(1, 91))
    for store in stores:
        store.close()


@ON_BOTH
def test_a_release_gives_back_what_is_still_held_and_nothing_else(store: Store) -> None:
    mine, settled, theirs = (store.add(a_card(label), NOW) for label in ("a", "b", "c"))
    assert len(claim(store, "mine", limit=2)) == 2
    assert len(claim(store, "theirs")) == 1
    store.delivery.settle(put_back(TOMORROW, settled.id), "mine")
    store.delivery.release("mine", NOW)
    assert [one.card.id for one in claim(store, "again")] == [mine.id]
    assert {one.card.id for one in claim(store, "later", NOW + LEASE)} == {mine.id, theirs.id}
    assert {one.card.id for one in claim(store, "then", TOMORROW)} >= {settled.id}


# Confirming


@ON_BOTH
def test_what_was_told_is_recorded_with_its_marks(store: Store) -> None:
    card = store.add(a_card(), NOW)
    claim(store)
    reminder = a_reminder(card)
    confirm(store, told(reminder), "t", NOW, TOMORROW)
    [mark] = store.marks_of([card.id])[card.id]
    assert mark == Mark(DeadlineKind.PLAN, reminder.deadline.at, reminder.lead, NOW, TARGET)
    message, added = sorted(store.history(card.id), key=lambda entry: entry.kind != "message")
    assert added.fields["what"] == "added"
    assert message.fields["outcome"] == "accepted"
    assert message.fields["notification_id"] == 7
    assert [one["lead"] for one in message.fields["reminders"]] == ["1d"]
    assert store.delivery.next_wake_at() == TOMORROW


@ON_BOTH
def test_a_claimed_card_comes_with_what_was_told_of_it_anywhere(store: Store) -> None:
    card = store.add(a_card(), NOW)
    claim(store)
    confirm(store, told(a_reminder(card)), "t", NOW, NOW)
    [again] = claim(store)
    confirm(store, replace(told(a_reminder(card)), target="push:mum"), "t", NOW, NOW)
    [again] = claim(store)
    assert [mark.target for mark in again.marks] == [TARGET, "push:mum"]


@ON_BOTH
def test_a_change_between_claim_and_confirm_keeps_its_own_time(store: Store) -> None:
    card = store.add(a_card(), NOW)
    claim(store)
    assert store.delivery.still_ours([card.id], "t") == {card.id}
    changed = edit(store, card, NOW + SECOND)
    assert store.delivery.still_ours([card.id], "t") == set()
    confirm(store, told(a_reminder(card)), "t", NOW + 2 * SECOND, TOMORROW)
    assert store.delivery.next_wake_at() == NOW + SECOND, "the renewal is looked at, not forgotten"
    assert store.cards() == [changed]
    assert len(store.marks_of([card.id])[card.id]) == 1, "it was shown all the same"


@ON_BOTH
def test_a_lost_lease_hides_no_mark_and_leaves_the_new_lease_alone(store: Store) -> None:
    card = store.add(a_card(), NOW)
    claim(store, "slow")
    later = NOW + LEASE
    claim(store, "quick", later)
    confirm(store, told(a_reminder(card)), "slow", later, TOMORROW)
    assert store.delivery.next_wake_at() == later + LEASE
    assert len(store.marks_of([card.id])[card.id]) == 1
    store.delivery.release("slow", later)
    assert store.delivery.next_wake_at() == later + LEASE


@ON_BOTH
def test_a_card_removed_between_claim_and_confirm_leaves_nothing_behind(store: Store) -> None:
    card = store.add(a_card(), NOW)
    claim(store)
    store.remove(card.id)
    confirm(store, told(a_reminder(card)), "t", NOW, TOMORROW)
    fail(store, told(a_reminder(card), error="no"), "t", NOW, TOMORROW)
    assert store.history() == []
    assert store.delivery.next_wake_at() is None


@ON_BOTH
def test_a_digest_forgets_the_one_card_that_was_removed(store: Store) -> None:
    cards = [store.add(a_card(label), NOW) for label in "abc"]
    claim(store)
    store.remove(cards[1].id)
    confirm(store, told(*map(a_reminder, cards)), "t", NOW, TOMORROW)
    [message] = [entry for entry in store.history() if entry.kind == "message"]
    assert message.card_id is None
    assert [one["card"] for one in message.fields["reminders"]] == [1, 3]
    assert [entry.kind for entry in store.history(2)] == []
    [mine] = [entry for entry in store.history(3) if entry.kind == "message"]
    assert [one["card"] for one in mine.fields["reminders"]] == [3]


@ON_BOTH
def test_one_reminder_told_twice_has_two_messages_and_one_mark(store: Store) -> None:
    card = store.add(a_card(), NOW)
    for number in (7, 8):
        claim(store, now=NOW)
        confirm(store, told(a_reminder(card), number=number), "t", NOW, NOW)
    assert len(store.marks_of([card.id])[card.id]) == 1
    assert len([entry for entry in store.history() if entry.kind == "message"]) == 2


@ON_BOTH
def test_a_digest_of_many_cards_is_recorded_whole(store: Store) -> None:
    """More cards than one statement takes ids."""
    add_all(store, [a_card(f"card {number}") for number in range(CHUNK + 1)], NOW)
    cards = store.cards()
    assert len(claim(store, limit=5000)) == len(cards)
    confirm(store, told(*map(a_reminder, cards)), "t", NOW, TOMORROW)
    marks = store.marks_of([card.id for card in cards])
    assert len(marks) == len(cards)
    assert store.delivery.next_wake_at() == TOMORROW
    assert claim(store) == []


# Failing


@ON_BOTH
def test_a_failed_message_is_recorded_silences_nothing_and_counts(store: Store) -> None:
    card = store.add(a_card(), NOW)
    for attempt in (1, 2, 3):
        [claimed] = claim(store)
        assert claimed.attempts == attempt - 1
        assert claimed.marks == ()
        failed = told(a_reminder(card), error="no server", attempt=attempt)
        fail(store, failed, "t", NOW, NOW)
    assert store.delivery.undelivered(NOW, is_away=False) == 1
    claim(store)
    confirm(store, told(a_reminder(card)), "t", NOW, NOW)
    assert claim(store)[0].attempts == 0
    assert store.delivery.undelivered(NOW, is_away=False) == 0
    outcomes = [one.fields["outcome"] for one in store.history() if one.kind == "message"]
    assert sorted(outcomes) == ["accepted", "failed", "failed", "failed"]


@ON_BOTH
def test_cards_with_nothing_to_tell_have_nothing_undelivered(store: Store) -> None:
    card = store.add(a_card(), NOW)
    claim(store)
    fail(store, told(a_reminder(card), error="no"), "t", NOW, NOW)
    claim(store)
    store.delivery.settle(put_back(NOW, card.id), "t")
    assert claim(store)[0].attempts == 0


@ON_BOTH
def test_a_target_that_is_away_is_remembered_until_it_is_back(store: Store) -> None:
    absence = Absence(NOW.isoformat(), 3, TOMORROW.isoformat(), "no bus", was_there=False)
    assert store.notes.absence(TARGET) is None
    store.notes.note_absence(TARGET, absence)
    assert store.notes.absence(TARGET) == absence
    assert store.notes.absence("desktop:other") is None
    store.add(a_card(), NOW)
    assert store.delivery.undelivered(NOW, is_away=True) == 1
    store.notes.note_absence(TARGET, None)
    assert store.notes.absence(TARGET) is None


# A clock that was wrong


@pytest.mark.parametrize(
    ("ahead", "is_believed"),
    [
        (timedelta(days=7), True),
        (timedelta(days=7, seconds=1), False),
        (timedelta(days=365), False),
        (timedelta(days=-365), True),
    ],
)
@ON_BOTH
def test_a_mark_of_a_wrong_year_is_not_believed(
    store: Store, ahead: timedelta, is_believed: bool
) -> None:
    card = store.add(a_card(), NOW)
    claim(store)
    confirm(store, told(a_reminder(card)), "t", NOW + ahead, NOW)
    claim(store)
    confirm(store, told(a_reminder(card)), "t", NOW, NOW)
    marks = store.marks_of([card.id])[card.id]
    assert len(marks) == 1, "told again where the mark was not believed, else the same mark"
    assert marks[0].told_at == (NOW + ahead if is_believed else NOW)


@ON_BOTH
def test_two_deadlines_on_one_day_have_a_mark_each(store: Store) -> None:
    card = store.add(a_card(), NOW)
    claim(store)
    at = end_of_day(TODAY)
    kinds = (DeadlineKind.PLAN, DeadlineKind.IDLE, DeadlineKind.DEVICE)
    reminders = [a_reminder(card, 0, deadline=Deadline(kind, at)) for kind in kinds]
    confirm(store, told(*reminders), "t", NOW, None)
    assert {mark.kind for mark in store.marks_of([card.id])[card.id]} == set(kinds)
