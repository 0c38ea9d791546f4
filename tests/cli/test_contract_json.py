"""Every --json has the keys and types that are promised, and is printed whatever the exit code."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kzreminder.settings.declared import SETTINGS
from kzreminder.storage.tables import SCHEMA
from tests.channels.bus import Bus
from tests.channels.fake_server import FakeServer
from tests.cli.running import Home, Result

NOW = "2026-11-21T05:00:00+00:00"  # 10:00 in Almaty

Check = Callable[[Any], bool]


def text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def whole(value: Any) -> bool:
    return type(value) is int


def flag(value: Any) -> bool:
    return type(value) is bool


def day(value: Any) -> bool:
    return text(value) and date.fromisoformat(value).isoformat() == value


def instant(value: Any) -> bool:
    """ISO 8601 with an offset and whole seconds."""
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"
    return text(value) and re.fullmatch(pattern, value) is not None


def money(value: Any) -> bool:
    """A string of tenge, never a float: "4990", "12.50"."""
    return isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d\d)?", value) is not None


def period(value: Any) -> bool:
    return text(value) and re.fullmatch(r"\d+(d|mo|y)|month-start|none", value) is not None


def lead(value: Any) -> bool:
    return text(value) and re.fullmatch(r"\+?\d+d", value) is not None


def nothing(value: Any) -> bool:
    """Not known in this stage: null, never 0 or an empty text."""
    return value is None


def maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def one_of(*known: str) -> Check:
    return lambda value: value in known


def each(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(one) for one in value)


def anything(value: Any) -> bool:
    return True


def exactly(**keys: Check) -> Check:
    """An object with these keys and no others."""

    def check(value: Any) -> bool:
        assert isinstance(value, dict), value
        assert set(value) == set(keys), set(value) ^ set(keys)
        for key, holds in keys.items():
            assert holds(value[key]), (key, value[key])
        return True

    return check


KINDS = ("plan", "charge", "idle", "device", "balance", "check", "arrival")
METHOD_KINDS = each(text)
FACT = exactly(
    key=text,
    value=text,
    source=maybe(text),
    checked_on=day,
    confidence=one_of("high", "medium", "low", "unsourced"),
    note=maybe(text),  # this and the next beside the contract
    own=flag,
)
CARD = exactly(
    id=whole,
    label=text,
    number=maybe(text),
    operator=maybe(text),
    operator_guessed=flag,
    kind=one_of("sim", "esim"),
    state=one_of("archived", "muted", "lapsed", "overdue", "low", "ending", "ok"),
    plan=exactly(
        name=maybe(text),
        period=maybe(period),
        started_on=maybe(day),
        ends_at=maybe(instant),
        price=maybe(money),
        auto_renew=flag,
    ),
    balance=exactly(
        amount=maybe(money),
        threshold=maybe(money),
        read_at=maybe(instant),
        runs_low_on=maybe(day),
        estimated=flag,
    ),
    keep_alive=exactly(period=maybe(period), last_used_on=maybe(day), due_on=maybe(day)),
    device_entered_on=maybe(day),
    protects=maybe(text),
    deadlines=each(exactly(kind=one_of(*KINDS), at=instant)),
    next_reminder=maybe(exactly(at=instant, deadline=one_of(*KINDS), lead=lead)),
    leads=maybe(text),
    muted_until=maybe(instant),
    snoozed_until=maybe(instant),
    tags=each(text),
    lang=maybe(one_of("en", "zh", "zh-Hant", "ru", "kk")),
    note=maybe(text),
    archived=flag,
)
REMINDER: dict[str, Check] = {
    "at": instant,
    "card": whole,
    "label": text,
    "deadline": one_of(*KINDS),
    "deadline_at": instant,
    "lead": lead,
    "reason": text,
    "severity": one_of("info", "warning", "critical"),
    "title": text,
    "body": text,
}
DELIVERED = exactly(
    **REMINDER, target=text, late=flag, notification_id=maybe(whole), digest=flag, attempt=whole
)
FAILED = exactly(**REMINDER, target=text, error=text, permanent=flag, retry_at=maybe(instant))
PUT_OFF = exactly(card=whole, error=text, retry_at=instant)
REPORT = exactly(
    now=instant,
    delivered=each(DELIVERED),
    failed=each(FAILED),
    put_off=each(PUT_OFF),
    next_wake_at=maybe(instant),
)
EVENT = exactly(
    at=instant,
    card=whole,
    kind=one_of("event"),
    what=one_of(
        *("added", "edited", "renewed", "topped_up", "balance_read", "used", "acknowledged"),
        *("snoozed", "muted", "unmuted", "archived", "restored", "undone"),
    ),
    changes=lambda value: all(isinstance(pair, list) and len(pair) == 2 for pair in value.values()),
    details=lambda value: all(text(one) for one in value.values()),
)
MESSAGE = exactly(
    at=instant,
    card=maybe(whole),
    kind=one_of("message"),
    target=text,
    outcome=one_of("accepted", "acted", "dismissed", "failed"),
    error=maybe(text),
    attempt=whole,
    notification_id=maybe(whole),
    title=text,
    body=text,
    reminders=each(exactly(card=whole, deadline=one_of(*KINDS), deadline_at=instant, lead=lead)),
)
GUIDE = exactly(
    operator=exactly(id=text, name=text, status=one_of("serves", "not-found")),
    card=maybe(whole),
    language=one_of("en", "zh", "zh-Hant", "ru", "kk"),
    best=text,
    because=text,  # from here to `stages`, and `topics`, beside the contract
    number=maybe(text),
    amount=maybe(text),
    stage=maybe(one_of("before", "on_day", "after", "long_after")),
    stages=each(exactly(id=text, title=text, steps=each(text))),
    facts=each(FACT),
    not_found=each(text),
    topics=each(exactly(id=text, title=text, lines=each(text), facts=each(FACT))),
    methods=each(
        exactly(
            id=text,
            name=text,
            kind=text,
            steps=each(text),
            needs=each(text),
            fee=maybe(text),
            credited_in=maybe(text),
            works_abroad=maybe(flag),
            opening_hours_matter=maybe(flag),  # this and the next three beside the contract
            nearest=maybe(text),
            confidence=one_of("high", "medium", "low", "unsourced"),
            note=maybe(text),
            cautions=each(text),
            facts=each(FACT),
        )
    ),
    balance=each(FACT),
    clerk=exactly(ru=text, kk=text),
    cautions=each(text),
)
STATUS = exactly(
    ok=flag,
    daemon=exactly(
        alive=flag, pid=maybe(whole), last_pass_at=maybe(instant), next_wake_at=maybe(instant)
    ),
    undelivered=whole,
    database=exactly(url=text, schema=whole, cards=whole),
    zone_data=exactly(version=maybe(text), ok=flag),
    channel=exactly(  # beside the contract
        name=text, target=text, why=text, server=maybe(text), error=maybe(text)
    ),
)
OPERATOR = exactly(
    id=text,
    name=text,
    status=one_of("serves", "not-found"),
    aliases=each(text),
    prefixes=each(text),
    methods=each(exactly(id=text, kind=text, note=maybe(text), facts=each(FACT))),
    balance=each(FACT),
    facts=each(FACT),
    not_found=each(text),
    own=flag,
)
OPERATOR_IDS = ["kcell", "activ", "beeline", "izi", "tele2", "altel", "lycamobile", "astelit"]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime.fromisoformat(NOW), tick=False) as moved:
        yield moved


@pytest.fixture
def desktop(home: Home, tmp_path: Path) -> Iterator[FakeServer]:
    """A notification server on the user's session bus."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    with Bus() as bus:
        home.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        server = FakeServer(bus, tmp_path)
        server.start()
        yield server
        server.stop()


