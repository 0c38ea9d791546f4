"""Targets as the commands name them: trying one out, examining it, without a desktop too.

Not here: that no command shows an address (test_threats_push).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels.push_server import PlainWebServer, closed_port
from tests.cli.running import Home


@pytest.fixture
def web() -> Iterator[PlainWebServer]:
    with PlainWebServer() as server:
        yield server


@pytest.fixture
def targets(home: Home, web: PlainWebServer) -> Iterator[Home]:
    """Mum, who can be told, and Dad, who cannot; there is no desktop."""
    with closed_port() as port:
        home.environ |= {
            "MUM": f"json://127.0.0.1:{web.port}/mum",
            "DAD": f"json://127.0.0.1:{port}/dad",
        }
        home.configure(
            '[delivery]\ndesktop = "off"\n'
            '[targets.mum]\nurl_env = "MUM"\nafter = "90m"\ndeadlines = ["plan", "charge"]\n'
            '[targets.dad]\nurl_env = "DAD"\n'
        )
        yield home


@pytest.mark.parametrize("name", ["mum", "push:mum"])
def test_one_target_is_tried_by_its_name(targets: Home, web: PlainWebServer, name: str) -> None:
    done = targets.kz("--lang", "ru", "test-notification", "--target", name, "--json")
    assert done.exit_code == 0
    assert done.json == {"target": "push:mum", "channel": "push", "accepted": True,
                         "notification_id": None, "error": None}  # fmt: skip
    assert [request.path for request in web.requests] == ["/mum"]
    assert "kzreminder" in web.requests[0].json["title"]


def test_without_a_desktop_all_targets_are_tried(targets: Home, web: PlainWebServer) -> None:
    done = targets.kz("test-notification")
    assert done.exit_code == 7
    assert "Sent to push:mum." in done.err
    assert done.error == "the notification was not delivered to push:dad: JSON: Connection refused"
    assert len(web.requests) == 1
    told = targets.kz("test-notification", "--json")
    assert told.json["target"] == "push:mum"
    assert [one["accepted"] for one in told.json["targets"]] == [True, False]


def test_each_target_that_was_not_reached_is_told(targets: Home) -> None:
    del targets.environ["MUM"]
    done = targets.kz("test-notification")
    assert (done.exit_code, done.out) == (7, "")
    said = "the notification was not delivered to push:{}: "
    assert done.err.splitlines()[0].startswith(said.format("mum"))
    assert done.error.startswith(said.format("dad"))


def test_an_unknown_target_is_told_with_those_there_are(targets: Home) -> None:
    done = targets.kz("test-notification", "--target", "aunt")
    assert (done.exit_code, done.error) == (2, "there is no target aunt")
    assert "push:mum, push:dad" in done.err
    off = targets.kz("test-notification", "--target", "desktop")
    assert off.exit_code == 7
    assert "switched off in the settings" in off.error


def test_doctor_examines_each_target_and_sends_nothing(targets: Home, web: PlainWebServer) -> None:
    del targets.environ["DAD"]
    checks = {one["id"]: one for one in targets.kz("doctor", "--json").json["checks"]}
    assert checks["push:mum"]["state"] == "ok"
    assert checks["push:mum"]["mend"].endswith("kzreminder test-notification --target mum")
    assert checks["push:dad"]["state"] == "warning"
    assert "DAD is not set here" in checks["push:dad"]["text"]
    for one in ("session_bus", "notifications", "fallback"):
        assert checks[one]["state"] == "skipped"
    assert web.requests == []


def test_where_a_target_can_be_told_a_missing_desktop_is_a_warning(targets: Home) -> None:
    targets.configure('[targets.mum]\nurl_env = "MUM"\n')
    checks = {one["id"]: one for one in targets.kz("doctor", "--json").json["checks"]}
    assert [checks[one]["state"] for one in ("session_bus", "push:mum")] == ["warning", "ok"]
    assert checks["notifications"]["state"] == "warning"
    del targets.environ["MUM"]
    checks = {one["id"]: one for one in targets.kz("doctor", "--json").json["checks"]}
    assert [checks[one]["state"] for one in ("session_bus", "push:mum")] == ["failed", "warning"]


def test_the_settings_show_where_an_address_is_kept(targets: Home) -> None:
    shown = targets.kz("config", "show", "--json").json["targets"]
    assert list(shown) == ["mum", "dad"]
    assert shown["mum"] == {
        "url_env": "MUM",
        "deadlines": ["plan", "charge"],
        "severity": "info",
        "tags": [],
        "after": "90m",
        "digest": False,
        "max_messages": None,
        "language": None,
        "show_numbers": False,
    }
    lines = targets.kz("config", "show").out.splitlines()
    assert "targets.mum.url_env\tMUM" in lines


def test_check_names_the_line_of_an_address_that_leads_nowhere(targets: Home) -> None:
    targets.environ |= {"MUM": "tgrm://1/2"}
    del targets.environ["DAD"]  # which only the service is given
    done = targets.kz("config", "check", "--json")
    assert done.exit_code == 9
    [fault] = done.json["faults"]
    assert (fault["key"], fault["line"]) == ("targets.mum.url_env", 4)
