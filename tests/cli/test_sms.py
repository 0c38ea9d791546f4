"""What an operator sent, read by the command; of a one-time code nothing comes out anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests.cli.running import Home, Result

NOW = datetime.fromisoformat("2026-11-21T12:00+05:00")
KEYS = {"understood", "kind", "amount", "missing", "balance", "on", "operator", "card", "applied"}
KEYS |= {"caution"}
CODE = "739184"
CODE_MESSAGES = (
    f"Код: {CODE}",
    f"Код {CODE[:3]}-{CODE[3:]} для входа. Баланс: 73918 тг",
    f"Your code is {CODE}. Do not share it with anyone.",
    f"Ваш счёт пополнен на {CODE} тг. Никому не сообщайте код {CODE}",
    f"验证码：{CODE}，请勿告诉他人",
    CODE,
)


@pytest.fixture
def in_november() -> Iterator[None]:
    """For texts with a day; the cards were registered, and read, on the day of the test."""
    with time_machine.travel(NOW, tick=False):
        yield


def read(result: Result) -> dict[str, Any]:
    assert result.exit_code in (0, 1), result
    found = result.json
    assert isinstance(found, dict)
    assert set(found) == KEYS
    return found


def told(result: Result) -> dict[str, Any]:
    """What is not null, false or `understood`."""
    return {key: value for key, value in read(result).items() if value and key != "understood"}


def balance_of(home: Home, card: str = "Mum") -> Any:
    return home.kz("show", card, "--json").json["balance"]["amount"]


def newest(home: Home, card: str = "Mum") -> Any:
    return home.kz("history", card, "--json").json[0]


def test_a_balance_is_read_and_nothing_recorded(registered: Home) -> None:
    before = registered.contents()
    found = registered.kz("sms", "Kcell: Ваш баланс 1 200,50 тг", "--card", "Mum", "--json")
    assert found.err == ""
    assert read(found) == {
        "understood": True,
        "kind": "balance",
        "amount": "1200.50",
        "missing": None,
        "balance": None,
        "on": None,
        "operator": "kcell",
        "card": 1,
        "applied": False,
        "caution": False,
    }
    shown = registered.kz("sms", "Ваш баланс 1 200,50 тг", "--card", "Mum")
    assert shown.out.splitlines() == ["Balance: 1 200.50 ₸", "Operator\tKcell", "Card\tMum"]
    assert shown.err == "Record it: kzreminder balance Mum 1200.50\n"
    assert registered.contents() == before


@pytest.mark.usefixtures("in_november")
def test_all_that_is_told_beside_the_amount_is_shown(registered: Home) -> None:
    text = "Абонплата 4990 тг будет списана 25.01.27. На балансе 4 000 тг, не хватает 990 тг"
    shown = registered.kz("sms", text)
    assert shown.out.splitlines() == [
        *("Charge due: 4 990 ₸", "Lacking\t990 ₸", "Balance\t4 000 ₸", "Day\t25 Jan"),
    ]
    assert shown.err.splitlines() == [
        *("There is nothing in it to record.", "How to pay: kzreminder guide CARD"),
    ]


def test_what_is_not_understood_is_said_to_be_so(registered: Home) -> None:
    unknown = registered.kz("sms", "1 - Баланс 2 - Тарифы 77")
    assert (unknown.exit_code, unknown.out) == (0, "")
    assert unknown.err.startswith("Not understood.")
    assert "77" not in unknown.err
    assert told(registered.kz("sms", "Меню 77", "--json")) == {}
    assert registered.kz("sms", "Меню 77", "--apply", "--card", "Mum").exit_code == 1


def test_an_applied_balance_is_a_reading_that_says_where_it_came_from(registered: Home) -> None:
    applied = registered.kz("sms", "Баланс: -1 200 тг", "--card", "Mum", "--apply", "--json")
    assert told(applied) == {
        "kind": "balance",
        "amount": "-1200",
        "operator": "kcell",
        "card": 1,
        "applied": True,
    }
    assert balance_of(registered) == "-1200"
    event = newest(registered)
    assert event["what"] == "balance_read"
    assert event["details"].items() >= {"amount": "-1200", "source": "message"}.items()
    assert "from: the operator's message" in registered.kz("history", "Mum").out
    assert registered.kz("undo", "Mum").exit_code == 0
    assert balance_of(registered) is None


def test_an_applied_top_up_takes_the_balance_that_it_tells(registered: Home) -> None:
    text = "Ваш счёт пополнен на 2 000 тг. Баланс: 3 150 тг"
    applied = registered.kz("sms", text, "--card", "Office 1", "--apply")
    assert applied.exit_code == 0
    assert applied.err == (
        "Recorded for Office 1. It is taken back with: kzreminder undo 'Office 1'\n"
    )
    assert balance_of(registered, "Office 1") == "3150"
    event = newest(registered, "Office 1")
    assert (event["what"], event["details"]["source"]) == ("topped_up", "message")
    assert (event["details"]["amount"], event["details"]["balance"]) == ("2000", "3150")
    registered.kz("undo", "Office 1")
    assert balance_of(registered, "Office 1") == "1200"
    registered.kz("sms", "Ваш счёт пополнен на 2 000 тг", "--card", "Office 1", "--apply")
    assert balance_of(registered, "Office 1") == "3200"


@pytest.mark.usefixtures("in_november")
def test_a_balance_of_an_earlier_day_is_dated_to_it(registered: Home) -> None:
    text = "Баланс на 20.11.2026: 350 тг"
    applied = registered.kz("sms", text, "--card", "Mum", "--apply", "--json")
    assert told(applied).items() >= {"amount": "350", "on": "2026-11-20", "applied": True}.items()
    read_at = registered.kz("show", "Mum", "--json").json["balance"]["read_at"]
    assert read_at == "2026-11-20T23:59:59+05:00"
    registered.kz("balance", "Mum", "900")
    older = registered.kz("sms", text, "--card", "Mum", "--apply")
    assert "history only" in older.err
    assert balance_of(registered) == "900"


def test_the_card_is_found_by_its_number_in_the_text(registered: Home) -> None:
    text = "Баланс номера 8 (701) 123-45-67: 350 тг"
    assert told(registered.kz("sms", text, "--json"))["card"] == 1
    two = text + ". Баланс +77051234567: 350 тг"
    assert "card" not in told(registered.kz("sms", two, "--json"))
    other = registered.kz("sms", text, "--card", "Office 1")
    assert "Note: the message names the number of Mum." in other.err
    stranger = "Баланс номера 87019999999: 350 тг"
    assert "card" not in told(registered.kz("sms", stranger, "--json"))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Завтра спишется абонплата 4990 тг", "kzreminder guide Mum"),
        ("Списано 4990 тг", "kzreminder renew Mum"),
        ("Не удалось списать 4990 тг", "kzreminder guide Mum"),
        ("Ваш номер будет закрыт 25.12.2026", "kzreminder guide Mum"),
        ("Низкий баланс", "kzreminder balance Mum AMOUNT"),
        ("Осталось 5 ГБ", "nothing in it to record"),
        ("Акция! 10 ГБ за 1990 тг", "nothing in it to record"),
    ],
)
def test_what_is_nothing_to_record_says_what_to_do(registered: Home, text: str, hint: str) -> None:
    before = registered.contents()
    refused = registered.kz("sms", text, "--card", "Mum", "--apply")
    assert refused.exit_code == 1
    assert hint in refused.err
    assert registered.kz("sms", text, "--card", "Mum").exit_code == 0
    assert registered.contents() == before


def test_applying_needs_a_card(registered: Home) -> None:
    refused = registered.kz("sms", "Баланс: 350 тг", "--apply")
    assert (refused.exit_code, refused.out) == (2, "")
    assert "--card CARD" in refused.err
    assert registered.kz("sms", "Баланс: 350 тг", "--card", "Nobody").exit_code == 3


def test_a_message_pasted_without_quotes_is_one_text(registered: Home) -> None:
    assert told(registered.kz("sms", "Баланс:", "1", "200", "тг", "--json"))["amount"] == "1200"
    assert told(registered.kz("sms", "Баланс", "-320", "тг", "--json"))["amount"] == "-320"
    assert told(registered.kz("sms", "--json", "--", "--Баланс:", "350", "тг")) == {}


def test_a_message_is_read_from_a_pipe_and_never_asked_about(registered: Home) -> None:
    message = registered.folder / "message"
    message.write_text("\ufeffБаланс:\n350 тг\n", encoding="utf-8")
    piped = registered.shell(f"sms --card Mum < '{message}'")
    assert (piped.exit_code, piped.out.splitlines()[0]) == (0, "Balance: 350 ₸")
    assert piped.err == "Record it: kzreminder balance Mum 350\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no message"),
        (b" \n ", "no message"),
        (b"\xff\xfe739184", "not UTF-8"),
        ("Код 739184".encode("cp1251"), "not UTF-8"),
    ],
)
def test_an_empty_or_unreadable_message_is_refused_in_one_line(
    registered: Home, content: bytes, words: str
) -> None:
    message = registered.folder / "message"
    message.write_bytes(content)
    refused = registered.shell(f"sms < '{message}'")
    assert refused.exit_code == 2
    assert words in refused.error
    assert CODE not in refused.err
    assert "Traceback" not in refused.err
    as_word = registered.process(b"sms", b"\xff\xfe739184")
    assert (as_word.exit_code, CODE in as_word.err) == (2, False)


def test_endless_input_is_not_read_to_its_end(registered: Home) -> None:
    found = registered.shell("sms --json < /dev/zero")
    assert (found.exit_code, found.json["understood"]) == (0, False)


def test_an_empty_command_line_without_a_terminal_is_refused(registered: Home) -> None:
    assert registered.kz("sms").exit_code == 2
    assert registered.kz("sms", "").exit_code == 2
    assert registered.kz("sms", "--clipboard", "Баланс: 350 тг").exit_code == 2


def test_without_a_clipboard_there_is_one_clear_line(registered: Home) -> None:
    empty = registered.folder / "no-programs"
    empty.mkdir()
    refused = registered.process("sms", "--clipboard", PATH=str(empty))
    assert refused.exit_code == 1
    assert refused.err.splitlines() == [
        "Error: the clipboard cannot be read here",
        "Paste the message instead: kzreminder sms, then Ctrl-D",
    ]


def test_the_clipboard_is_read(registered: Home) -> None:
    programs = registered.folder / "programs"
    programs.mkdir()
    xclip = programs / "xclip"
    xclip.write_text("#!/bin/sh\necho 'Баланс: 350 тг'\n", encoding="utf-8")
    xclip.chmod(0o755)
    path = f"{programs}:{registered.environ['PATH']}"
    found = registered.process("sms", "--clipboard", "--json", PATH=path, DISPLAY=":77")
    assert told(found)["amount"] == "350"


@pytest.mark.parametrize(
    ("answer", "amount"),
    [("y", "350"), ("", None), pytest.param("n", None, marks=pytest.mark.long)],
)
def test_on_a_terminal_it_is_asked_whether_to_record(
    registered: Home, answer: str, amount: str | None
) -> None:
    asked = registered.terminal("sms", "Баланс: 350 тг", "--card", "Mum", typed=f"{answer}\n")
    assert "Record it for Mum? [y/N]" in asked.out
    assert asked.exit_code == 0
    assert balance_of(registered) == amount


def test_a_message_is_pasted_into_a_terminal(registered: Home) -> None:
    shown = registered.terminal("sms", "--card", "Mum", typed="Баланс:\n350 тг\n\x04y\n")
    assert "Paste the message, then press Enter and Ctrl-D" in shown.out
    assert "Balance: 350 ₸" in shown.out
    assert (shown.exit_code, balance_of(registered)) == (0, "350")
    silent = registered.terminal("sms", "Баланс: 99 тг", "--card", "Mum", "--no-input")
    assert "[y/N]" not in silent.out


# ---- one-time codes ------------------------------------------------------------------------------


def assert_nothing_of_the_code(home: Home, *results: Result) -> None:
    history = home.kz("history", "--json")
    said = "".join(one.out + one.err for one in (*results, history))
    for part in (CODE, CODE[:3], CODE[3:]):
        assert part not in said
    kept = [path for path in home.folder.rglob("*") if path.is_file()]
    assert home.database in kept
    for path in kept:
        assert CODE.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("message", CODE_MESSAGES)
def test_a_one_time_code_is_answered_with_the_caution_alone(registered: Home, message: str) -> None:
    before = registered.contents()
    shown = registered.kz("sms", message)
    assert (shown.exit_code, shown.out) == (0, "")
    [line] = shown.err.splitlines()
    assert line.startswith("Renewing never needs a code")
    as_json = registered.kz("-v", "sms", message, "--json", "-v")
    assert read(as_json) == dict.fromkeys(KEYS) | {
        "understood": True,
        "kind": "one_time_code",
        "applied": False,
        "caution": True,
    }
    applied = registered.kz("sms", message, "--apply", "--card", "Mum", "-v")
    unknown_card = registered.kz("sms", message, "--apply", "--card", "Nobody")
    assert (applied.exit_code, unknown_card.exit_code) == (1, 1)
    in_words = registered.kz("sms", *message.split(), "--json")
    assert told(in_words)["kind"] == "one_time_code"
    assert registered.contents() == before
    assert_nothing_of_the_code(registered, shown, as_json, applied, unknown_card, in_words)


def test_a_code_that_stands_in_the_way_of_options_does_not_come_out(registered: Home) -> None:
    tried = [
        registered.kz("sms", "Код", "-739184"),
        registered.kz("sms", "Код", f"--{CODE}"),
        registered.kz("sms", "Код", CODE, "--card"),
        registered.kz("sms", "Код", CODE, "--clipboard"),
        registered.kz("sms", "Код", CODE, "--json", "--no-such-option"),
        registered.process("-v", "sms", "Код", CODE, "--apply"),
        registered.shell(f"sms --apply --card Nobody < '{code_file(registered.folder)}'"),
    ]
    (registered.folder / "message").unlink()
    assert_nothing_of_the_code(registered, *tried)


def code_file(folder: Path) -> Path:
    path = folder / "message"
    path.write_text(f"Код: {CODE}", encoding="utf-8")
    return path


def test_the_swindle_with_the_expired_sim_gets_the_caution(registered: Home) -> None:
    text = "Ваша SIM-карта просрочена, позвоните +7 705 739 18 44"
    shown = registered.kz("sms", text, "--apply", "--card", "Mum")
    assert (shown.exit_code, shown.out) == (1, "")
    assert shown.err.startswith("Renewing never needs a code")
    assert read(registered.kz("sms", text, "--json"))["kind"] is None
    assert "739" not in shown.err


# ---- the user's own patterns ---------------------------------------------------------------------


def test_a_fault_in_the_own_patterns_is_told_wherever_it_matters(registered: Home) -> None:
    own = registered.config / "kzreminder" / "sms.toml"
    own.parent.mkdir(parents=True)
    own.write_text("[patterns.mine]\nkind = 'balance'\nsays = ['(', '{sum}']\n", encoding="utf-8")
    for words in (("sms", f"Код {CODE}"), ("config", "check")):
        refused = registered.kz(*words)
        assert refused.exit_code == 9
        assert refused.err.count(f"{own}:3: patterns.mine.says: ") == 2
        assert CODE not in refused.err
    checked = registered.kz("config", "check", "--json")
    assert checked.exit_code == 9
    assert [fault["line"] for fault in json.loads(checked.out)["faults"]] == [3, 3]
    for command in ("list", "status"):  # what does not need them goes on
        assert registered.kz(command).exit_code != 9


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("Баланс номера 87770001122: 500 тг", "another number"),
        ("Счет 87051234567 пополнен на 2000 тг", "the number of Office 1"),
        ("Beeline: Ваш баланс 777 тг", "of Beeline Kazakhstan, the card of Kcell"),
    ],
)
def test_what_is_said_of_another_card_is_not_recorded(
    registered: Home, message: str, why: str
) -> None:
    noted = registered.kz("sms", "--card", "Mum", message)
    assert noted.exit_code == 0
    assert "Note: the message " in noted.err
    assert why in noted.err
    before = registered.contents()
    refused = registered.kz("sms", "--card", "Mum", "--apply", message)
    assert refused.exit_code == 2
    assert why in refused.error
    assert registered.contents() == before


def test_a_balance_of_a_day_ahead_is_none(registered: Home) -> None:
    done = registered.kz(
        "sms", "--card", "Mum", "--apply", "Баланс на 31.12.2027: 7000 тг", "--json"
    )
    assert done.exit_code == 1
    assert done.json["applied"] is False


def test_a_misspelt_option_is_no_part_of_the_message(registered: Home) -> None:
    refused = registered.kz("sms", f"Баланс: 350 тг {CODE}", "--aply", "--card", "Mum")
    assert refused.exit_code == 2
    assert CODE not in refused.err
    assert registered.kz("sms", "-1200 тг").exit_code == 0