FULL = (
    *("add", "87011234567", "--label", "Mum", "--operator", "kcell", "--esim", "--plan", "U 30"),
    *("--period", "1mo", "--price", "12,5", "--auto-renew", "--balance", "-0.5", "--leads", "3d"),
    *("--threshold", "200", "--keep-alive", "6mo", "--device-entered", "today", "--note", "n"),
    *("--protects", "eGov", "--lang", "zh-Hant", "--tag", "family", "--tag", "abroad"),
)
DUE = ("add", "--label", "Due", "--operator", "beeline", "--expires", "+1d", "--period", "30d")
BARE = ("add", "--label", "Bare")


def seen(result: Result, exit_code: int = 0) -> Any:
    """The whole of stdout is one JSON value, in UTF-8, with nothing escaped."""
    assert result.exit_code == exit_code, result
    value = result.json
    assert result.out == json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return value


@pytest.mark.parametrize("words", [FULL, DUE, BARE], ids=["full", "due", "bare"])
def test_a_card_has_the_same_shape_from_every_command(home: Home, words: tuple[str, ...]) -> None:
    card = seen(home.kz(*words, "--json"))
    label = card["label"]
    assert CARD(card)
    for more in (
        *(("show",), ("edit", "--note", "x"), ("used",), ("archive",), ("restore",)),
        *(("renew", "--for", "30d"), ("remove", "--yes")),
    ):
        assert CARD(seen(home.kz(more[0], label, *more[1:], "--json"))), more
    again = seen(home.kz(*words, "--json"))
    assert again["id"] > card["id"], "an id is never given twice"
    assert CARD(seen(home.kz("topup", label, "100", "--json")))
    assert CARD(seen(home.kz("balance", label, "100", "--json")))
    assert each(CARD)(seen(home.kz("list", "--json")))


