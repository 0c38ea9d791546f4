"""What people type becomes a value, or is refused with the reason: days, periods, money, texts.

Not here: the spellings of day, period and money (spellings), phone numbers (operators).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

from kzreminder.core import spellings
from kzreminder.core.languages import LANGUAGES, language_named
from kzreminder.core.period import Period, Unit, months_later
from kzreminder.core.zone import END_OF_DAY, almaty_day, at_wall_time
from kzreminder.errors import N_, BadValue, printable

YEARS = range(2000, 2200)
"Beyond is a slip such as 20226; a day of these and the longest period stay before LAST_DAY."
LONGEST = {Unit.DAYS: 36500, Unit.MONTHS: 1200}
MOST_TENGE = 1_000_000_000
LONGEST_SNOOZE = {Unit.DAYS: 366, Unit.MONTHS: 12}
CLOCK_SLACK = timedelta(minutes=1)
"Two clocks differ: what is this little ahead is not from the future."

_JOINING = frozenset("\u200c\u200d")
"invisible, but scripts and emoji are written with them"
_REFUSED_KINDS = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""control, half a surrogate pair, line and paragraph separators; invisible signs, which make two
labels that look the same or turn the order of what stands after them"""

DAY_HINT = N_("Write a day as 2026-12-31, 31.12.2026, today, tomorrow, +30d or in 3 weeks")
TIME_HINT = N_("Write a time as 18:00, 2026-11-20 18:00, yesterday 18:00 or now")
PERIOD_HINT = N_("Write a period as 30d, 4w, 1mo, quarter, half-year, 1y, month-start or none")
MONEY_HINT = N_("Write tenge as 4990, 4 990 or 12.50")


def read_day(text: str, today: date) -> date:
    return _day(text, today, DAY_HINT)


def read_period(text: str) -> Period:
    plain = spellings.plain(text)
    if plain in spellings.NAMED_PERIODS:
        return spellings.NAMED_PERIODS[plain]
    match = re.fullmatch(spellings.COUNT, plain)
    distance = _distance(match) if match else None
    if distance is None:
        raise refused(N_('"{text}" is no period, or could be several'), text, PERIOD_HINT)
    unit, count = distance
    if not 1 <= count <= LONGEST[unit]:
        raise refused(
            N_("a period lasts between one day and a hundred years, not {text}"),
            text,
            PERIOD_HINT,
        )
    return Period(unit, count)


def read_keep_alive(text: str) -> Period:
    """Days or months: what must happen on a certain day is no idle clock."""
    period = read_period(text)
    if period.unit not in LONGEST:
        raise refused(
            N_("a number is kept alive for days or months, not for {text}"),
            text,
            N_("Write the longest time without use as 90d, 6mo or 1y"),
        )
    return period


def read_snooze(text: str) -> Period:
    """Days or months, at most a year."""
    period = read_period(text)
    if period.unit not in LONGEST or period.count > LONGEST_SNOOZE[period.unit]:
        raise refused(
            N_("a card is snoozed for days or months, at most a year, not for {text}"),
            text,
            N_("Write how long as 2d, 1w or 1mo"),
        )
    return period


def read_instant(text: str, now: datetime, zone: tzinfo) -> datetime:
    """UTC, never ahead of `now`; without an offset on the wall clock of `zone`.

    A day alone is its end, or now while it still runs.
    """
    plain = spellings.plain(text)
    if plain in spellings.NOW:
        return now
    match = re.fullmatch(spellings.TIME, plain)
    if match is None:
        return _end_or_now(text, now, zone)
    try:
        at = _at_time(match, now, zone)
    except (ValueError, OverflowError):
        raise refused(N_("no clock shows {text}"), text, TIME_HINT) from None
    return _not_ahead(at, text, now)


def read_money(text: str, *, negative: bool = False, zero: bool = False) -> Decimal:
    match = re.fullmatch(spellings.MONEY, spellings.plain(text))
    if not match or (match["before"] and match["after"]):
        raise refused(N_('"{text}" is no amount of tenge'), text, MONEY_HINT)
    cents = match["cents"] or "00"
    if len(cents) > 2:
        raise refused(
            N_('"{text}" could be thousands or a fraction; money has at most two decimals'),
            text,
            MONEY_HINT,
        )
    amount = Decimal(f"{match['sign']}{match['whole']}.{cents}".replace(" ", ""))
    if not -MOST_TENGE <= amount <= MOST_TENGE:  # abs() would round, and could overflow
        raise BadValue(
            N_("the amount is beyond {most}"),
            hint=MONEY_HINT,
            most=money_shown(Decimal(MOST_TENGE)),
        )
    if amount < 0 and not negative:
        raise refused(N_("the amount must not be below zero: {text}"), text)
    if amount == 0 and not zero:
        raise BadValue(N_("the amount must be more than zero"), hint=MONEY_HINT)
    return Decimal(money_text(amount))


def read_label(text: str) -> str:
    return _one_line(text, 80)


def read_protects(text: str) -> str:
    return _one_line(text, 200)


def read_tag(text: str) -> str:
    """Also refuses what separates tags: `|` in files, the comma in people's habits."""
    return _one_name(
        text,
        N_('"{text}" is not one tag: a comma or | separates tags'),
        N_("Give each tag by itself: --tag family --tag bank"),
    )


