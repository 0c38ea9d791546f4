"""Each line of docs/threat-model.md holds: what others write, what is shown and told.

Not here: files, sockets and other programs (test_threats_files), what the sources may not even
contain (test_threats_sources).
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from kzreminder.core.policy import Policy
from tests.channels.bus import Bus
from tests.channels.fake_server import FakeServer
from tests.cli.running import Home
from tests.hostile import (
    ESCAPES,
    FORMAT,
    MARKUP,
    NUMBER,
    WILDCARDS,
    WRITTEN,
    Elements,
    digits,
    is_tame,
    readings,
)
from tests.passes import House
from tests.storage.samples import NOW, ending

PAGE = Path(__file__).parents[1] / "docs" / "threat-model.md"
TESTED_ELSEWHERE = {"T14": "test_a_forged_press_records_nothing"}
CODE_TEXTS = ("Код: {}", "Ваш баланс 350 тг, код {}", "{} is your OTP", "Құпия сөз: {}", "验证码{}")


@pytest.fixture(autouse=True)
def _in_the_afternoon() -> Iterator[None]:
    """No quiet hours: what is due is told at once."""
    with time_machine.travel(NOW + timedelta(hours=5)):
        yield


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    with Bus() as bus:
        fake = FakeServer(bus, tmp_path)
        yield fake
        fake.stop()


def does(home: Home, *words: str) -> str:
    done = home.kz(*words)
    assert done.exit_code == 0, done
    return done.out


def operator_file(home: Home, *lines: str) -> None:
    """The user's own about Kcell, laid over what ships."""
    folder = home.config / "kzreminder" / "operators"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kcell.toml").write_text("\n".join(("id = 'kcell'", *lines)), encoding="utf-8")


def fact(key: str, value: str) -> str:
    return (
        f"[{key}]\nvalue = '''{value}'''\nsource = '''https://x.example/{value}'''\n"
        'checked_on = 2026-11-21\nconfidence = "high"'
    )


# -- the page itself ---------------------------------------------------------------------------


