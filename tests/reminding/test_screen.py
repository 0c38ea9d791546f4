"""What stands on the screen is kept true: lost toasts told again, a second try in the same place.

Not here: pressed buttons (test_answering).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kzreminder.channels.message import Accepted, Closed, Life, Message, TargetAway
from kzreminder.core.silence import acknowledge, mute
from kzreminder.errors import StorageFault
from kzreminder.reminding.answering import note_closed
from kzreminder.storage.delivery import LEASE, Delivery
from kzreminder.storage.toasts import Toasts
from tests.passes import House, house, leads
from tests.storage.samples import NOW, ending

__all__ = ["house"]
MINUTE = timedelta(minutes=1)
REBORN = Life("bus :1.9", ":1.2")
ASLEEP = Life("bus ", ":1.2", sleeps=True)
OTHER_EAR = Life("bus :1.1", ":1.7")
ALONE = replace(OTHER_EAR, tells_sender_only=True)


def test_a_server_that_was_started_anew_gets_its_open_reminders_again(house: House) -> None:
    house.add(ending("Mum"))
    house.tell(NOW)
    house.screen.life = REBORN
    assert leads(house.tell(NOW + MINUTE)) == [("Mum", "1d")]
    assert house.screen.shown[-1].replaces_id == 0
    assert house.tell(NOW + 2 * MINUTE).delivered == []


def test_a_server_that_only_a_message_starts_is_started_again_after_an_hour(house: House) -> None:
    house.add(ending("Mum"))
    house.tell(NOW)
    house.screen.life = ASLEEP
    assert house.tell(NOW + MINUTE).delivered == []
    assert leads(house.tell(NOW + timedelta(minutes=61))) == [("Mum", "1d")]
    assert house.tell(NOW + timedelta(minutes=62)).delivered == []


def test_a_toast_that_was_closed_starts_no_server(house: House) -> None:
    house.add(ending("Mum"))
    house.tell(NOW)
    desk = house.parts.desk(house.screen)
    note_closed(desk, Closed(house.screen.ids[0], str(house.screen.life), by_person=False))
    house.screen.life = ASLEEP
    assert house.tell(NOW + timedelta(minutes=61)).delivered == []


@pytest.mark.parametrize("by_person", [True, False])
def test_a_toast_that_was_closed_before_is_not_shown_again(house: House, by_person: bool) -> None:
    house.add(ending("Mum"))
    house.tell(NOW)
    desk = house.parts.desk(house.screen)
    note_closed(desk, Closed(house.screen.ids[0], str(house.screen.life), by_person=by_person))
    house.screen.life = REBORN
    assert house.tell(NOW + MINUTE).delivered == []


def test_what_was_silenced_or_settled_meanwhile_is_not_shown_again(house: House) -> None:
    for label in ("acked", "muted", "renewed"):
        house.add(ending(label))
    house.tell(NOW)
    store = house.store
    store.change(
        store.find("acked").id, "acknowledged", lambda card: acknowledge(card, NOW + MINUTE), NOW
    )
    store.change(store.find("muted").id, "muted", lambda card: mute(card, None), NOW)
    house.renew(store.find("renewed"), NOW)
    house.screen.life = REBORN
    assert house.tell(NOW + 2 * MINUTE).delivered == []


def test_a_server_that_comes_back_after_days_gets_what_is_true_then_and_that_once(
    house: House,
) -> None:
    house.add(ending("Mum", in_days=7))
    house.tell(NOW)
    house.screen.fault = TargetAway("logged out")
    for day in range(1, 5):
        house.tell(NOW + timedelta(days=day))
    house.screen.fault, house.screen.life = None, REBORN
    [told] = house.tell(NOW + timedelta(days=5)).delivered
    assert str(told.reminder.lead) == "3d"
    assert house.screen.titles[-1].startswith("2 days left")


def test_many_lost_toasts_come_back_as_few(house: House) -> None:
    for number in range(12):
        house.add(ending(f"Card {number}", at=NOW + number * MINUTE))
        house.tell(NOW + number * MINUTE)
    assert len(house.screen.shown) == 12
    house.screen.life = REBORN
    house.tell(NOW + timedelta(hours=1))
    assert len(house.screen.shown) == 12 + 4
    assert house.tell(NOW + timedelta(hours=2)).delivered == []


def test_on_a_server_that_tells_only_the_sender_a_restart_shows_the_toast_anew_in_its_place(
    house: House,
) -> None:
    house.add(ending("Mum"))
    house.tell(NOW)
    first = house.screen.ids[-1]
    house.restart()
    house.screen.life = ALONE
    assert leads(house.tell(NOW + MINUTE)) == [("Mum", "1d")]
    assert house.screen.ids == [first, first]
    assert house.screen.gone == []
    for minute in range(2, 50):
        assert house.tell(NOW + minute * MINUTE).delivered == []


def test_on_a_server_that_tells_all_a_restart_shows_nothing_anew(house: House) -> None:
    house.add(ending("Mum"))
    house.tell(NOW)
    house.screen.life = OTHER_EAR
    for minute in range(1, 50):
        house.restart()
        assert house.tell(NOW + minute * MINUTE).delivered == []


class Interrupted(BaseException):
    """As a killed process: nothing in the pass may catch it."""


@pytest.mark.parametrize("step", ["id stored", "not confirmed"])
@pytest.mark.parametrize("count", [1, 6])
def test_a_second_try_takes_the_place_of_what_was_shown_and_never_counted(
    house: House, monkeypatch: pytest.MonkeyPatch, step: str, count: int
) -> None:
    """Killed after the id was kept: the place is known to the next process."""
    for number in range(count):
        house.add(ending(f"Card {number}"))

    def die(*_: object, **__: object) -> None:
        raise Interrupted

    confirm = Delivery.confirm
    monkeypatch.setattr(Delivery, "confirm", die)
    with pytest.raises(Interrupted):
        house.tell(NOW)
    monkeypatch.setattr(Delivery, "confirm", confirm)
    house.restart()
    house.tell(NOW + LEASE)
    shown = min(count, 3) + (1 if count > 3 else 0)
    assert len(set(house.screen.ids)) == shown
    assert len(house.screen.ids) == shown + 1
    assert house.screen.ids[0] == house.screen.ids[1]
    assert house.screen.shown[1].replaces_id == house.screen.ids[0]
    assert house.screen.gone == []
    assert house.tell(NOW + 2 * LEASE).delivered == []


def test_a_toast_that_was_never_confirmed_and_is_not_due_any_more_is_taken_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    [card] = house.add(ending("Mum"))
    with monkeypatch.context() as patched:
        patched.setattr(Delivery, "confirm", lambda *_: (_ for _ in ()).throw(Interrupted))
        with pytest.raises(Interrupted):
            house.tell(NOW)
    house.renew(card, NOW)
    house.restart()
    assert house.tell(NOW + LEASE).delivered == []
    assert house.screen.gone == house.screen.ids


def test_what_could_not_be_recorded_is_kept_while_the_process_lives(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was shown: nothing is sent again before the database knows of it."""
    house.add(ending("Mum"))
    desk = house.parts.desk(house.screen)
    full = StorageFault("the disk is full")
    from kzreminder.reminding.passing import run_pass

    with monkeypatch.context() as patched:
        patched.setattr(Toasts, "shown", lambda *_: (_ for _ in ()).throw(full))
        for minute in range(3):
            with pytest.raises(StorageFault):
                run_pass(desk, NOW + minute * MINUTE)
    assert run_pass(desk, NOW + 3 * MINUTE).delivered == []
    assert len(house.screen.ids) == 1
    assert house.rows("select lead, believed from marks") == [("1d", 1)]


