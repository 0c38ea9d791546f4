"""One card played through its life by the program itself, on a clock moved from outside."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.channels.bus import Bus, environment
from tests.channels.fake_server import FakeServer
from tests.e2e.playing import User, titles
from tests.test_played_card import FIRST_DAY, LAST_DAY, TABLE, at

if TYPE_CHECKING:
    from pathlib import Path


def test_the_process_tells_the_same_on_its_clock(tmp_path: Path) -> None:
    with Bus() as bus:
        user, server = User(tmp_path, environment(bus)), FakeServer(bus, tmp_path)
        server.start()
        try:
            user.clock.set(at(FIRST_DAY, 9))
            number = ("87011234567", "--label", "Mum", "--operator", "kcell")
            user.does("add", *number, "--period", "30d", "--price", "4990")
            for offset in (-15, -14, 0):
                user.clock.set(at(LAST_DAY + timedelta(days=offset), 12))
                leads = [one["lead"] for one in user.tells_what_is_due()]
                latest = [lead for day, lead in TABLE.items() if day <= offset][-1:]
                assert leads == latest
                assert user.tells_what_is_due() == []
            user.clock.set(at(LAST_DAY + timedelta(days=70), 12))
            assert user.reads("show", "Mum")["state"] == "lapsed"

            user.does("renew", "Mum", "--paid", "4990")
            card = user.reads("show", "Mum")
            assert card["plan"]["ends_at"] == "2027-03-29T23:59:59+05:00"
            assert card["next_reminder"]["at"] == "2027-03-15T10:00:00+05:00"
            user.clock.set(at(date(2027, 3, 15), 12))
            assert [one["lead"] for one in user.tells_what_is_due()] == ["14d"]
        finally:
            server.stop()
        shown = server.received()
        assert titles(shown) == [
            "14 days left: Mum, plan ends 20 Dec",
            "Today: Mum, plan ends 20 Dec",
            "14 days left: Mum, plan ends 29 Mar",
        ]
        assert all(one["body"].startswith("Kcell: pay 4 990 ₸ in Kaspi.kz") for one in shown)