def test_what_is_written_is_the_object_as_it_is_after_the_change(home: Home) -> None:
    printed = seen(home.kz(*FULL, "--json"))
    for words in (("edit", "Mum", "--price", "100"), ("topup", "Mum", "3"), ("archive", "Mum")):
        printed = seen(home.kz(*words, "--json"))
        assert printed == seen(home.kz("show", "Mum", "--json"))
    assert seen(home.kz("list", "--all", "--json")) == [printed]


def test_money_and_periods_are_printed_as_promised(home: Home) -> None:
    card = seen(home.kz(*FULL, "--json"))
    assert card["plan"]["price"] == "12.50"
    assert card["balance"]["amount"] == "-0.50"
    assert card["balance"]["threshold"] == "200"
    assert card["plan"]["period"] == "1mo"
    assert card["keep_alive"]["period"] == "6mo"
    for typed, printed in {
        "30 days": "30d",
        "4w": "28d",
        "30天": "30d",
        "1 month": "1mo",
        "quarter": "3mo",
        "12mo": "1y",
        "1y": "1y",
        "18mo": "18mo",
        "month-start": "month-start",
        "none": "none",
    }.items():
        edited = seen(home.kz("edit", "Mum", "--period", typed, "--json"))
        assert edited["plan"]["period"] == printed


def test_what_is_unknown_is_null(home: Home) -> None:
    card = seen(home.kz(*BARE, "--json"))
    known = {"id", "label", "operator_guessed", "kind", "state", "deadlines", "tags", "archived"}
    known |= {"plan", "balance", "keep_alive"}
    assert {key for key, value in card.items() if value is not None} == known
    assert card["plan"] == {
        **dict.fromkeys(("name", "period", "ends_at", "price")),
        "started_on": "2026-11-21",
        "auto_renew": False,
    }
    assert card["balance"] == {
        **dict.fromkeys(("amount", "threshold", "read_at", "runs_low_on")),
        "estimated": False,
    }
    assert card["keep_alive"] == dict.fromkeys(("period", "last_used_on", "due_on"))
    assert card["deadlines"] == []
    assert card["tags"] == []


def test_an_empty_register_is_an_empty_array(home: Home) -> None:
    for words in (("list",), ("upcoming",), ("history",)):
        assert seen(home.kz(*words, "--json")) == []


def test_upcoming_reminders_have_their_shape_and_come_in_order(home: Home) -> None:
    for words in (FULL, DUE, BARE):
        home.kz(*words)
    coming = seen(home.kz("upcoming", "--days", "400", "--json"))
    assert each(exactly(**REMINDER))(coming)
    times = [datetime.fromisoformat(one["at"]) for one in coming]
    assert times == sorted(times)
    assert {one["deadline"] for one in coming} >= {"plan", "idle", "device", "charge", "balance"}
    horizon = datetime.fromisoformat(NOW) + timedelta(days=400)
    assert all(datetime.fromisoformat(NOW) <= at <= horizon for at in times)
    only = seen(home.kz("upcoming", "--days", "400", "--card", "Due", "--json"))
    assert only == [one for one in coming if one["label"] == "Due"]


def test_next_reminder_is_the_first_that_is_coming(home: Home) -> None:
    home.kz(*DUE)
    [card] = seen(home.kz("list", "--json"))
    first = seen(home.kz("upcoming", "--json"))[0]
    assert {key: first[key] for key in ("deadline", "lead")} == {
        key: card["next_reminder"][key] for key in ("deadline", "lead")
    }


