"""How long a message may wait for a person: nobody sees it while the screen is locked.

Not here: whether somebody is there (daemon), quiet hours (leads).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kzreminder.core.deadlines import LOSING
from kzreminder.core.leads import BEFORE_QUIET, out_of_quiet, zero_at
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Reminder

LONGEST_WAIT = timedelta(days=1) - timedelta(minutes=15)
"""Where no deadline lies ahead: a screen that seems locked for ever hides nothing for ever.

Less than a day, or the reminder of the next day would take this one's place and wait in its turn.
"""


def waits_until(reminders: Sequence[Reminder], policy: Policy, now: datetime) -> datetime:
    """The last safe instant to tell them; `now` or earlier where it has come.

    Of a deadline ahead that is its last call, which leaves time to act; once that is past, there is
    nothing to wait for.
    """
    return min(_waits_until(reminder, policy, now) for reminder in reminders)


def _waits_until(reminder: Reminder, policy: Policy, now: datetime) -> datetime:
    deadline = reminder.deadline
    if deadline.kind in LOSING and deadline.at > now:
        return out_of_quiet(zero_at(deadline, policy), deadline, policy)
    until = reminder.at + LONGEST_WAIT
    quiet = policy.quiet_around(until)
    return until if quiet is None else quiet[0] - BEFORE_QUIET
