"""What people type is read as meant or refused in one line, and nothing that is typed breaks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kzreminder.core.languages import LANGUAGES, language_of_locale, language_unconfigured
from kzreminder.core.period import (
    MONTH_START,
    NO_PERIOD,
    Period,
    Unit,
    days,
    last_good_day,
    months,
    parse_stored,
)
from kzreminder.core.rolling import LAST_DAY
from kzreminder.core.typed import (
    LONGEST,
    YEARS,
    money_shown,
    money_text,
    read_day,
    read_instant,
    read_keep_alive,
    read_label,
    read_language,
    read_money,
    read_note,
    read_period,
    read_protects,
    read_snooze,
    read_tag,
    read_target,
    read_watcher,
)
from kzreminder.core.typed_leads import leads_text, read_leads, read_repeats
from kzreminder.errors import BadValue

TODAY = date(2026, 11, 21)
ALMATY = ZoneInfo("Asia/Almaty")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)  # 12:30 in Almaty, 02:30 in New York

READERS: dict[str, Callable[[str], object]] = {
    "day": lambda text: read_day(text, TODAY),
    "first day": lambda text: read_day(text, date.min),
    "last day": lambda text: read_day(text, date.max),
    "period": read_period,
    "keep-alive": read_keep_alive,
    "money": read_money,
    "balance": lambda text: read_money(text, negative=True, zero=True),
    "leads": read_leads,
    "label": read_label,
    "tag": read_tag,
    "note": read_note,
    "protects": read_protects,
    "instant": lambda text: read_instant(text, NOW, ALMATY),
    "language": read_language,
}
any_text = st.text(st.characters(exclude_categories=()))
near_text = st.from_regex(
    r"[-+]?[0-9., ]{0,9}( ?[a-zа-я天日周个月年₸:/.-]{0,8}){0,3}", fullmatch=True
)
in_range = st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))
cents = st.integers(-100_000_000_000, 100_000_000_000)
periods = st.one_of(
    st.builds(days, st.integers(1, LONGEST[Unit.DAYS])),
    st.builds(months, st.integers(1, LONGEST[Unit.MONTHS])),
    st.sampled_from([MONTH_START, NO_PERIOD]),
)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@settings(deadline=None)
@given(text=any_text | near_text)
@example("9" * 5000)
@example("9" * 5000 + "d")
@example("9" * 5000 + " ₸")
@example("9" * 1_000_001)
@example("+999999y")
@example("-999999y")
@example("+999999d")
@example("9999-12-31 23:59")
@example("18:00+99:99")
@example("\ud800")
@example("{text}")
@example("²")
@example("٣٠d")
@example(" " * 5000)
def test_any_text_is_a_value_or_is_refused_in_one_line(
    reader: Callable[[str], object], text: str
) -> None:
    try:
        reader(text)
    except BadValue as refused:
        lines = (str(refused), (refused.hint or "").format(**refused.values))
        assert all(len(line) < 200 and line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("2026-1-5", date(2026, 1, 5)),
        ("2026/12/31", date(2026, 12, 31)),
        ("2026.12.31", date(2026, 12, 31)),
        ("2026年12月31日", date(2026, 12, 31)),
        ("31.12.2026", date(2026, 12, 31)),
        ("1.2.2027", date(2027, 2, 1)),
        ("29.02.2028", date(2028, 2, 29)),
        ("２０２６－１２－３１", date(2026, 12, 31)),
        ("  2026-12-31\n", date(2026, 12, 31)),
        ("today", TODAY),
        ("Today", TODAY),
        ("今天", TODAY),
        ("сегодня", TODAY),
        ("бүгін", TODAY),
        ("tomorrow", date(2026, 11, 22)),
        ("明天", date(2026, 11, 22)),
        ("ЗАВТРА", date(2026, 11, 22)),
        ("ертең", date(2026, 11, 22)),
        ("后天", date(2026, 11, 23)),
        ("послезавтра", date(2026, 11, 23)),
        ("yesterday", date(2026, 11, 20)),
        ("昨天", date(2026, 11, 20)),
        ("вчера", date(2026, 11, 20)),
        ("кеше", date(2026, 11, 20)),
        ("+30d", date(2026, 12, 21)),
        ("＋３０天", date(2026, 12, 21)),
        ("+0d", TODAY),
        ("+1mo", date(2026, 12, 21)),
        ("+1y", date(2027, 11, 21)),
        ("in 30 days", date(2026, 12, 21)),
        ("in 3 weeks", date(2026, 12, 12)),
        ("In 1 month", date(2026, 12, 21)),
        ("3 weeks from now", date(2026, 12, 12)),
        ("30天后", date(2026, 12, 21)),
        ("30 天後", date(2026, 12, 21)),
        ("30天以后", date(2026, 12, 21)),
        ("2周之后", date(2026, 12, 5)),
        ("2个星期后", date(2026, 12, 5)),
        ("3个月后", date(2027, 2, 21)),
        ("1年后", date(2027, 11, 21)),
        ("через 30 дней", date(2026, 12, 21)),
        ("через 1 день", date(2026, 11, 22)),
        ("через 2 недели", date(2026, 12, 5)),
        ("через 3 мес.", date(2027, 2, 21)),
        ("через 5 лет", date(2031, 11, 21)),
        ("30 күннен кейін", date(2026, 12, 21)),
        ("2 аптадан кейін", date(2026, 12, 5)),
        ("3 айдан кейін", date(2027, 2, 21)),
        ("1 жылдан кейін", date(2027, 11, 21)),
        ("3 days ago", date(2026, 11, 18)),
        ("-3d", date(2026, 11, 18)),
        ("−3d", date(2026, 11, 18)),
        ("3天前", date(2026, 11, 18)),
        ("3 天之前", date(2026, 11, 18)),
        ("3 дня назад", date(2026, 11, 18)),
        ("3 күн бұрын", date(2026, 11, 18)),
    ],
)
def test_a_day_is_read_in_every_usual_form(text: str, day: date) -> None:
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "30",
        "1m",
        "1M",
        "+1m",
        "in 1m",
        "30d",
        "30天",
        "+30",
        "+d",
        "++3d",
        "+3 days ago",
        "in 3 weeks ago",
        "in -3 days",
        "12/01/2027",
        "01-12-2027",
        "31/12/2026",
        "31.12.26",
        "20261231",
        "2026-12/31",
        "2026-W53-4",
        "2026-12-31T00:00",
        "2026-12-31 18:00",
        "2026-\n12-31",
        "2026-13-40",
        "2027-02-29",
        "31.04.2027",
        "20226-12-31",
        "1999-12-31",
        "2200-01-01",
        "0001-01-01",
        "+999999y",
        "-5000w",
        "3月后",
        "5日前",
        "5 日后",
        "5日以后",
        "²026-12-31",
        "2026-12-3²",
        "٢٠٢٦-١٢-٣١",
        "month-start",
        "next week",
        "三十天后",
        "nan",
    ],
)
def test_a_day_that_could_be_several_or_none_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_day(text, TODAY)


@settings(deadline=None)
@given(day=in_range, today=in_range)
def test_every_day_is_read_back_from_each_of_its_forms(day: date, today: date) -> None:
    away = (day - today).days
    forms = [
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{away:+}d",
        f"in {away} days" if away >= 0 else f"{-away} days ago",
        f"{away}天后" if away >= 0 else f"{-away}天前",
    ]
    assert {read_day(form, today) for form in forms} == {day}


def test_a_month_ahead_of_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    assert read_day("in 1 month", date(2027, 1, 31)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("30d", days(30)),
        ("30 D", days(30)),
        ("30 days", days(30)),
        ("1 day", days(1)),
        ("30天", days(30)),
        ("３０天", days(30)),
        ("30日", days(30)),
        ("30 дней", days(30)),
        ("30 суток", days(30)),
        ("30 күн", days(30)),
        ("4w", days(28)),
        ("2 weeks", days(14)),
        ("4周", days(28)),
        ("2 недели", days(14)),
        ("2 апта", days(14)),
        ("1mo", months(1)),
        ("1 month", months(1)),
        ("month", months(1)),
        ("3个月", months(3)),
        ("6 месяцев", months(6)),
        ("6 ай", months(6)),
        ("quarter", months(3)),
        ("2 quarters", months(6)),
        ("季度", months(3)),
        ("half-year", months(6)),
        ("полгода", months(6)),
        ("半年", months(6)),
        ("1y", months(12)),
        ("year", months(12)),
        ("2 года", months(24)),
        ("1 жыл", months(12)),
        ("month-start", MONTH_START),
        ("Month-Start", MONTH_START),
        ("none", NO_PERIOD),
        ("36500d", days(36500)),
        ("100y", months(1200)),
    ],
)
def test_a_period_is_read_in_every_usual_form(text: str, period: Period) -> None:
    assert read_period(text) == period


@pytest.mark.parametrize(
    "text",
    [
        "",
        "30",
        "1m",
        "1M",
        "m",
        "d",
        "0d",
        "0 months",
        "-30d",
        "−30d",
        "+30d",
        "30.5d",
        "1,5mo",
        "30 30d",
        "30dd",
        "3月",
        "30²d",
        "36501d",
        "101y",
        "1201mo",
        "999999y",
        "9999999d",
        "30d 1mo",
        "30\ndays",
        "nan",
        "P30D",
    ],
)
def test_a_period_that_could_be_several_or_none_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_period(text)


@settings(deadline=None)
@given(periods)
def test_a_period_is_read_back_as_it_is_shown_and_as_it_is_stored(period: Period) -> None:
    assert read_period(str(period)) == parse_stored(str(period)) == period


def test_the_longest_period_from_the_last_day_stays_within_the_calendar_of_plans() -> None:
    last = date(YEARS[-1], 12, 31)
    ends = [last_good_day(last, Period(unit, count)) for unit, count in LONGEST.items()]
    assert all(end and end <= LAST_DAY for end in ends)


def test_a_number_is_kept_alive_for_days_or_months_only() -> None:
    assert read_keep_alive("90d") == days(90)
    assert read_keep_alive("6mo") == months(6)
    for text in ("month-start", "none", "90", "0d"):
        with pytest.raises(BadValue):
            read_keep_alive(text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("4990", "4990"),
        ("4 990", "4990"),
        ("4\u00a0990", "4990"),
        ("4\u202f990", "4990"),
        ("1 234 567", "1234567"),
        ("４９９０", "4990"),
        ("4990₸", "4990"),
        ("₸4990", "4990"),
        ("₸ 4 990", "4990"),
        ("4990 тг", "4990"),
        ("4990 тг.", "4990"),
        ("4990 Тенге", "4990"),
        ("4990 теңге", "4990"),
        ("4990tg", "4990"),
        ("4990 tenge", "4990"),
        ("KZT 4990", "4990"),
        ("4990 kzt", "4990"),
        ("4990坚戈", "4990"),
        ("12,50", "12.50"),
        ("12，50", "12.50"),
        ("12.5", "12.50"),
        ("12.05", "12.05"),
        ("12.00", "12"),
        ("0.01", "0.01"),
        ("007", "7"),
        ("1 000 000 000", "1000000000"),
    ],
)
def test_money_is_read_in_every_usual_form(text: str, stored: str) -> None:
    assert str(read_money(text)) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "₸",
        "4,990",
        "4.990",
        "12.505",
        "0.000",
        "4,990.00",
        "12.",
        ".5",
        "12..5",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "1e3",
        "1E+3",
        "0x10",
        "1_000",
        "+500",
        "-5",
        "−5",
        "0",
        "0.00",
        "-0",
        "49 90",
        "4 9900",
        "4990 990",
        "4\n990",
        "4'990",
        "5k",
        "5²",
        "½",
        "٥",
        "4990 元",
        "4990 $",
        "₸4990₸",
        "1000000000.01",
        "9" * 5000,
    ],
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_money(text)


def test_a_balance_may_be_nothing_or_below() -> None:
    assert read_money("0", zero=True) == 0
    assert str(read_money("-0,00", negative=True, zero=True)) == "0"
    assert read_money("-320 ₸", negative=True) == Decimal(-320)
    assert read_money("−320,50", negative=True) == Decimal("-320.50")
    with pytest.raises(BadValue):
        read_money("-1000000001", negative=True)


def test_three_decimals_are_refused_with_the_two_things_they_could_mean() -> None:
    with pytest.raises(BadValue, match="thousands or a fraction"):
        read_money("4,990")


@settings(deadline=None)
@given(cents)
def test_money_is_read_back_as_it_is_stored_and_as_it_is_shown(hundredths: int) -> None:
    amount = Decimal(hundredths).scaleb(-2)
    for form in (money_text(amount), money_shown(amount), f"{amount:f}"):
        again = read_money(form, negative=True, zero=True)
        assert again == amount
        assert str(again) == money_text(amount)


@pytest.mark.parametrize(
    ("amount", "text", "shown"),
    [
        ("4990", "4990", "4 990 ₸"),
        ("4990.00", "4990", "4 990 ₸"),
        ("4.99E+3", "4990", "4 990 ₸"),
        ("12.5", "12.50", "12.50 ₸"),
        ("1234567.5", "1234567.50", "1 234 567.50 ₸"),
        ("-320", "-320", "-320 ₸"),
        ("-4990", "-4990", "-4 990 ₸"),
        ("0", "0", "0 ₸"),
        ("-0", "0", "0 ₸"),
        ("-0.001", "0", "0 ₸"),
    ],
)
def test_money_is_written_with_no_or_two_decimals(amount: str, text: str, shown: str) -> None:
    assert money_text(Decimal(amount)) == text
    assert money_shown(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("14d,7d,3d,1d,0d", (14, 7, 3, 1, 0)),
        ("0d, 3 days ,14d,3d", (14, 3, 0)),
        ("14天，7天", (14, 7)),
        ("7d", (7,)),
        ("365d", (365,)),
    ],
)
def test_leads_are_sorted_and_told_once(text: str, leads: tuple[int, ...]) -> None:
    assert read_leads(text) == leads


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "7d,",
        "14,7,3",
        "-1d",
        "+1d",
        "7d,+1d",
        "2w",
        "1mo",
        "366d",
        "7d 3d",
        "7d,x",
        "none",
    ],
)
def test_leads_that_are_no_days_before_are_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_leads(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Mum", "Mum"),
        ("  Mum 2 ", "Mum 2"),
        ("妈妈的卡", "妈妈的卡"),
        ("е\u0308лка", "ёлка"),
        ("👩‍👧 family", "👩‍👧 family"),
        ("-x <b> %s {card}", "-x <b> %s {card}"),
        ("x" * 80, "x" * 80),
    ],
)
def test_a_label_is_kept_as_typed(text: str, label: str) -> None:
    assert read_label(text) == label


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "\u200b",
        "\u3000",
        "Mum\n",
        "Mum\nDad",
        "Mum\rDad",
        "Mum\u2028Dad",
        "Mum\tDad",
        "Mum\x00",
        "Mum\x1b[31m",
        "Mum\x85",
        "Mum\ud800",
        "Mum\u202egnp",
        "\u2066Mum",
        "x" * 81,
    ],
)
def test_a_label_that_cannot_stand_in_a_line_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_label(text)


@pytest.mark.parametrize(("reader", "noun"), [(read_target, "target"), (read_watcher, "name")])
def test_a_name_is_refused_as_what_it_is(reader: Callable[[str], str], noun: str) -> None:
    with pytest.raises(BadValue, match=f'"a,b" is not one {noun}'):
        reader("a,b")


def test_a_tag_holds_nothing_that_separates_tags() -> None:
    assert read_tag(" family ") == "family"
    for text in ("a|b", "a,b", "家人，银行", "x" * 41, "a\nb", ""):
        with pytest.raises(BadValue):
            read_tag(text)


def test_a_note_may_have_lines_but_no_other_control_characters() -> None:
    assert read_note("PIN 1\r\nPUK 2\rend\n") == "PIN 1\nPUK 2\nend"
    assert read_note("x" * 2000) == "x" * 2000
    for text in ("x" * 2001, "a\x00b", "a\x1bb", "a\u202eb", "a\udfffb", "\n", ""):
        with pytest.raises(BadValue):
            read_note(text)


def test_what_a_card_protects_is_one_line_of_200_characters() -> None:
    assert read_protects("x" * 200) == "x" * 200
    for text in ("x" * 201, "Kaspi\nHalyk", ""):
        with pytest.raises(BadValue):
            read_protects(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", NOW),
        ("现在", NOW),
        ("today", NOW),
        ("2026-11-21", NOW),
        ("yesterday", datetime(2026, 11, 20, 18, 59, 59, tzinfo=UTC)),
        ("20.11.2026", datetime(2026, 11, 20, 18, 59, 59, tzinfo=UTC)),
        ("2026-11-20 18:00", datetime(2026, 11, 20, 13, 0, tzinfo=UTC)),
        ("2026-11-20T18:00", datetime(2026, 11, 20, 13, 0, tzinfo=UTC)),
        ("20.11.2026 18:00", datetime(2026, 11, 20, 13, 0, tzinfo=UTC)),
        ("昨天 １８：００", datetime(2026, 11, 20, 13, 0, tzinfo=UTC)),
        ("3 days ago 18:00", datetime(2026, 11, 18, 13, 0, tzinfo=UTC)),
        ("9:05", datetime(2026, 11, 21, 4, 5, tzinfo=UTC)),
        ("2026-11-20T18:00:30Z", datetime(2026, 11, 20, 18, 0, 30, tzinfo=UTC)),
        ("2026-11-20T18:00:30.25-0330", datetime(2026, 11, 20, 21, 30, 30, 250_000, tzinfo=UTC)),
        ("2026-11-21T10:00:00+05:00", datetime(2026, 11, 21, 5, 0, tzinfo=UTC)),
        ("2024-02-10 12:00", datetime(2024, 2, 10, 6, 0, tzinfo=UTC)),
        ("12:31", NOW),
    ],
)
def test_an_instant_is_read_on_the_wall_clock_of_the_zone(text: str, at: datetime) -> None:
    read = read_instant(text, NOW, ALMATY)
    assert read == at
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12:32",
        "tomorrow",
        "2026-11-22",
        "2026-11-21 18:00",
        "2026-11-21T07:32Z",
        "18.00",
        "24:00",
        "18:60",
        "18",
        "6pm",
        "2026-02-30 18:00",
        "1999-12-31 18:00",
        "2026-11-20 18:00 +5",
        "2026-11-20T18:00+24:00",
        "12/01/2026 18:00",
    ],
)
def test_an_instant_that_is_none_or_lies_ahead_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_instant(text, NOW, ALMATY)


def test_a_day_that_still_runs_somewhere_else_means_now() -> None:
    night = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)  # the 21st in Almaty, the 20th in New York
    for text in ("today", "2026-11-21", "yesterday", "2026-11-20"):
        assert read_instant(text, night, NEW_YORK) == night
    assert read_instant("19:00", night, NEW_YORK) == night - timedelta(hours=1)


@settings(deadline=None)
@given(
    day=in_range,
    wall=st.times(),
    minutes=st.integers(-23 * 60, 23 * 60),
)
def test_every_instant_is_read_back_from_its_iso_form(day: date, wall: time, minutes: int) -> None:
    at = datetime.combine(day, wall, timezone(timedelta(minutes=minutes)))
    assert read_instant(at.isoformat(), at.astimezone(UTC), ALMATY) == at


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *((language, language) for language in LANGUAGES),
        ("EN", "en"),
        ("en_US.UTF-8", "en"),
        ("zh_CN", "zh"),
        ("zh-cn", "zh"),
        ("zh-Hans", "zh"),
        ("zh_Hans_HK", "zh"),
        ("zh_CN.GB18030", "zh"),
        ("zh_TW", "zh-Hant"),
        ("zh-hk", "zh-Hant"),
        ("ZH_HANT", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("ru_RU.UTF-8", "ru"),
        ("ru-KZ", "ru"),
        ("kk_KZ@latin", "kk"),
    ],
)
def test_a_language_is_read_in_every_usual_form(text: str, language: str) -> None:
    assert read_language(text) == language


@pytest.mark.parametrize(
    "text", ["", "C", "POSIX", "de", "kz", "english", "zh-", "ru RU", "en--US"]
)
def test_a_language_without_texts_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="language") as refused:
        read_language(text)
    assert refused.value.values["languages"] == "en, zh, zh-Hant, ru, kk"


@pytest.mark.parametrize(
    ("typed", "period"), [("2d", days(2)), ("1w", days(7)), ("366d", days(366)), ("1y", months(12))]
)
def test_a_snooze_lasts_days_or_months_up_to_a_year(typed: str, period: Period) -> None:
    assert read_snooze(typed) == period


@pytest.mark.parametrize("typed", ["367d", "13mo", "month-start", "none", "2", "0d", "soon"])
def test_a_snooze_without_a_near_end_is_refused(typed: str) -> None:
    with pytest.raises(BadValue):
        read_snooze(typed)


@pytest.mark.parametrize(
    ("typed", "repeats"), [("1d", (1,)), ("30d, 1d,7d,1d", (1, 7, 30)), ("3650d", (3650,))]
)
def test_repeats_are_days_after_it_the_shortest_first(typed: str, repeats: tuple[int, ...]) -> None:
    assert read_repeats(typed) == repeats
    assert leads_text(repeats) == ",".join(f"{count}d" for count in repeats)


@pytest.mark.parametrize("typed", ["0d", "3651d", "", "1", "1mo", "-1d", "1d,,2d"])
def test_repeats_that_are_no_days_after_it_are_refused(typed: str) -> None:
    with pytest.raises(BadValue):
        read_repeats(typed)


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ru_RU.UTF-8", "LANG": "zh_CN"}, "ru"),
    ],
)
def test_the_first_locale_variable_that_is_set_decides(
    environ: dict[str, str], language: str
) -> None:
    assert language_of_locale(environ) == language_unconfigured(None, environ) == language
    assert language_unconfigured("zh", environ) == "zh"
    assert language_unconfigured("xx", environ) == "en"
    assert language_unconfigured(None, environ | {"KZREMINDER_LANG": "kk"}) == "kk"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("desktop", "desktop"),
        ("desktop:laptop", "desktop"),
        ("family", "family"),
        (" Family ", "family"),
        ("push:family", "family"),
    ],
)
def test_a_target_is_named_as_in_the_settings_or_as_results_name_it(text: str, name: str) -> None:
    assert read_target(text) == name