def read_target(text: str) -> str:
    """`desktop`, or a name as in the settings; `push:NAME`, as results have it, is understood."""
    kind, _, name = text.strip().partition(":")
    if kind == "desktop":
        return kind
    return _one_name(
        name if kind == "push" and name else text,
        N_('"{text}" is not one target: a comma or | separates targets'),
        N_("Give each target by itself: --target desktop --target family"),
    ).lower()


def read_watcher(text: str) -> str:
    return _one_name(
        text,
        N_('"{text}" is not one name: a comma or | separates names'),
        N_("A card has one watcher; several services may bear its name"),
    )


def _one_name(text: str, sentence: str, hint: str) -> str:
    name = _one_line(text, 40)
    if set(name) & set("|,，"):
        raise refused(sentence, text, hint)
    return name


def read_note(text: str) -> str:
    """May have line breaks, which become `\\n`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in lines:
        _refuse_invisible(line)
    return _kept(text="\n".join(lines), limit=2000)


def read_language(text: str) -> str:
    """One of ours; `zh_CN`, `zh-TW` and `ru_RU.UTF-8` are understood."""
    language = language_named(text)
    if language is None:
        raise refused(
            N_('there are no texts in the language "{text}"'),
            text,
            N_("Languages: {languages}"),
            languages=", ".join(LANGUAGES),
        )
    return language


def money_text(amount: Decimal) -> str:
    """`4990` or `12.50`, as files and JSON have it."""
    return f"{amount:z.2f}".removesuffix(".00")


def money_shown(amount: Decimal) -> str:
    """`4 990 ₸`, the same in every language; `read_money` reads it back."""
    return f"{amount:z,.2f} ₸".replace(",", " ").replace(".00 ", " ")


def _day(text: str, today: date, hint: str) -> date:
    plain = spellings.plain(text)
    try:
        day = _named_day(plain, today) or _written_day(plain) or _day_at_distance(plain, today)
    except (ValueError, OverflowError):
        raise refused(N_("the calendar has no {text}"), text, hint) from None
    if day is None:
        raise refused(N_('"{text}" is no day, or could be several'), text, hint)
    if day.year not in YEARS:
        raise refused(
            N_("{text} lies outside the years {first} to {last}"),
            text,
            first=YEARS[0],
            last=YEARS[-1],
        )
    return day


def _named_day(plain: str, today: date) -> date | None:
    distance = spellings.NAMED_DAYS.get(plain)
    return None if distance is None else today + timedelta(days=distance)


def _written_day(plain: str) -> date | None:
    for pattern in spellings.WRITTEN_DAYS:
        if match := re.fullmatch(pattern, plain):
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
    return None


def _day_at_distance(plain: str, today: date) -> date | None:
    for direction, pattern in spellings.DISTANCES:
        match = re.fullmatch(pattern, plain)
        distance = _distance(match) if match else None
        if distance is None:
            continue
        unit, count = distance
        if unit is Unit.DAYS:
            return today + timedelta(days=direction * count)
        return months_later(today, direction * count, today.day)
    return None


def _distance(match: re.Match[str]) -> tuple[Unit, int] | None:
    """Days or calendar months; None where the unit is unknown, as in `1m`."""
    if match["unit"] not in spellings.UNITS:
        return None
    unit, size = spellings.UNITS[match["unit"]]
    return unit, int(match["count"]) * size


def _at_time(match: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    today = now.astimezone(zone).date()
    day = _day(match["day"], almaty_day(now), TIME_HINT) if match["day"] else today
    fraction = int((match["fraction"] or "0").ljust(6, "0"))
    wall = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0), fraction)
    if match["offset"] and match["sign"]:
        offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
        zone = timezone(-offset if match["sign"] == "-" else offset)
    elif match["offset"]:
        zone = UTC
    return at_wall_time(day, wall, zone)


def _end_or_now(text: str, now: datetime, zone: tzinfo) -> datetime:
    day = _day(text, almaty_day(now), TIME_HINT)
    begun = day == almaty_day(now) or at_wall_time(day, time(0), zone) <= now
    end = at_wall_time(day, END_OF_DAY, zone)
    return min(end, now) if begun else _not_ahead(end, text, now)


def _not_ahead(at: datetime, text: str, now: datetime) -> datetime:
    if at > now + CLOCK_SLACK:
        raise refused(N_("{text} lies in the future"), text)
    return min(at, now)


def refused(sentence: str, text: str, hint: str | None = None, **values: object) -> BadValue:
    return BadValue(sentence, hint=hint, text=_excerpt(text), **values)


def _excerpt(text: str) -> str:
    """What was typed, fit for one line of an error: short, with nothing invisible."""
    return printable(text if len(text) <= 40 else f"{text[:39]}…")


def _one_line(text: str, limit: int) -> str:
    if len(text) <= limit and text.isascii() and text.isprintable() and (kept := text.strip()):
        return kept
    _refuse_invisible(text)
    return _kept(text, limit)


def _kept(text: str, limit: int) -> str:
    kept = unicodedata.normalize("NFC", text).strip()
    if not any(sign.isprintable() and not sign.isspace() for sign in kept):
        raise BadValue(N_("a text is needed here, and nothing can be seen of this one"))
    if len(kept) > limit:
        raise BadValue(
            N_("the text has {length} characters, at most {limit} are kept"),
            length=len(kept),
            limit=limit,
        )
    return kept


def _refuse_invisible(line: str) -> None:
    for sign in line:
        if sign not in _JOINING and unicodedata.category(sign) in _REFUSED_KINDS:
            raise refused(
                N_('"{text}" contains a line break or an invisible sign: {sign}'),
                line,
                sign=f"U+{ord(sign):04X}",
            )
