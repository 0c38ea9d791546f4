"""demo: three cards in trouble in a throw-away database, one real pass, nothing left behind.

Not here: the pass itself (reminding).
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from kzreminder.cli.base import App, command, json_option
from kzreminder.core.correcting import Told, register
from kzreminder.core.period import days
from kzreminder.core.policy import Policy
from kzreminder.core.zone import almaty_day
from kzreminder.errors import N_

if TYPE_CHECKING:
    from kzreminder.assembly import Parts
    from kzreminder.channels.message import Channel


@command(
    "demo",
    help=N_("Three cards in trouble, real notifications, nothing left behind."),
    epilog=N_("Example: kzreminder demo"),
)
@json_option
def demo(app: App, as_json: bool) -> None:
    from kzreminder.assembly import Parts
    from kzreminder.reminding.passing import run_pass

    with tempfile.TemporaryDirectory(prefix="kzreminder-demo-") as folder:
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        # with the default policy: the demo shows three whatever the user has set, and at any hour
        policy = Policy(zone=app.settings.policy.zone, quiet=None)
        settings = replace(app.settings, database_url=url, policy=policy, targets=())
        parts = Parts(settings, throw_away=True)
        channel, why_not = _desktop_or_paper(parts)
        try:
            for told in _in_trouble(app, app.now):
                parts.store.add(register(told, policy, app.now), app.now)
            report = run_pass(parts.desk(channel), app.now)
        finally:
            channel.close()
            parts.store.close()
    if as_json:
        from kzreminder.cli.objects import report_json

        app.print_json(report_json(report, app.settings.policy))
        return
    if why_not:
        app.tell(N_("There is no desktop to notify here ({error})."), error=why_not)
        app.tell(N_("This is what it would show:"))
    elif report.failed:
        app.tell(N_("The desktop did not take them ({error}):"), error=report.failed[0].error)
    else:
        app.tell(N_("Notifications should be on your screen now. They say:"))
    texts = [one.text for one in report.delivered] + [one.text for one in report.failed]
    for text in dict.fromkeys(texts):
        app.say("")
        app.say(text.title)
        for line in text.body.splitlines():
            app.say(f"  {line}")


def _desktop_or_paper(parts: Parts) -> tuple[Channel, str | None]:
    """The desktop, or paper and why there is no desktop."""
    from kzreminder.channels.message import TargetAway
    from kzreminder.channels.on_paper import OnPaper

    channel = parts.channel()
    described = channel.describe()
    if not isinstance(described, TargetAway):
        return channel, None
    channel.close()
    return OnPaper(), described.error


def _in_trouble(app: App, now: datetime) -> list[Told]:
    today = almaty_day(now)
    words = app.words
    return [
        {
            "label": words.gettext("Mum"),
            "number": "+77011234567",
            "operator": "kcell",
            "plan": "Unlimited 30",
            "period": days(30),
            "expires": today + timedelta(days=1),
            "price": Decimal(4990),
        },
        {
            "label": words.gettext("Office"),
            "number": "+77051234567",
            "operator": "beeline",
            "period": days(30),
            "expires": today,
            "price": Decimal(3990),
            "auto_renew": True,
            "balance": Decimal(1200),
        },
        {
            "label": words.gettext("Codes"),
            "number": "+77071234567",
            "operator": "tele2",
            "keep_alive": days(90),
            "last_used": today - timedelta(days=87),
        },
    ]
