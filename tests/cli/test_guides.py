"""guide, ask and operators: what they print, write and open, and what they refuse."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine

from tests.cli.running import Home

NOW = "2026-11-25T10:00:00+05:00"  # a Wednesday
MUM = ("add", "87011234567", "--label", "Mum", "--operator", "kcell", "--price", "4990",
       "--expires", "2026-11-29")  # fmt: skip


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime.fromisoformat(NOW), tick=False) as moved:
        yield moved


@pytest.fixture
def mum(home: Home) -> Home:
    assert home.kz(*MUM).exit_code == 0
    return home


def test_a_guide_tells_the_best_way_in_full_and_the_others_by_name(mum: Home) -> None:
    out = mum.kz("guide", "Mum").out
    assert out.startswith("Mum: Kcell\n  plan ends 29 Nov 23:59 (Almaty)\n")
    assert "Named first because: a source says that it takes no fee." in out
    assert "3. Make sure that operator and number are right, then pay." in out
    assert "  terminal: Self-service terminal\n" in out
    assert "Put in" not in out  # its steps
    assert "█" not in out  # no picture in a pipe


def test_all_tells_every_way_every_stage_and_what_was_not_found(mum: Home) -> None:
    out = mum.kz("guide", "Mum", "--all").out
    for told in ("Put in 4 990 ₸", "Long after it", "Register the phone", "Smallest top-up"):
        assert told in out, told


def test_one_way_is_told_alone(mum: Home) -> None:
    out = mum.kz("guide", "Mum", "--method", "terminal").out
    assert "Put in 4 990 ₸" in out
    assert "Other ways" not in out
    assert "Named first" not in out
    refused = mum.kz("guide", "Mum", "--method", "pigeon")
    assert (refused.exit_code, refused.out) == (2, "")
    assert "kaspi" in refused.err


def test_what_is_told_has_its_sources_and_no_others(mum: Home) -> None:
    out = mum.kz("guide", "Mum").out
    sources = out.partition("Sources:")[2]
    assert "https://www.kcell.kz/en/product/topup" in sources
    assert "https://b2b.kcell.kz" in sources
    assert "code:26570886107" not in sources  # of a way that is only named
    mum.kz("add", "--label", "Lyca", "--operator", "lycamobile")
    assert "https://en.wikipedia.org/wiki/Lyca_Mobile" in mum.kz("guide", "Lyca").out


def test_all_tells_every_fact_that_the_page_has(mum: Home) -> None:
    out = mum.kz("guide", "Mum", "--all").out
    seen = mum.kz("guide", "Mum", "--json").json
    told = [*seen["facts"], *seen["balance"], *(f for t in seen["topics"] for f in t["facts"])]
    for fact in told:
        assert fact["value"] in out, fact
        assert (fact["source"] or "") in out


@pytest.mark.parametrize(
    ("options", "settings", "best"),
    [
        ((), "", "kaspi"),
        (("--abroad",), "", "person"),
        ((), "abroad = true", "person"),
        (("--in-kazakhstan",), "abroad = true", "kaspi"),
        ((), 'methods = ["halyk", "terminal"]', "halyk"),
        (("--abroad",), 'methods = ["terminal"]', "person"),
    ],
)
def test_where_you_are_and_what_you_prefer_decide(
    mum: Home, options: tuple[str, ...], settings: str, best: str
) -> None:
    mum.configure(settings)
    assert mum.kz("guide", "Mum", "--json", *options).json["best"] == best


def test_a_preferred_way_is_named_in_reminders_too(mum: Home) -> None:
    mum.configure('methods = ["terminal"]')
    bodies = [one["body"] for one in mum.kz("upcoming", "--json").json]
    assert bodies
    assert all("at a terminal" in body for body in bodies)


def test_a_way_that_nobody_has_is_a_fault_of_the_settings(mum: Home) -> None:
    mum.configure('language = "en"\nmethods = ["kaspy"]\n')
    refused = mum.kz("config", "check")
    assert refused.exit_code == 9
    assert f"{mum.config_file}:2: methods: no way to pay is called kaspy" in refused.err
    assert mum.kz("guide", "Mum").exit_code == 0


def test_the_language_of_the_card_is_that_of_its_guide_unless_another_is_asked_for(
    mum: Home,
) -> None:
    mum.kz("edit", "Mum", "--lang", "ru")
    assert "Источники" in mum.kz("guide", "Mum").out
    assert mum.kz("guide", "Mum", "--json").json["language"] == "ru"
    assert mum.kz("guide", "Mum", "--lang", "kk", "--json").json["language"] == "kk"


def test_a_page_is_written_whole_and_for_nobody_else(mum: Home, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype HTML>old")
    page.chmod(0o644)
    assert mum.kz("guide", "Mum", "--html", str(page)).out == ""
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "+7 701 123 45 67" in text
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".page")] == []


def test_a_page_can_go_to_stdout_or_to_a_device(mum: Home) -> None:
    assert mum.kz("guide", "kcell", "--html", "-").out.startswith("<!DOCTYPE html>")
    assert mum.kz("guide", "kcell", "--html", "/dev/null").exit_code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_link_is_followed_and_stays_a_link(mum: Home, tmp_path: Path) -> None:
    page, link = tmp_path / "page.html", tmp_path / "link.html"
    page.write_text("<!DOCTYPE html>old")
    link.symlink_to(page)
    mum.kz("guide", "Mum", "--html", str(link))
    assert link.is_symlink()
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE")


@pytest.mark.parametrize("target", ["", "{folder}", "{folder}/none/page.html"])
def test_a_page_that_cannot_be_written_is_one_clear_line(
    mum: Home, tmp_path: Path, target: str
) -> None:
    refused = mum.kz("guide", "Mum", "--html", target.format(folder=tmp_path))
    assert refused.exit_code in (1, 2)
    assert refused.error
    assert refused.out == ""


def test_writing_and_opening_at_once_is_refused(mum: Home, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    refused = mum.kz("guide", "Mum", "--open", "--html", str(page))
    assert refused.exit_code == 2
    assert not page.exists()


def test_open_writes_a_private_page_and_hands_it_to_the_browser(mum: Home, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/asked\n')
    browser.chmod(0o755)
    done = mum.process("guide", "Mum", "--open", BROWSER=f"{browser} %s")
    assert done.exit_code == 0, done
    page = mum.folder / ".cache" / "kzreminder" / "guide-1.html"
    assert (tmp_path / "asked").read_text().strip() == page.as_uri()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
    assert str(page) in done.err


def test_where_no_browser_opens_the_page_is_named(mum: Home) -> None:
    done = mum.process("guide", "kcell", "--open", BROWSER="/nonexistent/browser %s", PATH="")
    assert done.exit_code == 1
    assert "no browser could be opened" in done.error
    assert (mum.folder / ".cache" / "kzreminder" / "guide-kcell.html").exists()


def test_on_a_terminal_the_codes_stand_beside_their_text(mum: Home) -> None:
    out = mum.terminal("guide", "Mum").out
    assert "█" in out
    assert "See the balance: *100#" in out
    assert "Pay here: https://www.kcell.kz/en/product/topup" in out


# ask

NEVER = (
    "Nobody needs a code from an SMS for this. If anyone asks you or me for one, it is a swindler."
)


def test_the_message_has_all_that_whoever_pays_needs(mum: Home) -> None:
    out = mum.kz("ask", "Mum").out
    assert out.splitlines() == [
        "Please top up this number for me: +7 701 123 45 67, operator Kcell, 4 990 ₸.",
        "A good way: Kaspi.kz. Any other will do, if it names this operator.",
        "By 28 Nov at the latest, please.",
        "Then send me a picture of the receipt; check the number on it first.",
        NEVER,
    ]


def test_the_message_can_be_in_the_payers_language(mum: Home) -> None:
    asked = mum.kz("ask", "Mum", "--lang", "ru", "--json").json
    assert asked["language"] == "ru"
    assert asked["pay_by"] == "2026-11-28"
    assert asked["method"] == "kaspi"
    assert "+7 701 123 45 67" in asked["text"]
    assert "28 ноя" in asked["text"]


def test_whoever_pays_is_there_and_has_wishes_of_their_own(mum: Home) -> None:
    mum.configure('methods = ["person"]\nabroad = true\n')
    assert mum.kz("ask", "Mum", "--json").json["method"] == "kaspi"


def test_what_is_overdue_is_asked_for_at_once(mum: Home, clock: time_machine.Traveller) -> None:
    clock.move_to(datetime.fromisoformat("2026-12-02T10:00:00+05:00"))
    asked = mum.kz("ask", "Mum", "--json").json
    assert asked["pay_by"] is None
    assert "overdue since 29 Nov" in asked["text"]


def test_a_card_of_nobody_knows_whom_is_to_be_found_out_first(home: Home) -> None:
    home.kz("add", "87011234567", "--label", "Lyca", "--operator", "lycamobile")
    asked = home.kz("ask", "Lyca", "--json").json
    assert asked["text"].startswith("Please ask first whose card this really is")
    assert (asked["method"], asked["pay_by"]) == (None, None)


def test_a_card_without_operator_or_no_card_is_refused(home: Home) -> None:
    home.kz("add", "--label", "Bare")
    for command in ("ask", "guide"):
        refused = home.kz(command, "Bare")
        assert (refused.exit_code, refused.error) == (3, "whose card Bare is was not told")
        assert "kzreminder edit 1 --operator" in refused.err
    assert home.kz("ask", "Nobody").exit_code == 3


@pytest.mark.parametrize(
    ("operator", "way"),
    [("beeline", "Site of Beeline Kazakhstan (not confirmed)"), ("altel", "Site of Altel"),
     ("tele2", "Site of Tele2 Kazakhstan (not confirmed)")],
)  # fmt: skip
def test_whoever_pays_is_told_a_way_without_the_card(home: Home, operator: str, way: str) -> None:
    home.kz("add", "--label", "Kid", "--operator", operator, "--expires", "2026-11-29")
    assert f"A good way: {way}." in home.kz("ask", "Kid").out


def test_nobody_is_asked_to_pay_for_what_paying_does_not_settle(home: Home) -> None:
    home.kz("add", "--label", "Kid", "--operator", "kcell", "--device-entered", "2026-11-20")
    asked = home.kz("ask", "Kid", "--json").json
    assert asked["pay_by"] is None
    assert "at the latest" not in asked["text"]


def test_nothing_is_lacking_where_the_balance_covers_the_charge(home: Home) -> None:
    home.kz("add", "--label", "Kid", "--operator", "kcell", "--auto-renew", "--period", "30d",
            "--price", "2990", "--balance", "20000")  # fmt: skip
    out = home.kz("guide", "Kid").out
    assert "2 990" not in out
    assert "Nothing is due that kzreminder knows of" in out


def test_long_after_it_is_asked_first_whether_the_number_lives(
    mum: Home, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime.fromisoformat("2027-03-02T10:00:00+05:00"))
    asked = mum.kz("ask", "Mum", "--json").json
    assert asked["text"].startswith("Please ask Kcell first whether this number still works.")
    assert "As soon as" not in asked["text"]


# operators


def test_a_file_of_ones_own_is_checked_with_all_faults_and_lines(
    home: Home, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('id = "kcell"\n[methods.kaspi]\nnote = "5 % back"\n', encoding="utf-8")
    bad.write_text('id = "altel"\ncolour = "red"\n[methods.kaspi]\nkind = "bird"\n')
    assert home.kz("operators", "check", str(good)).exit_code == 0
    refused = home.kz("operators", "check", str(good), str(bad))
    assert refused.exit_code == 9
    assert f"{bad}:2: colour" in refused.err
    assert f"{bad}:4: methods.kaspi.kind" in refused.err
    seen = home.kz("operators", "check", str(bad), "--json")
    assert seen.exit_code == 9
    assert [(one["line"], one["key"]) for one in seen.json["faults"]] == [
        (2, "colour"),
        (4, "methods.kaspi.kind"),
    ]
    assert home.kz("operators", "check", str(tmp_path / "none.toml")).exit_code == 2


def test_what_comes_from_the_user_is_shown_as_theirs(home: Home) -> None:
    own = home.config / "kzreminder" / "operators"
    own.mkdir(parents=True)
    (own / "beeline.toml").write_text(
        '[balance.balance_code]\nvalue = "*102#"\nsource = "tried on my card"\n'
        'checked_on = 2026-11-20\nconfidence = "high"\n[methods.kaspi]\nnote = "my note"\n',
        encoding="utf-8",
    )
    shown = home.kz("operators", "show", "beeline").out
    assert "*102#\tsure, your own\t2026-11-20\ttried on my card" in shown
    guide = home.kz("guide", "beeline", "--all").out
    assert "*102# (sure, your own)" in guide
    assert "Your note: my note" in guide


def test_beelines_balance_code_is_shown_as_not_confirmed(home: Home) -> None:
    for command in (("operators", "show", "beeline"), ("guide", "beeline")):
        [line] = [one for one in home.kz(*command).out.splitlines() if "Balance" in one
                  and "*102#" in one]  # fmt: skip
        assert "not confirmed" in line


def test_what_holds_for_every_operator_can_be_shown(home: Home) -> None:
    shown = home.kz("operators", "show", "kazakhstan").out
    assert "biometric identification" in shown
    assert "Days until the number is taken back" in shown
    seen = home.kz("operators", "show", "kazakhstan", "--json").json
    assert "reclaimed_after_days" in seen["not_found"]
    assert home.kz("guide", "kazakhstan").exit_code == 3


def test_stale_names_what_wants_checking_again(home: Home, clock: time_machine.Traveller) -> None:
    assert home.kz("operators", "list", "--stale", "180").out == ""
    clock.move_to(datetime.fromisoformat("2027-06-30T10:00:00+05:00"))
    assert len(home.kz("operators", "list", "--stale", "180").out.splitlines()) == 10


def test_a_fact_that_is_half_written_is_blamed_on_its_own_file(home: Home, tmp_path: Path) -> None:
    own = tmp_path / "kcell.toml"
    own.write_text('id = "kcell"\n[methods.kaspi.offered]\nvalue = "yes"\n', encoding="utf-8")
    refused = home.kz("operators", "check", str(own))
    assert refused.exit_code == 9
    assert "config/operators/kcell.toml" not in refused.err
    assert f"{own}:2: methods.kaspi.offered.confidence" in refused.err


def test_a_file_that_never_ends_is_not_read(home: Home, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    for path in (str(pipe), "/dev/zero"):
        refused = home.kz("operators", "check", path)
        assert refused.exit_code == 9
        assert "is no file" in refused.err


def test_a_way_of_ones_own_has_a_name(home: Home) -> None:
    own = home.config / "kzreminder" / "operators"
    own.mkdir(parents=True)
    (own / "mytel.toml").write_text(
        'id = "mytel"\nbest = "kiosk"\n[names]\nen = "MyTel"\n[methods.kiosk]\nkind = "terminal"\n'
        'name = "Blue kiosk"\n[methods.kiosk.offered]\nvalue = "at the station"\n'
        'source = "seen"\nchecked_on = 2026-11-20\nconfidence = "low"\n',
        encoding="utf-8",
    )
    home.kz("add", "87771234567", "--label", "My", "--operator", "mytel", "--expires", "2026-11-29",
            "--price", "500")  # fmt: skip
    assert "Blue kiosk (kiosk)" in home.kz("guide", "My").out
    assert "pay 500 ₸ (Blue kiosk) for" in home.kz("upcoming", "--json").json[0]["body"]


def test_faulty_files_of_ones_own_cost_nobody_a_reminder(mum: Home) -> None:
    own = mum.config / "kzreminder" / "operators"
    own.mkdir(parents=True)
    (own / "bad.toml").write_bytes(b"\xff")
    done = mum.kz("run", "--once", "--json")
    assert done.exit_code == 7  # there is no desktop here
    assert [one["label"] for one in done.json["failed"]] == ["Mum"]
    assert "Your own operator files are left out" in done.err
    assert f"{own / 'bad.toml'}: is not UTF-8 text" in done.err


def test_after_a_charge_what_is_known_of_charges_stands_with_the_steps(
    mum: Home, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime.fromisoformat("2026-12-02T10:00:00+05:00"))
    out = mum.kz("guide", "Mum").out
    assert "plan ends 29 Nov 23:59 (Almaty): it has passed" in out
    assert "Charge of data packs" not in out  # this plan does not renew itself
    clock.move_to(datetime.fromisoformat("2027-03-02T10:00:00+05:00"))
    assert "To pay" not in mum.kz("guide", "Mum").out
    assert "<dt>To pay</dt>" not in mum.kz("guide", "Mum", "--html", "-").out


def test_where_shops_are_closed_to_the_end_it_is_said(
    mum: Home, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime.fromisoformat("2026-11-28T10:00:00+05:00"))  # a Saturday
    out = mum.kz("guide", "Mum", "--method", "shop").out
    assert "Shops may be closed today and until the end" in out
    clock.move_to(datetime.fromisoformat("2026-11-26T10:00:00+05:00"))
    assert "go by 27 Nov" in mum.kz("guide", "Mum", "--method", "shop").out


@pytest.mark.parametrize("words", [("--html", "-", "--json"), ("--html", "loop")])
def test_what_cannot_be_written_is_one_line(
    mum: Home, tmp_path: Path, words: tuple[str, ...]
) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    refused = mum.kz("guide", "Mum", *(word.replace("loop", str(loop)) for word in words))
    assert refused.exit_code in (1, 2)
    assert refused.error
    assert refused.out == ""


def test_the_page_of_a_card_goes_with_the_card(mum: Home) -> None:
    mum.process("guide", "Mum", "--open", BROWSER="true %s")
    page = mum.folder / ".cache" / "kzreminder" / "guide-1.html"
    assert page.exists()
    mum.process("remove", "Mum", "--yes")
    assert not page.exists()


def test_the_code_of_the_terminal_says_that_it_is_not_confirmed(home: Home) -> None:
    out = home.terminal("guide", "beeline").out
    assert "See the balance: *102# (not confirmed)" in out
    assert "Site of the operator: https://beeline.kz" in out
