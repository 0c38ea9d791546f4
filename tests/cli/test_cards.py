"""The life of a card by command, and what all commands share: languages, terminals, options."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from kzreminder.wording.language import Words
from tests.cli.running import Home, Result, faked_clock

NOW = datetime.fromisoformat("2026-11-21T05:00:00+00:00")  # 10:00 in Almaty
EXAMPLE = json.loads("""
{"id": 1, "label": "Mum", "number": "+77011234567", "operator": "kcell", "operator_guessed": false, "kind": "sim", "state": "ok",
 "plan": {"name": "Unlimited 30", "period": "30d", "started_on": "2026-11-21", "ends_at": "2026-12-20T23:59:59+05:00", "price": "4990", "auto_renew": false},
 "balance": {"amount": "1200", "threshold": null, "read_at": "2026-11-21T10:00:00+05:00", "runs_low_on": null, "estimated": false},
 "keep_alive": {"period": "90d", "last_used_on": "2026-11-21", "due_on": "2027-02-19"}, "device_entered_on": null, "protects": null,
 "deadlines": [{"kind": "plan", "at": "2026-12-20T23:59:59+05:00"}, {"kind": "idle", "at": "2027-02-19T23:59:59+05:00"}],
 "next_reminder": {"at": "2026-12-06T10:00:00+05:00", "deadline": "plan", "lead": "14d"},
 "leads": null, "muted_until": null, "snoozed_until": null, "tags": [], "lang": null, "note": null, "archived": false}
