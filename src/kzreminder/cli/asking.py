"""A question with yes or no before what was there is lost.

Not here: questions about a card (register), which the wizard asks.
"""

from __future__ import annotations

import click

from kzreminder.cli.base import App
from kzreminder.errors import BadValue


def ask(app: App, question: str, unanswered: BadValue) -> None:
    """Ends the command unless the answer is yes; `unanswered` where nobody can be asked."""
    if not app.may_ask:
        raise unanswered
    if not click.confirm(question, err=True):
        raise click.Abort
