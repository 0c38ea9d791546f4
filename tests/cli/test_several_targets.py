"""What the commands say where cards are told of on several targets, and --target, --watcher.

Not here: trying a target out (test_targets), what passes do (tests/reminding).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from kzreminder.alive.lock import only_one
from kzreminder.channels.message import Refused, TargetAway
from kzreminder.core.deadlines import DeadlineKind
from kzreminder.settings.declared import Desktop
from tests.channels.push_server import PlainWebServer, closed_port
from tests.cli.running import Home
from tests.passes import House, a_target
from tests.storage.samples import ending, url_of

NOW = datetime.fromisoformat("2026-12-17T05:00:00+00:00")  # 10:00 in Almaty
HOUR = timedelta(hours=1)
AWAY = TargetAway("no network")
OF_MONEY = (DeadlineKind.CHARGE, DeadlineKind.BALANCE)
SETTINGS = """
[targets.dad]
url_env = "NOWHERE"
after = "6h"
[targets.bank]
url_env = "NOWHERE"
deadlines = ["charge", "balance"]
"""


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def family(home: Home, house: House) -> Home:
    """A card that ends in three days; Dad is told of it later, the bank of nothing."""
    home.configure(SETTINGS)
    home.environ["KZREMINDER_DATABASE"] = url_of(house.folder)
    house.tells(a_target("dad", after=6 * HOUR), a_target("bank", deadlines=OF_MONEY))
    house.screen.target = house.parts.target
    house.add(ending("Mum", in_days=3, at=NOW))
    return home


def shown(home: Home, *args: str) -> Any:
    return home.kz(*args, "--json").json


# run --once, with the real child and a server


@pytest.mark.parametrize("scheme", ["json", "ntfy"])
def test_a_pass_tells_each_target_and_says_which(home: Home, scheme: str) -> None:
    with PlainWebServer() as web, closed_port() as port:
        home.environ |= {
            "MUM": f"{scheme}://127.0.0.1:{web.port}/mum",
            "DAD": f"json://127.0.0.1:{port}/dad",
        }
        home.configure(
            '[delivery]\ndesktop = "off"\n'
            '[targets.mum]\nurl_env = "MUM"\nafter = "6h"\nlanguage = "ru"\n'
            '[targets.dad]\nurl_env = "DAD"\n'
        )
        home.kz("add", "--label", "Mum", "--operator", "kcell", "--expires", "tomorrow")
        first = home.kz("run", "--once", "--json")
        again = home.kz("run", "--once", "--json")
    assert (first.exit_code, again.exit_code) == (7, 7)
    [told], [failed] = first.json["delivered"], first.json["failed"]
    assert (told["target"], told["lead"], told["notification_id"]) == ("push:mum", "1d", None)
    assert (failed["target"], failed["error"]) == ("push:dad", "JSON: Connection refused")
    assert again.json["delivered"] == [], "Mum is told once"
    assert len(web.requests) == 1
    assert "Mum" in web.requests[0].body.decode() + repr(web.requests[0].headers)
    assert "1 день" in told["title"]


# why


def test_why_tells_of_each_target(family: Home, house: House) -> None:
    house.tell(NOW)
    told = shown(family, "why", "Mum")
    assert told["target"] == house.parts.target
    assert [one["target"] for one in told["targets"]] == [told["target"], "push:dad", "push:bank"]
    desktop, dad, bank = told["targets"]
    assert desktop["deadlines"] == told["deadlines"]
    assert (desktop["after"], dad["after"]) == (None, "6h")
    by_lead = {one["lead"]: one for one in dad["deadlines"][0]["leads"]}
    assert (by_lead["3d"]["status"], by_lead["3d"]["at"]) == (
        "coming",
        "2026-12-17T16:00:00+05:00",
    )
    assert dad["next_reminder"] == {
        "at": "2026-12-17T16:00:00+05:00",
        "deadline": "plan",
        "lead": "3d",
    }
    assert {one["status"] for one in bank["deadlines"][0]["leads"]} == {"unwanted"}
    assert bank["next_reminder"] is None

    said = family.kz("why", "Mum").out
    assert "On desktop:" in said
    assert "On dad, what nobody has answered 6h after the desktop:" in said
    assert "17 Dec 16:00\t3 days before\tcomes" in said
    assert "On bank:\nplan ends 20 Dec 23:59 (Almaty): not told here, by the settings" in said


def test_why_says_which_target_is_away_and_which_has_refused(family: Home, house: House) -> None:
    house.tells(a_target("dad"), a_target("bank"))
    house.phones["dad"].fault = AWAY
    house.phones["bank"].fault = Refused("413 Payload Too Large", permanent=False)
    family.configure(SETTINGS.replace('after = "6h"', "").replace("deadlines", "#"))
    house.tell(NOW)
    desktop, dad, bank = shown(family, "why", "Mum")["targets"]
    assert desktop["away_since"] is desktop["refused"] is dad["refused"] is None
    assert dad["away_since"] is not None
    assert bank["refused"] == "413 Payload Too Large"
    said = family.kz("why", "Mum").out
    assert "dad takes nothing now: no network" in said
    assert "bank refused the message: 413 Payload Too Large" in said
    assert "The desktop" not in said


def test_an_answer_is_seen_in_why_of_each_target(
    family: Home, house: House, clock: time_machine.Traveller
) -> None:
    house.tell(NOW)
    clock.move_to(NOW + HOUR)
    assert family.kz("ack", "Mum").exit_code == 0
    dad = shown(family, "why", "Mum")["targets"][1]
    by_lead = {one["lead"]: one["status"] for one in dad["deadlines"][0]["leads"]}
    assert (by_lead["3d"], by_lead["1d"]) == ("told", "coming")


# upcoming, history, show


def test_upcoming_names_the_target_where_there_are_several(family: Home, house: House) -> None:
    coming = shown(family, "upcoming", "--days", "1")
    assert [(one["target"], one["at"]) for one in coming] == [
        (house.parts.target, "2026-12-17T10:00:00+05:00"),
        ("push:dad", "2026-12-17T16:00:00+05:00"),
    ]
    lines = family.kz("upcoming", "--days", "1").out.splitlines()
    assert [line.rpartition("\t")[2] for line in lines] == ["desktop", "dad"]
    family.configure("")
    [alone] = shown(family, "upcoming", "--days", "1")
    assert "target" not in alone
    assert not family.kz("upcoming", "--days", "1").out.endswith("desktop\n")


def test_history_names_the_target_beside_the_desktop(family: Home, house: House) -> None:
    house.phones["dad"].fault = AWAY
    house.tell(NOW)
    house.tell(NOW + 6 * HOUR)
    lines = family.kz("history", "Mum").out.splitlines()
    said = [line.split("\t")[1] for line in lines]
    assert sorted(said) == ["not delivered (dad)", "registered", "told"]


# status, doctor


@pytest.fixture
def server(family: Home, house: House) -> Home:
    """Without a desktop, and with a service that lives."""
    family.configure('[delivery]\ndesktop = "off"\n' + SETTINGS)
    house.tells(a_target("dad"), a_target("bank", deadlines=OF_MONEY), desktop=Desktop.OFF)
    return family


def test_without_a_desktop_all_can_be_well(server: Home, house: House) -> None:
    house.tell(NOW)
    with only_one(house.parts.lock_file):
        status = server.kz("status", "--json")
    assert status.exit_code == 0, status
    assert (status.json["ok"], status.json["undelivered"]) == (True, 0)
    assert status.json["targets"] == [
        {"target": one, "away_since": None, "error": None, "retry_at": None}
        for one in ("push:dad", "push:bank")
    ]


def test_a_target_that_is_away_is_named_with_what_waits_for_it(server: Home, house: House) -> None:
    house.phones["dad"].fault = AWAY
    house.tell(NOW)
    with only_one(house.parts.lock_file):
        status = server.kz("status", "--json")
        lines = server.kz("status").out.splitlines()
    assert status.exit_code == 1
    assert (status.json["ok"], status.json["undelivered"]) == (False, 1)
    assert status.json["targets"][0] == {
        "target": "push:dad",
        "away_since": "2026-12-17T10:00:00+05:00",
        "error": "no network",
        "retry_at": "2026-12-17T10:00:30+05:00",
    }
    assert "push:dad\taway since 17 Dec 10:00: no network" in lines
    assert "push:bank\tnot known to be away" in lines
    checks = {one["id"]: one for one in shown(server, "doctor")["checks"]}
    assert checks["undelivered"]["state"] == "failed"
    assert "1 card waits for dad since" in checks["undelivered"]["text"]
    assert checks["undelivered"]["mend"].endswith("kzreminder test-notification --target dad")


def test_with_the_desktop_away_its_cards_count_though_others_were_told(
    family: Home, house: House
) -> None:
    house.screen.fault = AWAY
    assert house.tell(NOW + 6 * HOUR).delivered != []
    status = shown(family, "status")
    assert status["undelivered"] == 1
    assert [one["error"] for one in status["targets"]] == [None, None]


# --target and --watcher


def test_a_card_has_targets_and_a_watcher_of_its_own(family: Home) -> None:
    family.configure('watches = ["office"]\n' + SETTINGS)
    done = family.kz("edit", "Mum", "--target", "bank", "--target", "Desktop", "--target",
                     "push:bank", "--watcher", "office", "--json")  # fmt: skip
    assert (done.exit_code, done.err) == (0, "")
    assert (done.json["targets"], done.json["watcher"]) == (["bank", "desktop"], "office")
    lines = family.kz("show", "Mum").out.splitlines()
    assert "Told on\tbank, desktop" in lines
    assert "Watched by\toffice" in lines
    assert "told on: " in family.kz("history", "Mum").out
    told_on = [one["target"] for one in shown(family, "why", "Mum")["targets"]]
    assert [one.partition(":")[0] for one in told_on] == ["desktop", "push"]

    done = family.kz("edit", "Mum", "--target", "-", "--watcher", "-", "--json")
    assert not {"targets", "watcher"} & set(done.json)
    assert not [line for line in family.kz("show", "Mum").out.splitlines() if "Told on" in line]
    undone = family.kz("undo", "Mum", "--json")
    assert undone.json["targets"] == ["bank", "desktop"]


def test_names_that_are_not_known_here_are_a_warning(family: Home) -> None:
    """Settings differ between machines that share a database."""
    done = family.kz("add", "--label", "New", "--target", "aunt", "--watcher", "office", "--json")
    assert (done.exit_code, done.json["targets"]) == (0, ["aunt"])
    assert done.err.splitlines() == [
        "Note: aunt is no target in the settings here. Known: desktop, dad, bank",
        "Note: the settings here do not watch office: a service that does must speak of it.",
    ]


def test_names_of_a_file_that_are_not_known_here_are_a_warning(family: Home) -> None:
    file = family.folder / "cards.csv"
    file.write_text("label,targets,watcher\nA,aunt|push:Dad,office\nB,aunt,office\nC,desktop,\n")
    done = family.kz("import", str(file))
    assert done.err.splitlines() == [
        "Registered 3 cards.",
        "Note: aunt is no target in the settings here. Known: desktop, dad, bank",
        "Note: the settings here do not watch office: a service that does must speak of it.",
    ]
    assert shown(family, "show", "A")["targets"] == ["aunt", "dad"]
    file.write_text("label,targets,watcher\nA,uncle,-\nB,aunt,office\n")
    assert family.kz("import", "--update", str(file)).err.splitlines()[1:] == [
        "Note: uncle is no target in the settings here. Known: desktop, dad, bank",
    ]


@pytest.mark.parametrize("option", ["--target", "--watcher"])
@pytest.mark.parametrize("name", ["", " ", "a,b", "a|b", "a\nb"])
def test_what_is_no_name_is_refused(family: Home, option: str, name: str) -> None:
    done = family.kz("edit", "Mum", option, name)
    assert done.exit_code == 2
    assert option in done.error


def test_many_cards_get_a_target_at_once(family: Home) -> None:
    family.kz("add", "--label", "Dad", "--tag", "family")
    done = family.kz("edit", "--tag", "family", "--target", "dad", "--yes", "--json")
    assert [(one["label"], one["targets"]) for one in done.json] == [("Dad", ["dad"])]