""")  # noqa: E501 - as the contract has it
ADD_EXAMPLE = (
    *("add", "8 701 123 45 67", "--label", "Mum", "--operator", "Kcell", "--plan", "Unlimited 30"),
    *("--period", "30d", "--price", "4990", "--balance", "1200", "--keep-alive", "90d"),
)
UNKNOWN = "no card is called {wanted}"
COLOUR = re.compile(r"\x1b\[[0-9;]*(3[0-8]|4[0-8]|9[0-7])[0-9;]*m")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def card(home: Home, *args: str, **environ: str) -> Any:
    """The card that the command prints."""
    end = args.index("--") if "--" in args else len(args)
    result = home.kz(*args[:end], "--json", *args[end:], **environ)
    assert result.exit_code == 0, result
    return result.json


def plan_of(home: Home, *args: str) -> tuple[str | None, str | None]:
    """First and last good day after the command."""
    plan = card(home, *args)["plan"]
    return plan["started_on"], plan["ends_at"] and plan["ends_at"][:10]


# Registering and correcting


def test_the_card_of_the_contract_is_printed_as_it_stands_there(home: Home) -> None:
    assert card(home, *ADD_EXAMPLE) == EXAMPLE
    assert card(home, "show", "Mum") == EXAMPLE


def test_a_process_with_its_clock_moved_prints_the_same(home: Home) -> None:
    result = home.process(*ADD_EXAMPLE, "--json", **faked_clock("2026-11-21 10:00:00"))
    assert result.exit_code == 0, result
    shown = result.json
    # a slow machine has taken a second or two until it looked at the clock
    assert shown["balance"].pop("read_at").startswith("2026-11-21T10:00:0")
    balance = {key: value for key, value in EXAMPLE["balance"].items() if key != "read_at"}
    assert shown == EXAMPLE | {"balance": balance}


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Kiritimati", "UTC", "Asia/Almaty"])
def test_today_is_the_day_in_almaty_on_any_host(
    home: Home, clock: time_machine.Traveller, zone: str
) -> None:
    clock.move_to(datetime.fromisoformat("2026-11-21T22:00:00+00:00"))  # the 22nd in Almaty
    for label, args in {
        "started": ("--period", "1d"),
        "today": ("--expires", "today"),
        "explicitly": ("--started", "today", "--period", "1d"),
    }.items():
        added = card(home, "add", "--label", label, *args, TZ=zone)
        assert added["plan"]["ends_at"] == "2026-11-22T23:59:59+05:00", (zone, label)
    kept = card(home, "add", "--label", "kept", "--keep-alive", "10d", TZ=zone)
    assert kept["keep_alive"]["last_used_on"] == "2026-11-22"
    assert card(home, "used", "kept", TZ=zone)["keep_alive"]["due_on"] == "2026-12-02"
    renewed = card(home, "renew", "kept", "--for", "1d", TZ=zone)
    assert renewed["plan"]["started_on"] == "2026-11-22"


def test_a_process_in_honolulu_counts_its_days_in_almaty(home: Home) -> None:
    result = home.process(
        *("add", "--label", "Far", "--expires", "tomorrow", "--json"),
        **faked_clock("2026-11-21 12:00:00"),  # 22:00 UTC
        TZ="Pacific/Honolulu",
    )
    assert result.json["plan"]["ends_at"] == "2026-11-23T23:59:59+05:00"
    assert result.json["next_reminder"]["at"].endswith("-10:00")


def test_a_card_may_be_a_number_alone(home: Home) -> None:
    added = card(home, "add", "(701) 123-45-67")
    assert added["label"] == "+7 701 123 45 67"
    assert added["number"] == "+77011234567"
    assert (added["operator"], added["operator_guessed"]) == ("kcell", True)
    told = card(home, "edit", added["label"], "--operator", "activ")
    assert (told["operator"], told["operator_guessed"]) == ("activ", False)


def test_a_number_of_another_country_is_taken_on_request(home: Home) -> None:
    added = card(home, "add", "+86 138 0013 8000", "--any-country", "--label", "Home")
    assert added["number"] == "+8613800138000"
    assert added["operator"] is None


@pytest.mark.parametrize(
    "typed",
    [
        *("+7 701 123 45 67", "8 701 123 45 67", "77011234567", "7011234567", "8(701)123-45-67"),
        *(
            "+7 (701) 123–45–67",
            "８７０１１２３４５６７",
            " 87011234567 ",
            "\u202a+77011234567\u202c",
        ),
    ],
)
def test_a_number_is_read_in_any_usual_form(home: Home, typed: str) -> None:
    assert card(home, "add", typed)["number"] == "+77011234567"


def test_an_end_in_the_past_is_taken_with_a_warning(home: Home) -> None:
    result = home.kz("add", "--label", "Late", "--expires", "2026-11-01", "--json")
    assert result.exit_code == 0
    assert result.err.startswith("Note: ")
    assert result.json["state"] == "overdue"
    assert home.kz("add", "--label", "Long gone", "--expires", "2026-01-01", "--json").json[
        "state"
    ] == ("lapsed")


def test_expires_alone_decides_the_end_and_leaves_the_start_unknown(home: Home) -> None:
    added = card(home, "add", "--label", "Mum", "--period", "30d", "--expires", "2028-01-01")
    assert added["plan"]["started_on"] is None
    assert added["plan"]["ends_at"] == "2028-01-01T23:59:59+05:00"
    both = ("--started", "2026-11-01", "--expires", "2028-01-01")
    assert plan_of(home, "add", "--label", "Dad", *both) == ("2026-11-01", "2028-01-01")


@pytest.mark.parametrize(
    ("period", "started", "ends"),
    [
        ("30d", "2026-11-21", "2026-12-20"),
        ("1d", "2026-11-21", "2026-11-21"),
        ("4w", "2026-11-21", "2026-12-18"),
        ("1mo", "2026-01-31", "2026-02-27"),
        ("1mo", "2026-03-31", "2026-04-29"),
        ("1mo", "2028-01-31", "2028-02-28"),
        ("1y", "2028-02-29", "2029-02-27"),
        ("month-start", "2026-02-10", "2026-02-28"),
        ("none", "2026-11-21", None),
    ],
)
def test_the_first_day_of_a_period_counts(
    home: Home, period: str, started: str, ends: str | None
) -> None:
    added = plan_of(home, "add", "--label", "Mum", "--period", period, "--started", started)
    assert added == (started, ends)


CLEARED = {
    "--number": ("87011234567", "number"),
    "--operator": ("kcell", "operator"),
    "--protects": ("eGov", "protects"),
    "--leads": ("3d,1d", "leads"),
    "--lang": ("zh", "lang"),
    "--note": ("a note", "note"),
    "--device-entered": ("2026-11-01", "device_entered_on"),
    "--plan": ("Unlimited", "plan.name"),
    "--period": ("30d", "plan.period"),
    "--started": ("2026-11-01", "plan.started_on"),
    "--expires": ("2026-12-31", "plan.ends_at"),
    "--price": ("4990", "plan.price"),
    "--balance": ("100", "balance.amount"),
    "--threshold": ("50", "balance.threshold"),
    "--keep-alive": ("90d", "keep_alive.period"),
    "--last-used": ("2026-11-01", "keep_alive.last_used_on"),
}


@pytest.mark.parametrize("option", CLEARED)
def test_a_dash_clears_what_was_told(home: Home, option: str) -> None:
    value, path = CLEARED[option]

    def found(shown: Any) -> Any:
        for key in path.split("."):
            shown = shown[key]
        return shown

    home.kz("add", "--label", "Mum")
    assert found(card(home, "edit", "Mum", option, value)) is not None
    assert found(card(home, "edit", "Mum", option, "-")) is None
    assert found(card(home, "show", "Mum")) is None


def test_tags_are_replaced_together(home: Home) -> None:
    tags = ("--tag", "family", "--tag", "bank", "--tag", "family")
    assert card(home, "add", "--label", "Mum", *tags)["tags"] == ["family", "bank"]
    assert card(home, "edit", "Mum", "--note", "x")["tags"] == ["family", "bank"]
    assert card(home, "edit", "Mum", "--tag", "abroad")["tags"] == ["abroad"]
    assert card(home, "edit", "Mum", "--tag", "-")["tags"] == []


def test_a_new_label_moves_no_date(home: Home, clock: time_machine.Traveller) -> None:
    before = card(home, *ADD_EXAMPLE)
    clock.shift(86400 * 3)
    after = card(home, "edit", "Mum", "--label", "Mother")
    assert after["label"] == "Mother"
    assert [after[key] for key in ("plan", "keep_alive", "deadlines", "balance")] == [
        before[key] for key in ("plan", "keep_alive", "deadlines", "balance")
    ]


@pytest.mark.parametrize(
    "label",
    [
        *(
            "-u <b>A&B</b>",
            "--help",
            "-",
            "--",
            "妈妈的卡",
            "Әжем",
            "🧓🏽 Oma",
            "%s{0}{x}%(y)s",
            "'\"`$(id)",
        ),
        *("a" * 80, "1", "null", "[bold]Mum[/]", "Mum\u00a0Mum", "\\n"),
    ],
)
def test_nothing_in_a_label_is_read_as_markup_or_option(home: Home, label: str) -> None:
    added = card(home, "add", f"--label={label}", "--expires", "+1d")
    assert added["label"] == label
    assert card(home, "show", "--", label) == added
    assert label in home.kz("list").out
    assert label in home.kz("show", "--", label).out
    shown = label if len(label) < 20 else label[:10]  # titles are short
    assert shown in home.kz("upcoming").out
    assert home.kz("upcoming", "--json").json[0]["label"] == label
    assert shown in home.kz("upcoming", "--json").json[0]["title"]
    assert card(home, "edit", "--note", "x", "--", label)["note"] == "x"
    removed = home.kz("remove", "--yes", "--", label)
    assert removed.exit_code == 0
    assert label in removed.err


# Which card


def found_by(home: Home, wanted: str) -> str:
    return str(card(home, "show", "--", wanted)["label"])


def test_a_card_is_found_by_label_then_id_then_prefix_then_digits(home: Home) -> None:
    """The first kind that finds something decides."""
    for args in (
        *(("87011234567", "--label", "Mum"), ("87051230002", "--label", "1")),
        *(("87051230003", "--label", "2 rooms"), ("87051230099", "--label", "567 office")),
        *(("87051230789", "--label", "Мамина симка"), ("--label", "Қызым"), ("--label", "妈妈")),
        ("--label", "Straße 7"),
    ):
        card(home, "add", *args)
    assert found_by(home, "1") == "1", "a label before the id of Mum"
    assert found_by(home, "2") == "1", "an id before the start of `2 rooms`"
    assert found_by(home, "2 r") == "2 rooms"
    assert found_by(home, "567") == "567 office", "a start before the last digits of Mum"
    assert found_by(home, "4567") == "Mum"
    assert found_by(home, "789") == "Мамина симка"
    for wanted in ("+7 701 123 45 67", "87011234567", "8 (701) 123-45-67", "123-45-67"):
        assert found_by(home, wanted) == "Mum"
    for wanted, label in {
        "MU": "Mum",
        "мам": "Мамина симка",
        "МАМИНА СИМКА": "Мамина симка",
        "ҚЫЗ": "Қызым",
        "妈": "妈妈",
        "妈妈": "妈妈",
        "STRASSE": "Straße 7",
        "straß": "Straße 7",
    }.items():
        assert found_by(home, wanted) == label
    assert home.kz("show", "89").exit_code == 3, "two digits name nobody"


def test_a_composed_and_a_decomposed_letter_are_the_same(home: Home) -> None:
    """Keyboards give й in one sign, files on a Mac in two."""
    card(home, "add", "--label", "Сергей")
    for wanted in ("Сергей", "сергей", "СЕРГЕЙ", "Серге"):
        assert found_by(home, unicodedata.normalize("NFD", wanted)) == "Сергей"
    card(home, "edit", "Сергей", "--label", unicodedata.normalize("NFD", "Андрей"))
    assert found_by(home, "Андрей") == "Андрей"


def test_an_exact_label_wins_over_a_longer_one(home: Home) -> None:
    for label in ("Mum", "Mum eSIM", "mum"):
        card(home, "add", "--label", label)
    assert found_by(home, "Mum") == "Mum"
    assert found_by(home, "mum") == "mum"
    ambiguous = home.kz("show", "MUM")
    assert ambiguous.exit_code == 4
    assert all(label in ambiguous.err for label in ("Mum", "Mum eSIM", "mum"))


def test_a_missing_card_is_answered_with_the_cards_there_are(home: Home) -> None:
    for label in ("Mum", "Office"):
        card(home, "add", "--label", label)
    missing = home.kz("show", "Dad")
    assert missing.exit_code == 3
    assert "Mum" in missing.err
    assert "Office" in missing.err


def test_digits_that_fit_two_numbers_are_ambiguous(home: Home) -> None:
    card(home, "add", "87011230567", "--label", "A")
    card(home, "add", "87051230567", "--label", "B")
    assert home.kz("show", "567").exit_code == 4
    assert found_by(home, "7011230567") == "A"


# What happens to a card


def test_a_renewal_in_time_begins_after_the_last_good_day(
    home: Home, clock: time_machine.Traveller
) -> None:
    card(home, *ADD_EXAMPLE)
    clock.move_to(datetime.fromisoformat("2026-12-20T18:59:58+00:00"))  # the last second
    assert plan_of(home, "renew", "Mum") == ("2026-12-21", "2027-01-19")


def test_a_late_renewal_begins_on_the_day_paid(home: Home, clock: time_machine.Traveller) -> None:
    card(home, *ADD_EXAMPLE)
    clock.move_to(datetime.fromisoformat("2026-12-20T19:00:00+00:00"))  # the 21st begins
    assert plan_of(home, "renew", "Mum") == ("2026-12-21", "2027-01-19")
    clock.move_to(datetime.fromisoformat("2027-01-25T05:00:00+00:00"))
    assert plan_of(home, "renew", "Mum") == ("2027-01-25", "2027-02-23")


@pytest.mark.parametrize(
    ("args", "first", "last"),
    [
        ((), "2026-12-21", "2027-01-19"),
        (("--on", "2026-12-20"), "2026-12-21", "2027-01-19"),
        (("--on", "2026-12-21"), "2026-12-21", "2027-01-19"),
        (("--on", "2026-12-25"), "2026-12-25", "2027-01-23"),
        (("--from", "today"), "2026-11-21", "2026-12-20"),
        (("--from", "today", "--on", "2026-11-25"), "2026-11-25", "2026-12-24"),
        (("--from", "expiry", "--on", "2027-01-15"), "2026-12-21", "2027-01-19"),
        (("--for", "1mo"), "2026-12-21", "2027-01-20"),
        (("--until", "2027-06-30"), "2026-12-21", "2027-06-30"),
        (("--until", "2026-12-21"), "2026-12-21", "2026-12-21"),
        (("--from", "today", "--until", "2026-12-31"), "2026-11-21", "2026-12-31"),
    ],
)
def test_a_renewal_begins_and_ends_where_it_is_told_to(
    home: Home, args: tuple[str, ...], first: str, last: str
) -> None:
    card(home, *ADD_EXAMPLE)
    assert plan_of(home, "renew", "Mum", *args) == (first, last)


def test_a_renewal_counts_as_activity_and_leaves_the_balance_alone(
    home: Home, clock: time_machine.Traveller
) -> None:
    before = card(home, *ADD_EXAMPLE)
    clock.shift(86400 * 10)
    after = card(home, "renew", "Mum", "--paid", "4990", "--method", "kaspi")
    assert after["balance"] == before["balance"]
    assert after["keep_alive"]["last_used_on"] == "2026-12-01"


def test_a_monthly_plan_comes_back_to_the_31st_however_often_it_is_renewed(home: Home) -> None:
    card(home, "add", "--label", "Mum", "--period", "1mo", "--started", "2027-01-31")
    ends = [plan_of(home, "renew", "Mum", "--from", "expiry")[1] for _ in range(13)]
    assert ends[:4] == ["2027-03-30", "2027-04-29", "2027-05-30", "2027-06-29"]
    assert ends[10:] == ["2028-01-30", "2028-02-28", "2028-03-30"]


def test_a_renewal_of_a_card_without_a_first_day_keeps_the_new_one(home: Home) -> None:
    card(home, "add", "--label", "Mum", "--period", "1mo", "--expires", "2026-11-30")
    assert plan_of(home, "renew", "Mum") == ("2026-12-01", "2026-12-31")
    assert plan_of(home, "renew", "Mum", "--from", "expiry") == ("2027-01-01", "2027-01-31")


def test_a_top_up_adds_to_a_known_balance_only(home: Home, clock: time_machine.Traveller) -> None:
    card(home, "add", "--label", "Known", "--balance", "-12.50", "--keep-alive", "90d")
    card(home, "add", "--label", "Unknown")
    clock.shift(86400)
    after = card(home, "topup", "Known", "1 000,75 тг")
    assert after["balance"]["amount"] == "988.25"
    assert after["keep_alive"]["last_used_on"] == "2026-11-22"
    assert after["balance"]["read_at"] == "2026-11-21T10:00:00+05:00", "a top-up is no reading"
    assert card(home, "topup", "Unknown", "1000")["balance"]["amount"] is None


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        *(("-320", "-320"), ("-0.5", "-0.50"), ("0", "0"), ("4 990₸", "4990"), ("12,50", "12.50")),
        *(("4\u00a0990", "4990"), ("0.00", "0"), ("１２００", "1200"), ("-4 990 тг", "-4990")),
    ],
)
def test_a_balance_is_read_as_it_is_typed(home: Home, typed: str, printed: str) -> None:
    """Without a `--`: a balance may be negative."""
    card(home, "add", "--label", "Mum")
    assert card(home, "balance", "Mum", typed)["balance"]["amount"] == printed


def test_an_older_reading_is_history_only(home: Home) -> None:
    card(home, "add", "--label", "Mum")
    card(home, "balance", "Mum", "500", "--at", "2026-11-21 09:00")
    after = card(home, "balance", "Mum", "900", "--at", "2026-11-20 18:00")
    assert after["balance"]["amount"] == "500"
    assert after["balance"]["read_at"] == "2026-11-21T09:00:00+05:00"
    newest = home.kz("history", "Mum", "--json").json[0]
    assert newest["what"] == "balance_read"
    assert newest["details"]["amount"] == "900"
    assert newest["changes"] == {}


def test_use_restarts_the_idle_clock_and_never_turns_it_back(home: Home) -> None:
    card(home, "add", "--label", "Mum", "--keep-alive", "90d", "--last-used", "2026-11-01")
    assert card(home, "used", "Mum")["keep_alive"]["due_on"] == "2027-02-19"
    assert card(home, "used", "Mum", "--on", "2026-10-01")["keep_alive"]["due_on"] == "2027-02-19"


def test_an_archived_card_is_silent_until_it_is_restored(home: Home) -> None:
    before = card(home, *ADD_EXAMPLE)
    archived = card(home, "archive", "Mum")
    assert (archived["archived"], archived["state"], archived["next_reminder"]) == (
        *(True, "archived"),
        None,
    )
    assert home.kz("list", "--json").json == []
    assert home.kz("upcoming", "--days", "400", "--json").json == []
    assert [one["label"] for one in home.kz("list", "--all", "--json").json] == ["Mum"]
    assert [one["label"] for one in home.kz("list", "--state", "archived", "--json").json] == [
        "Mum"
    ]
    assert card(home, "restore", "Mum") == before


def test_a_removed_card_takes_its_history_with_it(home: Home) -> None:
    card(home, *ADD_EXAMPLE)
    card(home, "add", "--label", "Dad")
    removed = home.kz("remove", "Mum", "--yes")
    assert (removed.exit_code, removed.out) == (0, "")
    assert [one["card"] for one in home.kz("history", "--json").json] == [2]
    assert home.kz("show", "Mum").exit_code == 3
    assert card(home, *ADD_EXAMPLE)["id"] == 3


def test_a_receipt_is_copied_privately_and_once(home: Home) -> None:
    card(home, *ADD_EXAMPLE)
    receipt = home.folder / "чек № 1.PDF"
    receipt.write_bytes(b"%PDF paid")
    for words in (("renew", "Mum"), ("topup", "Mum", "100")):
        card(home, *words, "--receipt", str(receipt))
    [kept] = (home.data / "kzreminder" / "receipts").iterdir()
    assert kept.suffix == ".pdf"
    assert kept.read_bytes() == b"%PDF paid"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700


def test_lists_are_filtered_and_sorted(home: Home) -> None:
    for args in (
        ("--label", "b", "--expires", "+30d", "--operator", "tele2", "--tag", "family"),
        ("--label", "C", "--expires", "+2d", "--operator", "beeline", "--tag", "fam"),
        ("--label", "a", "--operator", "kcell", "--balance", "5", "--threshold", "10"),
    ):
        card(home, "add", *args)

    def labels(*args: str) -> list[str]:
        return [one["label"] for one in home.kz("list", *args, "--json").json]

    assert labels("--sort", "label") == ["a", "b", "C"]
    assert labels("--sort", "added") == ["b", "C", "a"]
    assert labels("--sort", "operator") == ["C", "a", "b"]
    assert set(labels()) == {"a", "b", "C"}
    assert labels().index("C") < labels().index("b"), "the earlier end first"
    assert labels("--operator", "Билайн") == ["C"]
    assert labels("--tag", "fam") == ["C"]
    assert labels("--tag", "fa_") == []
    assert labels("--state", "low") == ["a"]
    assert labels("--state", "ending") == ["C"]
    assert labels("--state", "ok") == ["b"]


# What all commands share


def test_global_options_stand_before_or_after_the_command(home: Home) -> None:
    url = f"sqlite:///{home.folder}/other.db"
    card(home, "--db", url, "add", "--label", "Elsewhere")
    for args in (("--db", url, "list"), ("list", "--db", url), (f"--db={url}", "list", "-v")):
        assert [one["label"] for one in home.kz(*args, "--json").json] == ["Elsewhere"]
    assert home.kz("list", "--json").json == []
    assert not home.database.exists() or home.kz("list", "--json").json == []
    assert home.kz("list", "--json", KZREMINDER_DATABASE=url).json[0]["label"] == "Elsewhere"
    other = f"sqlite:///{home.folder}/third.db"
    assert home.kz("--db", other, "list", "--db", url, "--json").json != [], "the later one wins"
    assert home.kz("list", "--db", other, "--json", KZREMINDER_DATABASE=url).json == []


def test_options_of_a_command_in_a_group_are_global_too(home: Home) -> None:
    for args in (
        *(("--lang", "zh", "config", "show"), ("config", "--lang", "zh", "show")),
        ("config", "show", "--lang", "zh"),
    ):
        assert home.kz(*args, "--json").json["language"] == "zh", args


def test_the_language_is_that_of_option_environment_file_locale_in_this_order(home: Home) -> None:
    def language(*args: str, **environ: str) -> str:
        return str(home.kz("config", "show", "--json", *args, **environ).json["language"])

    assert language() == "en", "LC_ALL=C.UTF-8 has no words"
    assert language(LC_ALL="zh_TW.UTF-8") == "zh-Hant"
    assert language(LC_ALL="", LC_MESSAGES="ru_RU.UTF-8", LANG="zh_CN.UTF-8") == "ru"
    assert language(LC_ALL="", LANG="kk_KZ.UTF-8") == "kk"
    assert language(LC_ALL="de_DE.UTF-8") == "en"
    home.configure('language = "ru"\n')
    assert language(LC_ALL="zh_CN.UTF-8") == "ru"
    assert language(KZREMINDER_LANG="kk") == "kk"
    assert language("--lang", "zh", KZREMINDER_LANG="kk") == "zh"
    assert language("--lang", "zh_TW", KZREMINDER_LANG="kk") == "zh-Hant"


def test_the_file_of_an_option_wins_over_that_of_the_environment(home: Home) -> None:
    files = {}
    for name, at in (("environment", "02:00"), ("option", "03:00"), ("before", "04:00")):
        files[name] = str(home.folder / name)
        (home.folder / name).write_text(f'[reminders]\nhour = "{at}"\n')
    home.configure('[reminders]\nhour = "01:00"\n')

    def hour(*args: str, **environ: str) -> str:
        return str(home.kz(*args, "config", "show", "--json", **environ).json["reminders"]["hour"])

    assert hour() == "01:00"
    assert hour(KZREMINDER_CONFIG="") == "01:00", "an empty one is none"
    assert hour(KZREMINDER_CONFIG=files["environment"]) == "02:00"
    option = ("--config", files["option"])
    assert hour(*option, KZREMINDER_CONFIG=files["environment"]) == "03:00"
    shown = home.kz("--config", files["before"], "config", "show", *option, "--json").json
    assert (shown["reminders"]["hour"], shown["file"]) == ("03:00", files["option"])


@pytest.mark.parametrize("words", [("--lang", "zh"), ()])
def test_errors_and_help_speak_the_language_that_is_asked_for(
    home: Home, words: tuple[str, ...]
) -> None:
    if Words("zh").gettext(UNKNOWN, wanted="x") == UNKNOWN.format(wanted="x"):
        pytest.skip("the Chinese catalogue does not have this sentence")
    environ = {} if words else {"KZREMINDER_LANG": "zh"}
    for args in (
        ("show", "x"),
        ("add", "--period", "30"),
        ("renew", "x", "--from", "y"),
        ("list",),
    ):
        said = home.kz(*words, *args, **environ)
        assert re.search(r"[\u4e00-\u9fff]", said.err), (args, said)
    for args in (("--help",), ("add", "--help"), ("config", "-h")):
        said = home.kz(*words, *args, **environ)
        assert re.search(r"[\u4e00-\u9fff]", said.out), (args, said)
    assert not re.search(r"[\u4e00-\u9fff]", home.kz("show", "x").err), "and nothing is left of it"


def test_after_add_and_edit_the_language_is_the_cards(home: Home) -> None:
    added = home.kz("add", "--label", "Mum", "--lang", "zh", "--json")
    assert added.json["lang"] == "zh"
    spoken = home.kz("edit", "Mum", "--lang", "ru")
    assert card(home, "show", "Mum")["lang"] == "ru"
    assert not re.search(r"[\u4e00-\u9fff\u0400-\u04ff]", spoken.out + spoken.err)
    before = home.kz("--lang", "zh", "add", "--label", "Dad", "--json")
    assert before.json["lang"] is None


def test_results_go_to_stdout_and_talk_to_stderr(home: Home) -> None:
    added = home.kz(*ADD_EXAMPLE)
    assert added.err.startswith("Registered.")
    assert added.out.startswith("Mum (#1)")
    assert "Registered" not in added.out
    empty = home.kz("list", "--tag", "nope")
    assert (empty.exit_code, empty.out) == (0, "")
    assert empty.err != ""
    quiet = home.kz("edit", "Mum", "--note", "x", "--json")
    assert quiet.err == ""


def commands(home: Home) -> list[str]:
    listed = home.kz("--help").out.partition("Commands:")[2]
    return re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE)


def test_every_command_has_help_with_an_example(home: Home) -> None:
    names = commands(home)
    assert len(names) >= 20
    groups = {"operators": ("list", "show"), "config": ("init", "path", "show", "check")}
    paths = [(name,) for name in names] + [
        (name, inner) for name, inners in groups.items() for inner in inners
    ]
    for path in paths:
        long, short = home.kz(*path, "--help"), home.kz(*path, "-h")
        assert long == short, path
        assert long.exit_code == 0, path
        assert f"kzreminder {' '.join(path)}" in long.out.partition("Example:")[2], path
        assert f"Usage: kzreminder {' '.join(path)}" in long.out, path
    assert not home.data.exists(), "help makes no database"


def test_help_is_shown_whatever_is_wrong_beside_it(home: Home) -> None:
    home.configure("language = 3\n")
    assert home.kz("--help").exit_code == 0
    assert home.kz("list", "--help", "--db", "nonsense").exit_code == 0
    assert home.kz("add", "--period", "30", "--help").exit_code == 0


def test_the_version_is_one_line(home: Home) -> None:
    for shown in (home.kz("--version"), home.process("--version")):
        assert shown.exit_code == 0
        assert re.fullmatch(r"kzreminder \d+\.\d+(\.\d+)?\S*\n", shown.out)


def test_without_a_command_and_a_terminal_the_help_is_shown(home: Home) -> None:
    assert home.kz() == home.kz("--help")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete(home: Home, shell: str) -> None:
    script = home.process(_KZREMINDER_COMPLETE=f"{shell}_source")
    if shell == "bash" and "Bash version" in script.err:
        pytest.skip("this machine's bash is too old to complete")
    assert script.exit_code == 0, script
    assert "kzreminder" in script.out
    offered = home.process(
        _KZREMINDER_COMPLETE=f"{shell}_complete",
        COMP_WORDS="kzreminder top",
        COMP_CWORD="1" if shell != "fish" else "top",
    )
    assert "topup" in offered.out


# On a terminal


def test_a_terminal_is_asked_before_a_card_is_removed(home: Home) -> None:
    card(home, *ADD_EXAMPLE)
    for typed in ("\n", "\x04"):
        asked = home.terminal("remove", "Mum", typed=typed)
        assert asked.exit_code == 1, asked
        assert "Mum" in asked.out
        assert "Traceback" not in asked.out
    assert home.asked("remove", "Mum", typed="n\n").exit_code == 1
    assert card(home, "show", "Mum")["label"] == "Mum"
    assert home.asked("remove", "Mum", "--no-input", typed="").exit_code == 2
    assert home.asked("--no-input", "remove", "Mum", typed="y\n").exit_code == 2
    assert home.terminal("remove", "Mum", typed="y\n").exit_code == 0
    assert home.kz("list", "--all", "--json").json == []


def shown_on_terminal(home: Home, *args: str, **environ: str) -> Result:
    result = home.terminal(*args, **environ)
    assert result.exit_code == 0, result
    return result


def test_there_is_no_colour_where_it_is_not_wanted(home: Home) -> None:
    card(home, *ADD_EXAMPLE)
    for args in (("list",), ("--help",)):
        assert "\x1b" not in home.kz(*args, FORCE_COLOR="").out
        assert "\x1b" not in home.process(*args).out
        assert not COLOUR.search(shown_on_terminal(home, *args, NO_COLOR="1").out), args


def test_a_terminal_without_a_command_shows_the_list_or_a_welcome(home: Home) -> None:
    welcome = shown_on_terminal(home).out
    for command in ("add", "demo"):
        assert f"kzreminder {command}" in welcome
    card(home, *ADD_EXAMPLE)
    assert "Mum" in shown_on_terminal(home).out


def test_a_reader_who_has_seen_enough_is_no_error(home: Home) -> None:
    card(home, *ADD_EXAMPLE)
    ended = home.through_head("operators", "show", "kcell", "--json")
    assert ended.err == ""