def test_a_pass_that_reaches_nobody_prints_its_report_and_exits_with_7(home: Home) -> None:
    home.kz(*DUE)
    report = seen(home.kz("run", "--once", "--json"), exit_code=7)
    assert REPORT(report)
    assert report["now"] == "2026-11-21T10:00:00+05:00"
    assert report["delivered"] == []
    [failed] = report["failed"]
    assert failed["permanent"] is False
    assert failed["retry_at"] == "2026-11-21T10:00:30+05:00"
    assert failed["label"] == "Due"


def test_a_pass_that_tells_prints_what_it_told(home: Home, desktop: FakeServer) -> None:
    home.kz(*DUE)
    report = seen(home.kz("run", "--once", "--json"))
    assert REPORT(report)
    [told] = report["delivered"]
    assert report["failed"] == []
    assert (told["attempt"], told["digest"], told["late"]) == (1, False, False)
    assert [note["title"] for note in desktop.received()] == [told["title"]]
    again = seen(home.kz("run", "--once", "--json"))
    assert again["delivered"] == []


def test_reminders_of_one_message_share_its_id_and_a_digest_says_so(
    home: Home, desktop: FakeServer
) -> None:
    for number in range(6):
        home.kz("add", "--label", f"Card {number}", "--expires", "+1d", "--keep-alive", "1d")
    report = seen(home.kz("run", "--once", "--json"))
    assert REPORT(report)
    assert len(report["delivered"]) == 12
    assert len(desktop.received()) == 4
    ids_of: dict[str, set[int]] = {}
    for one in report["delivered"]:
        ids_of.setdefault(one["label"], set()).add(one["notification_id"])
    assert all(len(ids) == 1 for ids in ids_of.values())
    assert len({one["notification_id"] for one in report["delivered"]}) == 4
    in_digest = {one["label"] for one in report["delivered"] if one["digest"]}
    assert len(in_digest) == 3


def test_history_has_events_and_messages_newest_first(
    home: Home, desktop: FakeServer, clock: time_machine.Traveller
) -> None:
    home.kz(*DUE)
    receipt = home.folder / "receipt.txt"
    receipt.write_text("paid")
    for words in (
        *(("run", "--once"), ("edit", "Due", "--price", "12.50", "--lang", "ru")),
        *(("topup", "Due", "500", "--method", "kaspi", "--note", "from the shop"),),
        *(("balance", "Due", "800", "--at", "09:30"), ("used", "Due"), ("archive", "Due")),
        *(("restore", "Due"), ("renew", "Due", "--paid", "4990", "--receipt", str(receipt))),
    ):
        clock.shift(60)
        assert home.kz(*words).exit_code == 0, words
    entries = seen(home.kz("history", "Due", "--json"))
    assert [entry.get("what", entry.get("outcome")) for entry in entries] == [
        *("renewed", "restored", "archived", "used", "balance_read", "topped_up", "edited"),
        *("accepted", "added"),
    ]
    for entry in entries:
        assert (EVENT if entry["kind"] == "event" else MESSAGE)(entry)
    assert entries == seen(home.kz("history", "--json"))
    edited = entries[6]["changes"]
    assert edited == {"price": [None, "12.50"], "lang": [None, "ru"]}
    assert entries[-1]["changes"] == {}, "the first event stores no values"
    assert entries[5]["details"] == {
        "amount": "500",
        "on": "2026-11-21",
        "method": "kaspi",
        "note": "from the shop",
    }
    assert (home.data / "kzreminder" / "receipts" / entries[0]["details"]["receipt"]).exists()
    assert [one["lead"] for one in entries[-2]["reminders"]] == ["1d"]


def test_a_failed_message_is_in_the_history_with_its_error(
    home: Home, clock: time_machine.Traveller
) -> None:
    home.kz(*DUE)
    clock.shift(60)
    home.kz("run", "--once")
    message = seen(home.kz("history", "Due", "--json"))[0]
    assert MESSAGE(message)
    assert message["outcome"] == "failed"
    assert text(message["error"])
    assert message["notification_id"] is None


@pytest.mark.parametrize("language", ["en", "kk", "ru", "zh", "zh-Hant"])
@pytest.mark.parametrize("wanted", [*OPERATOR_IDS, "Due"])
def test_a_guide_has_its_shape_for_every_operator(home: Home, wanted: str, language: str) -> None:
    home.kz(*DUE)
    guide = seen(home.kz("guide", wanted, "--lang", language, "--json"))
    assert GUIDE(guide)
    assert guide["language"] == language
    assert guide["best"] in [method["id"] for method in guide["methods"]]
    assert guide["card"] == (1 if wanted == "Due" else None)
    assert guide["operator"]["id"] == ("beeline" if wanted == "Due" else wanted)
    expected = "not-found" if wanted in ("lycamobile", "astelit") else "serves"
    assert guide["operator"]["status"] == expected
    assert ("Ukrain" in json.dumps(guide) or language != "en") or wanted != "astelit"


