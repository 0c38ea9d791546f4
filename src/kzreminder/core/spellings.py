"""How days, periods, times, money and languages are spelled, as tables and patterns.

Not here: what they mean (typed). Patterns are kept as texts: `re` compiles only what is used.
"""

from __future__ import annotations

import re
import unicodedata

from kzreminder.core.period import MONTH_START, NO_PERIOD, Unit, months

# Chinese keyboards give full-width forms. Not NFKC, which would read 5² as 52.
KEYBOARD = {**{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}, ord("−"): ord("-")}
SPACES = "[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+"

NAMED_DAYS = {
    **dict.fromkeys(("today", "今天", "сегодня", "бүгін"), 0),
    **dict.fromkeys(("tomorrow", "明天", "завтра", "ертең"), 1),
    **dict.fromkeys(("yesterday", "昨天", "вчера", "кеше"), -1),
    **dict.fromkeys(("后天", "後天", "послезавтра", "бүрсігүні"), 2),
    **dict.fromkeys(("前天", "позавчера"), -2),
}
WRITTEN_DAYS = (
    r"(?P<year>[0-9]{4})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})",
    r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})",
    r"(?P<year>[0-9]{4}) ?年 ?(?P<month>[0-9]{1,2}) ?月 ?(?P<day>[0-9]{1,2}) ?[日号號]",
)
# 月 alone is no unit, for 3月 is March too; nor 日 before 前 or 后: 5日前 is also "before the 5th".
UNITS = {
    word: (unit, size)
    for unit, size, words in (
        (Unit.DAYS, 1, "d day days 天 日 д дн дн. день дня дней сутки суток күн күннен"),
        (Unit.DAYS, 7, "w week weeks 周 週 星期 个星期 個星期 нед нед. неделя неделю"),
        (Unit.DAYS, 7, "недели недель апта аптадан"),
        (Unit.MONTHS, 1, "mo month months 个月 個月 мес мес. месяц месяца месяцев ай айдан"),
        (Unit.MONTHS, 3, "quarter quarters 季度 个季度 個季度 квартал квартала кварталов тоқсан"),
        (Unit.MONTHS, 12, "y year years 年 год года лет жыл жылдан"),
    )
    for word in words.split()
}
COUNT = r"(?P<count>[0-9]{1,6}) ?(?P<unit>[^ 0-9]+?)"
DISTANCES = (
    (1, rf"(?:\+ ?|in |через ){COUNT}"),
    (1, rf"{COUNT}(?: from now| later| кейін|(?<!日) ?[以之]?[后後])"),
    (-1, rf"- ?{COUNT}"),
    (-1, rf"{COUNT}(?: ago| назад| бұрын|(?<!日) ?[以之]?前)"),
)
NAMED_PERIODS = {
    **dict.fromkeys(("none", "无", "無", "нет", "жоқ"), NO_PERIOD),
    **dict.fromkeys(("month-start", "month start", "月初"), MONTH_START),
    **dict.fromkeys(("month", "месяц"), months(1)),
    **dict.fromkeys(("quarter", "季度", "квартал", "тоқсан"), months(3)),
    **dict.fromkeys(("half-year", "half a year", "半年", "полгода", "жарты жыл"), months(6)),
    **dict.fromkeys(("year", "год"), months(12)),
}
NOW = ("now", "现在", "現在", "сейчас", "қазір")
TIME = (
    r"(?:(?P<day>.+?)[ t])?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,6}))?)?"
    r" ?(?P<offset>z|(?P<sign>[-+])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2}))?"
)
TENGE = "(?:₸|kzt|tenge|tg|тенге|теңге|тг|坚戈|堅戈)"
MONEY = (
    rf"(?P<sign>-?) ?(?P<before>{TENGE}?) ?(?P<whole>[0-9]{{1,3}}(?: [0-9]{{3}})+|[0-9]+)"
    rf"(?:[.,](?P<cents>[0-9]+))? ?(?P<after>(?:{TENGE}\.?)?)"
)


def plain(text: str) -> str:
    """Small letters, plain spaces, ASCII signs: one spelling for every keyboard."""
    composed = unicodedata.normalize("NFC", text).translate(KEYBOARD).lower()
    return re.sub(SPACES, " ", composed).strip()
