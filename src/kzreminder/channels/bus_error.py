"""What an error reply from D-Bus says: the target is away, or it refuses this message.

Not here: talking to a bus.
"""

from __future__ import annotations

import re

from kzreminder.channels.message import Refused, TargetAway

_STANDARD = "org.freedesktop.DBus.Error."

# The server is not there, is going, or owns its name before it exports its object, as some do while
# they start. AccessDenied is a sandbox's policy: no message would pass it.
_AWAY = (
    "ServiceUnknown",
    "NameHasNoOwner",
    "NoReply",
    "Disconnected",
    "Timeout",
    "TimedOut",
    "NoServer",
    "NoNetwork",
    "BadAddress",
    "FileNotFound",
    "IOError",
    "NotSupported",
    "AuthFailed",
    "AccessDenied",
    "NoMemory",
    "UnknownObject",
    "UnknownInterface",
    "UnknownMethod",
    "Spawn.",
)
_PERMANENT = ("InvalidArgs", "InvalidSignature", "InconsistentMessage")
# notify-send, and the traceback of dbus-python
_WRITTEN = re.compile(
    r"(?:GDBus\.Error|DBusException): ?(?P<name>[\w-]+(?:\.[\w-]+)+):?(?P<text>.*)"
)


def outcome_of_error(name: str, text: str) -> TargetAway | Refused:
    """Names that nobody knows are refusals that may heal, such as a limit on messages a minute."""
    said = f"{name}: {text}" if text else name
    short = name.removeprefix(_STANDARD) if name.startswith(_STANDARD) else ""
    # systemd's own error, where the bus asked it to start the server
    if name.startswith("org.freedesktop.systemd1.") or short.startswith("Spawn.") or short in _AWAY:
        return TargetAway(said)
    return Refused(said, permanent=short in _PERMANENT)


def outcome_of_stderr(text: str) -> TargetAway | Refused:
    """The same, from what a program wrote that spoke to the bus for us."""
    found = _WRITTEN.search(text)
    if found:
        return outcome_of_error(found["name"], found["text"].strip())
    lines = text.strip().splitlines()
    return TargetAway(lines[-1] if lines else "ended without a word")
