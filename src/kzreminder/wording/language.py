"""One language: sentences from its catalogue, days, instants and money as its readers write them.

Not here: which sentences there are to say (the other modules of this room).
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kzreminder.errors import N_, Fault, KzreminderError

if TYPE_CHECKING:
    from kzreminder.core.period import Period

DOMAIN = "kzreminder"
CLEAR_WITHOUT_YEAR = timedelta(days=180)
LOCALE = Path(__file__).resolve().parents[1] / "locale"


class Words:
    """The words of one language; a sentence that its catalogue lacks is English."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = _catalogue(language)

    def gettext(self, sentence: str, **values: object) -> str:
        return self._catalogue.gettext(sentence).format(**values)

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        return self._catalogue.ngettext(one, many, count).format(count=count, **values)

    def day(self, day: date, today: date) -> str:
        """`20 Dec`, with the year only where it could be mistaken."""
        month = self.gettext(MONTHS[day.month - 1])
        if abs(day - today) <= CLEAR_WITHOUT_YEAR:
            return self.gettext("{day} {month}", day=day.day, month=month)
        return self.gettext("{day} {month} {year}", day=day.day, month=month, year=day.year)

    def dated(self, day: date) -> str:
        """`Thursday, 31 Dec 2026`: a day that was typed, said so that a slip shows."""
        return self.gettext(
            "{weekday}, {day} {month} {year}",
            weekday=self.gettext(_WEEKDAYS[day.weekday()]),
            day=day.day,
            month=self.gettext(MONTHS[day.month - 1]),
            year=day.year,
        )

    def period(self, period: Period) -> str:
        """`30 days`, `1 month`, `1 year`; a period is shown as it was counted."""
        from kzreminder.core.period import Unit

        if period.unit is Unit.DAYS:
            return self.ngettext("{count} day", "{count} days", period.count)
        if period.unit is Unit.MONTHS and period.count % 12 == 0:
            return self.ngettext("{count} year", "{count} years", period.count // 12)
        if period.unit is Unit.MONTHS:
            return self.ngettext("{count} month", "{count} months", period.count)
        if period.unit is Unit.MONTH_START:
            return self.gettext("to the end of each month")
        return self.gettext("none")

    def moment(self, instant: datetime, zone: tzinfo, today: date) -> str:
        """`20 Dec 10:00`, on the clocks of that zone."""
        local = instant.astimezone(zone)
        return f"{self.day(local.date(), today)} {local:%H:%M}"

    def almaty_moment(self, instant: datetime, today: date) -> str:
        from kzreminder.core.zone import almaty

        return self.moment(instant, almaty(), today)

    def named_almaty_moment(self, instant: datetime, today: date) -> str:
        """`20 Dec 23:59 (Almaty)`: for where times on the user's own clock stand beside it."""
        return self.gettext("{at} (Almaty)", at=self.almaty_moment(instant, today))

    def error(self, error: KzreminderError) -> list[str]:
        """What is wrong and, where it helps, what to do: a line each, a fault each."""
        faults = getattr(error, "faults", ())
        said = self.gettext(error.sentence, **error.values)
        lines = [f"{error.place}: {said}" if error.place else said]
        lines += [self.fault(fault) for fault in faults]
        lines += self._what_is_right(faults)
        if error.hint:
            lines.append(self.gettext(error.hint, **error.values))
        return lines

    def fault(self, fault: Fault) -> str:
        place = fault.file
        if fault.is_card:
            place += ": " + self.gettext("card {ordinal}", ordinal=fault.line)
        elif fault.line is not None:
            place += f":{fault.line}"
            place += f":{fault.column}" if fault.column else ""
        return ": ".join(
            part for part in (place, fault.key, self.reason(fault), fault.value) if part
        )

    def _what_is_right(self, faults: Iterable[Fault]) -> list[str]:
        """Each hint once, however many cells want it."""
        hints: dict[str, list[str]] = {}
        for fault in faults:
            if hint := self.what_is_right(fault):
                keys = hints.setdefault(hint, [])
                if fault.key and fault.key not in keys:
                    keys.append(fault.key)
        return [f"{', '.join(keys)}: {hint}" if keys else hint for hint, keys in hints.items()]

    def reason(self, fault: Fault) -> str:
        return self.gettext(fault.sentence, **dict(fault.values))

    def what_is_right(self, fault: Fault) -> str | None:
        return self.gettext(fault.hint, **dict(fault.values)) if fault.hint else None


_WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
MONTHS = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)


def grouped(count: int) -> str:
    """`99 900`, as money is shown."""
    return f"{count:,}".replace(",", " ")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    named = [language.replace("-", "_"), language.partition("-")[0]]
    return gettext.translation(DOMAIN, LOCALE, named, fallback=True)
