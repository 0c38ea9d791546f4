"""Whether a person can see the screen, by what logind knows of their sessions: pure rules.

Not here: asking logind (logind), how long a toast waits for the person (core.waiting).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

KEPT = frozenset({"Class", "Type", "State", "Active", "Remote", "LockedHint", "IdleHint"})
"What is looked at, of all that logind tells."
_GRAPHICAL = frozenset({"x11", "wayland", "mir"})

Session = Mapping[str, object]
"A session's properties, by logind's names."


def is_anybody_there(sessions: Iterable[Session]) -> bool:
    """Whether a person is, as far as these sessions of theirs tell; none tells nothing: then yes.

    The requests `Lock` and `Unlock` are not looked at: many a locker is opened without the second.
    """
    screens = [session for session in sessions if _is_screen(session)]
    return not screens or not all(_is_left(session) for session in screens)


def _is_screen(session: Session) -> bool:
    """Whether a toast may be seen there: on a desktop, also one started from a text console."""
    if not str(session.get("Class", "")).startswith("user") or session.get("State") == "closing":
        return False
    if session.get("Type") in _GRAPHICAL:
        return True
    is_local = not session.get("Remote")
    return session.get("Type") == "tty" and is_local and bool(session.get("Active"))


def _is_left(session: Session) -> bool:
    # A console is idle when nothing is typed into it, however busy the desktop started from it is.
    is_idle = session.get("IdleHint") is True and session.get("Type") in _GRAPHICAL
    return session.get("LockedHint") is True or is_idle