def test_a_guide_for_one_method_has_only_that(home: Home) -> None:
    guide = seen(home.kz("guide", "kcell", "--method", "kaspi", "--json"))
    assert [method["id"] for method in guide["methods"]] == ["kaspi"]


def test_operators_have_their_shape_and_order(home: Home) -> None:
    operators = seen(home.kz("operators", "list", "--json"))
    assert each(OPERATOR)(operators)
    assert [one["id"] for one in operators] == OPERATOR_IDS
    for one in operators:
        assert seen(home.kz("operators", "show", one["id"], "--json")) == one
    assert seen(home.kz("operators", "list", "--stale", "36500", "--json")) == []


def test_status_is_printed_though_nothing_is_well(home: Home) -> None:
    status = seen(home.kz("status", "--json"), exit_code=1)
    assert STATUS(status)
    assert status["ok"] is False
    assert status["daemon"] == {
        "alive": False,
        **dict.fromkeys(("pid", "last_pass_at", "next_wake_at")),
    }
    assert status["database"] == {"url": f"sqlite:///{home.database}", "schema": SCHEMA, "cards": 0}


def test_status_counts_what_could_not_be_told(home: Home) -> None:
    home.kz(*DUE)
    home.kz("run", "--once")
    status = seen(home.kz("status", "--json"), exit_code=1)
    assert STATUS(status)
    assert status["undelivered"] == 1
    assert status["database"]["cards"] == 1
    assert status["daemon"]["last_pass_at"] == "2026-11-21T10:00:00+05:00"
    assert status["daemon"]["next_wake_at"] is not None


def test_status_counts_nothing_where_all_was_told(home: Home, desktop: FakeServer) -> None:
    home.kz(*DUE)
    home.kz("run", "--once")
    status = seen(home.kz("status", "--json"), exit_code=1)
    assert status["undelivered"] == 0
    assert status["daemon"]["alive"] is False


def test_a_test_notification_prints_what_became_of_it(home: Home, desktop: FakeServer) -> None:
    shape = exactly(
        target=text, channel=text, accepted=flag, notification_id=maybe(whole), error=maybe(text)
    )
    sent = seen(home.kz("test-notification", "--json"))
    assert shape(sent)
    assert sent["accepted"] is True
    desktop.stop()
    refused = home.kz("test-notification", "--json")
    assert refused.exit_code == 7
    assert shape(refused.json)
    assert refused.json["accepted"] is False
    assert refused.error


def test_demo_exits_with_0_where_it_had_to_print(home: Home) -> None:
    printed = home.kz("demo")
    assert printed.exit_code == 0
    assert "Mum" in printed.out
    report = seen(home.kz("demo", "--json"))
    assert REPORT(report)
    assert len(report["delivered"]) >= 3
    assert not home.database.exists(), "the database was thrown away, the real one not touched"


def test_demo_shows_real_notifications_where_it_can(home: Home, desktop: FakeServer) -> None:
    report = seen(home.kz("demo", "--json"))
    assert REPORT(report)
    shown = [note["title"] for note in desktop.received()]
    assert set(shown) == {one["title"] for one in report["delivered"]}


def test_the_configuration_is_printed_as_one_object(home: Home) -> None:
    assert seen(home.kz("config", "path", "--json")) == {
        "path": str(home.config_file),
        "exists": False,
    }
    assert seen(home.kz("config", "init", "--json")) == {"path": str(home.config_file)}
    assert seen(home.kz("config", "check", "--json"))["ok"] is True
    shown = seen(home.kz("config", "show", "--json"))
    assert shown["database"] == f"sqlite:///{home.database}"
    assert shown["reminders"]["hour"] == "10:00"
    assert shown["watches"] == []
    named = {setting.key.partition(".")[0] for setting in SETTINGS}
    assert named - {"leads", "repeats"} <= set(shown)


def test_no_password_is_printed(home: Home) -> None:
    url = "postgresql://me:hush%40@db.example/cards"
    shown = home.kz("config", "show", "--json", "--db", url)
    assert shown.exit_code == 0
    assert "hush" not in shown.out
