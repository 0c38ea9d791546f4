"""Each setting is read, doubted and explained; what is said nearer by wins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kzreminder import places
from kzreminder.assembly import Parts, load_settings
from kzreminder.errors import BadValue, ConfigurationInvalid, Fault
from kzreminder.settings.declared import SETTINGS, Desktop
from kzreminder.settings.reading import Defaults, Given, Settings, load, read_file
from kzreminder.settings.secret import Address
from kzreminder.settings.targets import ADDRESSES, READERS, TargetSettings

SAMPLE = places.shipped("config/config.toml")

GOOD: dict[str, tuple[str, object]] = {
    "language": ('"zh_TW"', "zh-Hant"),
    "database": ('"sqlite:////tmp/x.db"', "sqlite:////tmp/x.db"),
    "methods": ('["kaspi", "my_bank"]', ("kaspi", "my_bank")),
    "abroad": ("true", True),
    "watches": ('["office", "night shift", "office"]', ("office", "night shift")),
    "reminders.hour": ('"08:30"', time(8, 30)),
    "reminders.zone": ('"Europe/Paris"', ZoneInfo("Europe/Paris")),
    "reminders.charge_hour": ('"17:30"', time(17, 30)),
    "reminders.leads": ('"1d, 30d,7d"', (30, 7, 1)),
    "reminders.repeats": ('"30d, 1d,7d"', (1, 7, 30)),
    "reminders.quiet": ('"13:00-15:30"', (time(13), time(15, 30))),
    **{f"leads.{kind}": ('"2d"', (2,)) for kind in ("charge", "plan", "device", "idle")},
    **{f"repeats.{kind}": ('"2d"', (2,)) for kind in ("charge", "plan", "device", "idle")},
    "balance.every": ("1", 1),
    "balance.hysteresis": ("25", Decimal("0.25")),
    "delivery.max_toasts": ("20", 20),
    "delivery.desktop": ('"plyer"', Desktop.PLYER),
    "delivery.show_numbers": ("true", True),
}
BAD: dict[str, tuple[str, ...]] = {
    "language": ('"xx"', '""', "3", "[]", "true"),
    "database": ("3", "[]", "true"),
    "methods": ('"kaspi"', "[3]", '["Kaspi.kz"]', '[""]', "[[]]", "true"),
    "abroad": ('"yes"', "1", "[]"),
    "watches": ('"office"', "[3]", '["a,b"]', '[""]', "true"),
    "reminders.hour": (
        '"25:00"',
        '"10"',
        '"10:60"',
        "10",
        "10:00:00",
        '"10:00:00"',
        '"８:00"',
        "[]",
    ),
    "reminders.zone": ('"Asia/Nowhere"', '"../../etc/passwd"', '""', "5", '"/etc/localtime"', "[]"),
    "reminders.charge_hour": ('"18"', "18"),
    "reminders.leads": ('"14"', '""', '"366d"', "14", '["14d"]', '"-1d"', '"1mo"'),
    "reminders.repeats": ('"0d"', '"1"', '""', "7", '"3651d"', '"-1d"'),
    "reminders.quiet": (
        '"22:00"',
        '"08:00-08:00"',
        '"22:00-24:00"',
        '"22-08"',
        '"-"',
        '""',
        '"22:00-08:00-09:00"',
        "false",
        "[]",
    ),
    **{f"leads.{kind}": ('"14"', "14") for kind in ("charge", "plan", "device", "idle")},
    **{f"repeats.{kind}": ('"0d"', "1") for kind in ("charge", "plan", "device", "idle")},
    "balance.every": ("0", "31", '"3d"', "true"),
    "balance.hysteresis": ("-1", "101", '"10%"', "0.1"),
    "delivery.max_toasts": ("0", "21", "-1", "3.0", '"3"', "true", "[]"),
    "delivery.desktop": ('"fax"', '"AUTO"', '""', "1", "[]"),
    "delivery.show_numbers": ('"true"', "1", "0", "[]"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load_with(file: Path, given: Given, environ: Mapping[str, str]) -> Settings:
    return load(given, environ, Defaults(file, "sqlite:///default.db", lambda: UTC))


def loaded(file: Path, given: Given | None = None) -> Settings:
    return load_with(file, given or Given(), {})


def written(file: Path, **values: str) -> None:
    """Settings by key as TOML has them, tables included."""
    lines = []
    for key, value in values.items():
        table, _, name = key.rpartition(".")
        lines.append(f"[{table}]\n{name} = {value}" if table else f"{name} = {value}")
    file.write_text("\n".join(lines), encoding="utf-8")


def targets_in(file: Path) -> tuple[TargetSettings, ...]:
    return load_with(file, Given(), {}).targets


def faults_in(file: Path) -> tuple[Fault, ...]:
    with pytest.raises(ConfigurationInvalid) as invalid:
        read_file(file)
    return invalid.value.faults


def test_every_setting_is_tried_here() -> None:
    assert list(GOOD) == list(BAD) == [setting.key for setting in SETTINGS]


@pytest.mark.parametrize("key", GOOD)
def test_a_setting_is_read_from_the_file(file: Path, key: str) -> None:
    value, expected = GOOD[key]
    written(file, **{key: value})
    assert read_file(file)[key] == expected
    loaded(file)


@pytest.mark.parametrize(("key", "value"), [(key, one) for key, bad in BAD.items() for one in bad])
def test_a_wrong_value_is_a_fault_with_its_key_and_line(file: Path, key: str, value: str) -> None:
    written(file, **{key: value})
    [fault] = faults_in(file)
    assert (fault.key, fault.file) == (key, str(file))
    assert fault.line == (2 if "." in key else 1)
    assert fault.sentence.format(**dict(fault.values))


@pytest.mark.parametrize("text", ["abroad = " + "[" * 5000, "abroad = " + "9" * 5000, "abroad ="])
def test_what_is_no_toml_is_one_fault(file: Path, text: str) -> None:
    file.write_text(text)
    [fault] = faults_in(file)
    assert fault.sentence.format(**dict(fault.values)).startswith("not valid TOML: ")


def test_all_faults_are_told_at_once_in_the_order_of_their_lines(file: Path) -> None:
    lines, table = [], ""
    for key, value in [*((key, bad[0]) for key, bad in BAD.items()), ("delivery.colour", '"red"')]:
        above, _, name = key.rpartition(".")
        lines += [f"[{above}]"] if above != table else []
        lines.append(f"{name} = {value}")
        table = above
    file.write_text("\n".join(lines))
    faults = faults_in(file)
    assert [fault.key for fault in faults] == [*BAD, "delivery.colour"]
    for fault in faults:
        assert fault.line is not None
        assert lines[fault.line - 1].startswith(fault.key.rpartition(".")[2])


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("langauge = 'en'", "langauge", 1),
        ("\n\n[remindres]\nhour = '10:00'", "remindres.hour", 4),
        ("[reminders]\nhour = '10:00'\nlanguage = 'en'", "reminders.language", 3),
        ("hour = '10:00'", "hour", 1),
        ("delivery.colour = 1", "delivery.colour", 1),
        ("reminders = 3", "reminders", 1),
    ],
)
def test_an_unknown_key_is_a_fault(file: Path, text: str, key: str, line: int) -> None:
    file.write_text(text)
    [fault] = faults_in(file)
    assert (fault.key, fault.line) == (key, line)


def test_dotted_and_quoted_keys_are_read_too(file: Path) -> None:
    file.write_text(
        "reminders.hour = '07:00'\n\"language\" = 'ru'\n[ delivery ]\n'desktop' = 'dbus'"
    )
    values = read_file(file)
    assert values["reminders.hour"] == time(7)
    assert values["language"] == "ru"
    assert values["delivery.desktop"] is Desktop.DBUS


def test_a_file_that_is_no_toml_is_one_fault_with_its_line(file: Path) -> None:
    file.write_text("language = 'en'\n[reminders\n")
    [fault] = faults_in(file)
    assert fault.line == 2
    assert fault.key == ""


@pytest.mark.parametrize("raw", [b"\xff\xfe", "ключ = 'я'".encode("cp1251")])
def test_a_file_that_is_no_utf8_is_a_fault(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    [fault] = faults_in(file)
    assert fault.file == str(file)


def test_a_file_from_windows_is_read(file: Path) -> None:
    file.write_bytes(b'language = "ru"\r\n[reminders]\r\nhour = "07:00"\r\n')
    assert read_file(file)["reminders.hour"] == time(7)


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    """Notepad writes one."""
    file.write_bytes(b'\xef\xbb\xbflanguage = "ru"\n')
    assert read_file(file)["language"] == "ru"


def test_no_file_means_the_defaults(file: Path) -> None:
    settings = loaded(file)
    assert settings == Settings(
        file=file,
        language="en",
        database_url="sqlite:///default.db",
        policy=settings.policy,
        desktop=Desktop.AUTO,
        mask_numbers=True,
    )
    assert settings.policy.hour == time(10)
    assert settings.policy.zone is UTC
    assert settings.policy.leads == (14, 7, 3, 1, 0)
    assert settings.policy.max_toasts == 3


def test_an_empty_file_means_the_defaults_too(file: Path) -> None:
    before = loaded(file)
    file.write_text("\n# nothing\n[reminders]\n[delivery]\n")
    assert loaded(file) == before


def test_a_file_that_is_named_must_be_there(file: Path) -> None:
    with pytest.raises(BadValue):
        loaded(file, Given(file=file.with_name("missing.toml")))


def test_what_is_said_nearer_by_wins(file: Path, tmp_path: Path) -> None:
    written(file, language='"ru"', database='"sqlite:///file.db"')
    environ = {"KZREMINDER_LANG": "kk", "KZREMINDER_DATABASE": "sqlite:///env.db"}
    given = Given(database_url="sqlite:///option.db", language="zh")
    chinese = {"LANG": "zh_CN.UTF-8"}

    def seen(settings: Settings) -> tuple[str, str]:
        return settings.language, settings.database_url

    assert seen(load_with(tmp_path / "none.toml", Given(), chinese)) == (
        "zh",
        "sqlite:///default.db",
    )
    assert seen(load_with(file, Given(), chinese)) == ("ru", "sqlite:///file.db")
    assert seen(load_with(file, Given(), environ)) == ("kk", "sqlite:///env.db")
    assert seen(load_with(file, given, environ)) == ("zh", "sqlite:///option.db")
    empty = {"KZREMINDER_LANG": "", "KZREMINDER_DATABASE": ""}
    assert seen(load_with(file, Given(), empty)) == ("ru", "sqlite:///file.db"), (
        "an empty one is none"
    )


def test_an_unknown_language_outside_the_file_is_a_wrong_value(file: Path) -> None:
    for given, environ in ((Given(language="xx"), {}), (Given(), {"KZREMINDER_LANG": "xx"})):
        with pytest.raises(BadValue):
            load_with(file, given, environ)


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LC_ALL": "C"}, "en"),
        ({"LC_ALL": "POSIX", "LANG": "ru_RU.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "kk_KZ.UTF-8@cyrillic"}, "kk"),
        ({"LC_MESSAGES": "zh_HK.UTF-8", "LANG": "en_US.UTF-8"}, "zh-Hant"),
        ({"LANG": "zh_CN"}, "zh"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_decides_where_nothing_else_does(
    file: Path, environ: dict[str, str], language: str
) -> None:
    assert load_with(file, Given(), environ).language == language


# The sample


def test_the_sample_is_valid_as_it_stands_and_changes_nothing(file: Path) -> None:
    before = loaded(file)
    file.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert loaded(file) == before


def test_every_line_of_the_sample_holds_when_its_mark_is_taken_away(file: Path) -> None:
    """Each key stands there as a remark, with the default or an example."""
    sample = SAMPLE.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(?m)^#(?=\w+ = |\[)", "", sample), encoding="utf-8")
    file.chmod(0o600)
    values = read_file(file)
    assert [one.address.key for one in targets_in(file)] == ["url_file", *ADDRESSES[2:], "url"]
    family, default = targets_in(file)[0], TargetSettings("x", Address("url_env", "X"))
    assert (family.severity, family.digest) == (default.severity, default.digest)
    assert family.show_numbers is default.show_numbers
    for setting in SETTINGS:
        name = setting.key.rpartition(".")[2]
        assert re.search(rf"(?m)^{name} = ", file.read_text(encoding="utf-8")), setting.key
        assert setting.default in (None, values[setting.key]), setting.key


def test_the_sample_names_every_setting_once_and_no_other() -> None:
    table, named = "", []
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        if header := re.fullmatch(r"#?\[([\w.]+)\]", line):
            table = f"{header.group(1)}."
        elif written_as := re.match(r"#?(\w+) = ", line):
            named.append(table + written_as.group(1))
    of_targets = [name.split(".")[2] for name in named if name.startswith("targets.")]
    assert sorted(of_targets) == sorted([*READERS, *ADDRESSES])
    others = [name for name in named if not name.startswith("targets.")]
    assert sorted(others) == sorted(setting.key for setting in SETTINGS)


def test_what_runs_keeps_to_its_database_when_the_settings_name_another(tmp_path: Path) -> None:
    first, second = (f"sqlite:///{tmp_path / name}.db" for name in ("first", "second"))
    before = load_settings(Given(database_url=first), {})
    named = replace(before, database_url=second, language="ru")
    parts = Parts(before, lambda: named, throw_away=True)
    renewed = parts.renewed()
    parts.store.close()
    assert (renewed.settings.language, renewed.settings.database_url) == ("ru", first)
    assert renewed.heartbeat_file == parts.heartbeat_file
    assert [path.name for path in tmp_path.glob("*.db")] == ["first.db"]
