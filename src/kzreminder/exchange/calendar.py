"""Deadlines as iCalendar (RFC 5545): a file of events that move when it is taken in again.

Not here: which cards (cli), the words (wording), drawing a QR code (pages).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

from kzreminder import __version__
from kzreminder.core.card import Card
from kzreminder.core.deadlines import LOSING, Deadline, deadlines_of, turns_stale_at
from kzreminder.core.leads import Lead, lead_times, zero_at
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import reminder_of
from kzreminder.core.rolling import as_of
from kzreminder.core.silence import is_muted
from kzreminder.wording.calendar import entry_of
from kzreminder.wording.language import Words
from kzreminder.wording.reminders import Scribe
from kzreminder.wording.titles import shortened

PRODUCT = f"-//kzreminder//kzreminder {__version__}//EN"
OURS = uuid.uuid5(uuid.NAMESPACE_URL, "https://icalendar.invalid/kzreminder")
"The root of all our events' names."
LAST_CALL_LASTS = timedelta(minutes=30)
QR_LABEL = 30
"Characters; with more a code in Chinese outgrows a terminal of 80 columns and 40 lines."


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A deadline as a day in a calendar."""

    uid: str
    revision: int
    "greater in each later file: a calendar takes the greater for the newer"
    on: date
    "the last good day, in Almaty"
    last_call: datetime
    title: str
    short_title: str
    "with no more of the label than a QR code has room for"
    what_to_do: str
    alarms: tuple[timedelta, ...]
    "from the midnight that the day begins with, on the user's clock"


def events_of(card: Card, scribe: Scribe, now: datetime) -> Iterator[CalendarEvent]:
    """One for each deadline ahead at which something is lost; of an archived card none."""
    if card.archived:
        return
    [shown] = scribe.masked([card])
    words = Words(card.lang or scribe.language)
    for deadline in _ahead(card, now):
        last_call = zero_at(deadline, scribe.policy)
        yield CalendarEvent(
            uid=_uid(card, deadline),
            revision=max((now - card.registered_at) // timedelta(seconds=1), 0),
            on=deadline.last_day,
            last_call=last_call,
            title=entry_of(deadline.kind, shown.label, words),
            short_title=entry_of(deadline.kind, shortened(shown.label, QR_LABEL), words),
            what_to_do=_what_to_do(card, deadline, last_call, scribe, now),
            alarms=tuple(_alarms(card, deadline, scribe.policy, now)),
        )


def calendar_file(events: Iterable[CalendarEvent], now: datetime) -> Iterator[str]:
    """The text of a calendar, an event at a time."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "kzreminder")  # what a new calendar made of the file is called
    head, end, rest = calendar.to_ical().decode().partition("END:VCALENDAR")
    yield head
    for event in events:
        yield _component(event, now).to_ical().decode()
    yield end + rest


def to_scan(events: Iterable[CalendarEvent], now: datetime) -> CalendarEvent | None:
    """The first of which the last call is still to come."""
    ahead = [event for event in events if event.last_call > now]
    return min(ahead, key=lambda event: event.last_call, default=None)


def scanned_text(event: CalendarEvent) -> str:
    """The event for a QR code: little enough for a terminal, in what phones understand.

    No calendar around it, which some phones take offence at and none needs. A time and no whole
    day: many scanners pass title and time on and drop the alarm, and of a time phones remind by
    themselves.
    """
    short = Event()
    short.add("summary", event.short_title)
    short.add("dtstart", event.last_call)
    short.add("dtend", event.last_call + LAST_CALL_LASTS)
    alarm = Alarm()
    alarm.add("action", "AUDIO")  # one that displays needs a text of its own
    alarm.add("trigger", -timedelta(days=1))
    short.add_component(alarm)
    # Not folded: calendars put such lines together again, scanners do not.
    return "\n".join(str(line) for line in short.content_lines(sorted=False) if line)


def _ahead(card: Card, now: datetime) -> list[Deadline]:
    # A charge that is covered is no deadline until its balance grows too old to be believed.
    stands_at = max(now, turns_stale_at(as_of(card, now)) or now)
    return [one for one in deadlines_of(card, stands_at) if one.kind in LOSING and one.at >= now]


def _uid(card: Card, deadline: Deadline) -> str:
    """The same for as long as the card is kept, whatever is renewed, renamed or told anew.

    Not made from the number: a number of eleven digits is found again by trying all.
    """
    registered = card.registered_at.astimezone(UTC).isoformat()
    return f"{uuid.uuid5(OURS, f'{card.id} {registered} {deadline.kind.value}')}@kzreminder"


def _what_to_do(
    card: Card, deadline: Deadline, last_call: datetime, scribe: Scribe, now: datetime
) -> str:
    """As the last call before the deadline says it."""
    card = as_of(card, now)
    told = reminder_of(card, deadline, Lead(0), last_call, scribe.policy, now)
    return scribe.message([told], now).body


def _alarms(card: Card, deadline: Deadline, policy: Policy, now: datetime) -> Iterator[timedelta]:
    """The reminders to come up to the deadline; none where the card is muted."""
    begins = datetime.combine(deadline.last_day, time(0))
    for lead, at in lead_times(as_of(card, now), deadline, policy):
        if lead.days > 0:
            return
        if at > now and not is_muted(card, at):
            yield at.astimezone(policy.zone).replace(tzinfo=None) - begins


def _component(event: CalendarEvent, now: datetime) -> Event:
    made = Event()
    made.add("uid", event.uid)
    made.add("dtstamp", now.replace(microsecond=0))
    made.add("last-modified", now.replace(microsecond=0))
    made.add("sequence", event.revision)
    made.add("dtstart", event.on)
    made.add("dtend", event.on + timedelta(days=1))
    made.add("summary", event.title)
    made.add("description", event.what_to_do)
    made.add("transp", "TRANSPARENT")  # nobody is busy on that day
    for trigger in event.alarms:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event.title)
        alarm.add("trigger", trigger)
        made.add_component(alarm)
    return made
