"""Why a card speaks or is silent, in sentences.

Not here: finding out (core.explaining).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kzreminder.core.explaining import Explanation, Fate, Hush, LeadStory, Story
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty_day
from kzreminder.errors import N_
from kzreminder.wording.cards import REASONS, STATES, deadline_words, lead_words
from kzreminder.wording.language import Words

FATES = {
    Fate.TOLD: N_("told {told}"),
    Fate.COVERED: N_("silent: {lead} was told {told}"),
    Fate.SUPERSEDED: N_("silent: a later one has come"),
    Fate.ACKNOWLEDGED: N_("silent: acknowledged"),
    Fate.DROPPED: N_("never: it would fall before the first day of the period"),
    Fate.ARCHIVED: N_("silent: the card is archived"),
    Fate.MUTED: N_("silent: the card is muted"),
    Fate.SNOOZED: N_("waits for the end of the snooze"),
    Fate.QUIET: N_("waits for the end of the quiet hours"),
    Fate.UNWANTED: N_("not told here, by the settings"),
    Fate.DUE: N_("due now"),
    Fate.COMING: N_("comes"),
}
HUSHES = {
    Hush.ARCHIVED: (N_("Silent: archived."), ""),
    Hush.MUTED: (N_("Silent: muted until it is unmuted."), N_("Silent: muted until {until}.")),
    Hush.SNOOZED: ("", N_("Silent: snoozed until {until}.")),
    Hush.QUIET_HOURS: ("", N_("Silent: quiet hours until {until}.")),
    Hush.CHARGE_COVERED: (
        N_("No word of the charge: the balance covers it."),
        N_("No word of the charge: the balance covers it, and is believed until {until}."),
    ),
    Hush.LOW_BY_ESTIMATE: (
        N_("No word of the low balance: it is an estimate, and only a reading counts."),
        "",
    ),
    Hush.NOTHING_TO_LOSE: (N_("Silent: no date and no balance of it is known to watch."), ""),
    Hush.ALL_TOLD: (N_("Silent: all there was to say has been told."), ""),
}


def silence_lines(told: Explanation, policy: Policy, words: Words, now: datetime) -> Iterator[str]:
    """What keeps the card silent, a sentence each."""
    today = now.astimezone(policy.zone).date()
    for hush, until in told.hushes:
        plain, with_end = HUSHES[hush]
        if until is None:
            yield words.gettext(plain)
        else:
            yield words.gettext(with_end, until=words.moment(until, policy.zone, today))


def heading(told: Explanation, words: Words) -> str:
    return f"{told.card.label} (#{told.card.id}): {words.gettext(STATES[told.state])}"


def target_heading(name: str, wait: str | None, words: Words) -> str:
    if wait is None:
        return words.gettext("On {target}:", target=name)
    return words.gettext(
        "On {target}, what nobody has answered {wait} after the desktop:", target=name, wait=wait
    )


def is_unwanted(story: Story) -> bool:
    """Whether nothing of it is ever told there."""
    return all(one.fate is Fate.UNWANTED for one in story.leads)


def up_to_the_next(story: Story) -> Iterator[LeadStory]:
    """What has been, and the first that is still to come."""
    for one in story.leads:
        yield one
        if one.fate is Fate.COMING:
            return


def unwanted_line(story: Story, words: Words, now: datetime) -> str:
    what = deadline_words(story.deadline, words, now)
    return f"{what}: {words.gettext(FATES[Fate.UNWANTED])}"


def story_heading(story: Story, words: Words, now: datetime) -> str:
    return deadline_words(story.deadline, words, now)


def lead_row(
    story: Story, one: LeadStory, policy: Policy, words: Words, now: datetime
) -> tuple[str, str, str]:
    """When, which lead, and what became of it."""
    today = almaty_day(now)
    lead = lead_words(story.deadline, one.lead, words)
    fate = FATES[one.fate]
    if one.by is None:
        said = words.gettext(fate)
    else:
        told = words.moment(one.by.told_at, policy.zone, today)
        by_lead = lead_words(story.deadline, one.by.lead, words)
        said = words.gettext(fate, told=told, lead=by_lead)
    return words.moment(one.at, policy.zone, today), lead, said


def coming_line(told: Explanation, policy: Policy, words: Words, now: datetime) -> str:
    if told.coming is None:
        return words.gettext("Nothing is ahead.")
    at = words.moment(told.coming.at, policy.zone, now.astimezone(policy.zone).date())
    reason = words.gettext(REASONS[told.coming.reason])
    return words.gettext("Next: {at}, because {reason}.", at=at, reason=reason)