def test_a_dead_passs_cards_are_free_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from kzreminder.reminding.passing import run_pass, take_over

    house.add(ending("Mum"), ending("Dad"))
    house.store.delivery.claim("token", NOW, 10, "an older boot:17")
    desk = house.parts.desk(house.screen)
    assert run_pass(desk, NOW + MINUTE).delivered == []
    take_over(desk, lambda owner: owner == "another:1", NOW + MINUTE)
    assert run_pass(desk, NOW + MINUTE).delivered == []
    take_over(desk, lambda owner: owner != desk.owner, NOW + MINUTE)
    assert len(run_pass(desk, NOW + MINUTE).delivered) == 2


def test_a_server_that_answers_without_a_life_is_replaced_on_nothing(house: House) -> None:
    """plyer gives an id at most; nothing is known of what stands there."""

    class Silent(type(house.screen)):  # type: ignore[misc]
        def attend(self) -> None:
            return None

        def send(self, message: Message) -> Accepted:
            super().send(message)
            return Accepted(None)

    house.screen = Silent()
    house.add(ending("Mum"))
    assert leads(house.tell(NOW)) == [("Mum", "1d")]
    assert house.rows("select is_open, server from messages") == [(0, None)]
    assert house.tell(NOW + MINUTE).delivered == []
