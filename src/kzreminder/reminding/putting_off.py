"""A card with which a pass cannot go on: put off, logged whole, and said once. The others go on.

Not here: what lasts for all cards, as a disk without room (daemon.trouble).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from kzreminder.channels.message import Message, Urgency
from kzreminder.errors import StorageFault
from kzreminder.reminding.desk import Desk, PassReport, PutOff
from kzreminder.storage.messages import Sent
from kzreminder.wording.answers import cards_put_off
from kzreminder.wording.language import Words

PUT_OFF = timedelta(hours=1)
"Long enough that nothing goes round in circles, short enough for whoever mends it."

log = logging.getLogger(__name__)


@contextmanager
def apart(
    desk: Desk, card_id: int, token: str, now: datetime, report: PassReport
) -> Iterator[None]:
    """What goes wrong within is this card's own: it is put off, and the pass goes on.

    Not what the database answers: that is everybody's.
    """
    try:
        yield
    except StorageFault:
        raise
    except Exception as error:
        log.exception("card %s is put off by an hour", card_id)
        why = f"{type(error).__name__}: {error}"
        text = cards_put_off(1, Words(desk.scribe.language))
        told = Sent(desk.voice.target, text.title, text.body, (), False, 1, error=why)
        is_new = desk.delivery.put_off(told, card_id, token, now, now + PUT_OFF)
        report.put_off.append(PutOff(card_id, why, now + PUT_OFF, is_new))


def say_what_is_put_off(desk: Desk, report: PassReport) -> None:
    """In one message, however many they are; of each card once, until it is well again."""
    count = len([one for one in report.put_off if one.is_new])
    if count:
        text = cards_put_off(count, Words(desk.scribe.language))
        desk.sign_of_life()
        desk.voice.send(Message(text.title, text.body, Urgency.CRITICAL))