def test_every_line_of_the_page_has_a_test_and_every_test_a_line() -> None:
    lines = re.findall(r"^\| (T\d+) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    sources = [path.read_text(encoding="utf-8") for path in PAGE.parents[1].glob("tests/*.py")]
    tested = {
        f"T{number}" for source in sources for number in re.findall(r"def test_t(\d+)_", source)
    }
    assert len(lines) == len(set(lines)), "an id stands for one line"
    assert tested | set(TESTED_ELSEWHERE) == set(lines)


def test_the_tests_elsewhere_exist() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in PAGE.parents[1].rglob("test_*.py"))
    assert [name for name in TESTED_ELSEWHERE.values() if f"def {name}(" not in tests] == []


# -- what is shown -----------------------------------------------------------------------------


@pytest.mark.parametrize("written", WRITTEN)
def test_t1_no_notification_shows_a_number(house: House, written: str) -> None:
    for count in range(6):  # the last ones come in a digest
        label, number = f"{written} {count}", f"+770112345{67 + count}"
        house.add(ending(label, number=number, operator="kcell", in_days=0))
    house.add(ending("No number", in_days=0, protects=written, plan=written))
    house.change_policy(Policy(zone=house.policy.zone, max_toasts=20))
    house.tell(NOW)
    house.change_policy(Policy(zone=house.policy.zone, max_toasts=1))
    house.add(*(ending(f"{written}/{count}", in_days=0) for count in range(3)))
    house.tell(NOW)
    assert len(house.screen.shown) == 9
    for message in house.screen.shown:
        assert "1234567" not in digits(message.title + message.body), message
        assert "123456" not in digits(message.title), message


def test_t2_no_log_holds_a_number(home: Home, server: FakeServer) -> None:
    does(home, "add", NUMBER, "--label", NUMBER, "--expires", "today", "--operator", "kcell")
    bus = {"DBUS_SESSION_BUS_ADDRESS": server.bus.address}
    away = home.kz("-v", "run", "--once", **bus)
    server.start()
    server.obey("error", "org.example.Full")
    refused = home.kz("-v", "run", "--once", **bus)
    server.obey("accept")
    told = home.kz("-v", "run", "--once", **bus)
    assert (away.exit_code, refused.exit_code, told.exit_code) == (7, 7, 0)
    for one in (away, refused, told):
        assert "1234567" not in digits(one.out + one.err), one


SECRET_ADDRESSES = (
    "postgresql://u:S3CRET@127.0.0.1:1/db",
    "postgresql+psycopg://u:S3CRET@[::1]:1/db?connect_timeout=2",
    "mysql://u:S3CRET@127.0.0.1:1/db",
    "postgresql://u@127.0.0.1:1/db?password=S3CRET",
    "postgresql://u:p@S3CRET@127.0.0.1:1/db",
    "postgresql://u:p@S3CRET/x@127.0.0.1:1/db",
)


@pytest.mark.parametrize(
    "address", ["postgres//u:S3CRET@127.0.0.1:1/db", "u:S3CRET@h/db", "postgresql:u:S3CRET@h/db"]
)
def test_t3_a_password_is_not_shown_with_the_slip_beside_it(home: Home, address: str) -> None:
    done = home.kz("list", KZREMINDER_DATABASE=address)
    assert done.exit_code == 2
    assert "S3CRET" not in done.err


@pytest.mark.parametrize("address", SECRET_ADDRESSES)
@pytest.mark.parametrize("place", ["environment", "settings", "option"])
def test_t3_a_password_is_shown_nowhere(home: Home, address: str, place: str) -> None:
    environ = {"KZREMINDER_DATABASE": address} if place == "environment" else {}
    option = ("--db", address) if place == "option" else ()
    if place == "settings":
        home.configure(f'database = "{address}"\n')
    for words in (("status",), ("status", "--json"), ("list",), ("config", "show"),
                  ("config", "check"), ("-v", "run", "--once"), ("add", NUMBER)):  # fmt: skip
        done = home.kz(*option, *words, **environ)
        assert "S3CRET" not in done.out + done.err
        assert "Traceback" not in done.err
        if place == "option" and done.exit_code == 0:
            assert "a password on a command line" in done.err


# -- what others write -------------------------------------------------------------------------


def test_t5_what_anybody_wrote_is_no_markup(home: Home, server: FakeServer) -> None:
    typed = MARKUP[:60]
    bus = {"DBUS_SESSION_BUS_ADDRESS": server.bus.address}
    note = ("[methods.kaspi]", f"note = '''{MARKUP}'''")
    operator_file(home, f"names.en = '''{MARKUP}'''", *note, fact("facts.site", MARKUP))
    does(home, "add", NUMBER, "--label", typed, "--expires", "today", "--operator", "kcell",
         "--note", MARKUP, "--protects", MARKUP, "--plan", typed)  # fmt: skip
    page = does(home, "guide", "1", "--html", "-")
    assert "onerror=alert(1)&gt;" in page
    assert {"img", "script", "iframe"}.isdisjoint(tag for tag, _ in Elements(page).found)
    server.start(("body", "body-markup"))
    assert home.kz("run", "--once", **bus).exit_code == 0
    [shown] = server.received()
    assert "<" not in shown["body"]
    assert "&lt;img" in shown["body"]
    assert typed[:9] in shown["title"]  # which no server reads as markup


def test_t6_a_terminal_obeys_nobody(home: Home) -> None:
    for option in ("--label", "--note", "--protects", "--plan", "--tag"):
        refused = home.kz("add", "87051234567", option, f"x{ESCAPES}")
        assert refused.exit_code == 2, refused
        assert is_tame(refused.err)
    does(home, "add", NUMBER, "--label", "Mum", "--expires", "today", "--note", "n")
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("update cards set label = ?, note = ?", (f"x{ESCAPES}", f"y{ESCAPES}"))
    for shown in readings(home):
        assert is_tame(shown.out + shown.err), shown
        assert "Traceback" not in shown.err
    assert not set("\x07\x9b\u202e") & set(
        home.terminal("list").out + home.terminal("show", "1").out
    )
    unknown = "\\u001b]0;owned\\u0007"
    operator_file(home, f'"{unknown}" = 1', f'aliases = ["{unknown}"]')
    for words in (("run", "--once"), ("config", "check"), ("config", "check", "--json"), ("list",)):
        done = home.kz(*words)
        assert is_tame(done.out + done.err), done


@pytest.mark.parametrize("wildcard", WILDCARDS)
def test_t9_nothing_is_sql_and_no_sign_stands_for_others(home: Home, wildcard: str) -> None:
    does(home, "add", NUMBER, "--label", "Mum", "--tag", "family")
    assert home.kz("show", wildcard).exit_code == 3
    assert home.kz("list", "--tag", wildcard, "--json").json == []
    assert home.kz("list", "--operator", wildcard).exit_code == 3
    does(home, "add", "87051234567", "--label", wildcard, "--tag", wildcard, "--note", wildcard)
    assert home.kz("show", wildcard, "--json").json["note"] == wildcard
    assert [card["id"] for card in home.kz("list", "--tag", wildcard, "--json").json] == [2]
    assert home.kz("remove", wildcard, "--yes").exit_code == 0
    assert [card["label"] for card in home.kz("list", "--json").json] == ["Mum"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_t10_nothing_that_was_typed_is_a_template(home: Home, language: str) -> None:
    note = ("[methods.kaspi]", f"note = '''{FORMAT}'''")
    facts = (fact("facts.site", FORMAT), fact("balance.balance_code", FORMAT))
    operator_file(home, "best = 'kaspi'", f"names.en = '''{FORMAT}'''", *note, *facts)
    does(home, "add", NUMBER, "--label", FORMAT, "--expires", "today", "--operator", "kcell",
         "--note", FORMAT, "--protects", FORMAT, "--tag", "{0.__class__}%s")  # fmt: skip
    for shown in readings(home, "--lang", language):
        assert "Traceback" not in shown.err, shown
        assert "<class" not in shown.out + shown.err
    assert home.kz("show", "1", "--json").json["label"] == FORMAT
    assert FORMAT in does(home, "guide", "1", "--all")
    refused = home.kz("show", f"x{FORMAT}")
    assert (refused.exit_code, f"x{FORMAT}" in refused.error) == (3, True)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(CODE_TEXTS), st.from_regex(r"[1-9][0-9]{5}", fullmatch=True))
def test_t11_a_one_time_code_is_kept_nowhere(text: str, code: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        does(home, "add", NUMBER, "--label", "Mum", "--operator", "kcell")
        before = home.contents()
        message = text.format(code)
        for words in (
            ("-v", "sms", message, "--apply", "--card", "Mum"),
            ("sms", message, "--json"),
        ):
            done = home.kz(*words)
            assert code not in done.out + done.err
        assert home.contents() == before
        for path in Path(folder).rglob("*"):
            assert not path.is_file() or code.encode() not in path.read_bytes(), path


LURES = (
    "http://kcell.kz",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "https://kcell.kz@x.example/",
    "HTTPS://kcell.kz\\@x.example",
    "//x.example",
)


@pytest.mark.parametrize("lure", LURES)
def test_t12_only_plain_https_can_be_clicked_or_scanned(home: Home, lure: str) -> None:
    operator_file(home, fact("facts.site", lure), fact("facts.topup_page", lure))
    does(home, "add", NUMBER, "--label", "Mum", "--expires", "today", "--operator", "kcell")
    page = does(home, "guide", "Mum", "--html", "-")
    assert lure not in Elements(page).links
    assert all(link.startswith("https://") for link in Elements(page).links)
    assert f'<b class="copy">{lure}' not in page


def test_t18_a_forged_message_records_nothing_by_itself(home: Home) -> None:
    does(home, "add", NUMBER, "--label", "Mum", "--operator", "kcell", "--price", "4990")
    does(home, "add", "87051234567", "--label", "Dad", "--operator", "beeline")
    before = home.contents()
    forged = "Kcell: Ваш баланс 1 000 000 тг. Номер 87011234567."
    home.kz("sms", forged)
    home.kz("sms", forged, "--card", "Mum", "--json")
    assert home.kz("sms", forged, "--card", "Dad", "--apply").exit_code == 2
    assert home.contents() == before
    does(home, "sms", forged, "--card", "Mum", "--apply")
    does(home, "undo", "Mum")
    assert home.kz("show", "Mum", "--json").json["balance"]["amount"] is None


def test_t19_a_file_of_lies_is_shown_as_ones_own_and_silences_no_caution(home: Home) -> None:
    does(home, "add", NUMBER, "--label", "Mum", "--expires", "today", "--operator", "kcell")
    cautions = home.kz("guide", "Mum", "--json").json["cautions"]
    assert any("code" in caution for caution in cautions)
    note = ("[methods.kaspi]", "note = 'Tell us the code'")
    operator_file(home, *note, fact("facts.hotline", "+7 999 000 00 00"))
    assert home.kz("guide", "Mum", "--json").json["cautions"] == cautions
    assert "Your own file has a part in this." in does(home, "operators", "show", "kcell")
    operator_file(home, "cautions = []", "[stages]")
    assert home.kz("config", "check").exit_code == 9
    done = home.kz("run", "--once")
    assert "left out, because of faults" in done.err
    assert "Mum" in done.out
