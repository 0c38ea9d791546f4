"""A value that shows itself to nobody, and where the address of a target is kept.

Not here: what is done with it (channels).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from kzreminder.errors import N_, AddressNotHere, BadValue, KzreminderError

HIDDEN = "***"
MOST_BYTES = 16_384
"An address is one line; what is longer is another file."
_SECOND = re.compile(r"\s|[,;][A-Za-z][\w+.-]*://")


class Secret:
    """Printed, logged, formatted or found in a trace it is `***`; only `reveal` shows it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is written nowhere")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the address of a target stands. Read when it is needed: it may be changed meanwhile."""

    key: str
    "url, url_file, url_env or url_credential"
    place: str = ""
    "of the last three: the file, the variable, the credential's name"
    secret: Secret | None = None
    "of the first: the address itself"

    @property
    def shown(self) -> str:
        return self.place or HIDDEN

    def read(self, environ: Mapping[str, str]) -> Secret:
        """Raises KzreminderError where it is not there, or others may see it."""
        if self.secret is not None:
            return self.secret
        if self.key == "url_env":
            if not environ.get(self.place):
                raise AddressNotHere(N_("the variable {name} is not set here"), name=self.place)
            return self._one_line(environ[self.place])
        if self.key == "url_file":
            return self._one_line(_content(Path(self.place), must_be_private=True))
        folder = environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise AddressNotHere(
                N_("the credential {name} is not there: systemd has handed none over"),
                hint=N_("In the service's unit: LoadCredential={name}:FILE"),
                name=self.place,
            )
        # systemd keeps others from it in its own ways.
        return self._one_line(_content(Path(folder) / self.place, must_be_private=False))

    def _one_line(self, text: str) -> Secret:
        if not is_one_address(text := text.strip()):
            raise BadValue(N_("{place} must hold one address, on one line"), place=self.place)
        return Secret(text)


def is_one_address(text: str) -> bool:
    """The library would take what follows a comma or a blank for a part of the first one."""
    return bool(text) and not _SECOND.search(text)


def is_open_to_others(status: os.stat_result) -> bool:
    """Whether anybody but its owner may read the file; Windows has other means against that."""
    return os.name != "nt" and bool(stat.S_IMODE(status.st_mode) & 0o077)


def _content(path: Path, *, must_be_private: bool) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe has no end
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(file.fileno())
            if must_be_private:
                _refuse_open(path, status)
            if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
                raise BadValue(N_("{place} must hold one address, on one line"), place=path)
            return file.read(MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:  # its words would show a part of the file
        raise BadValue(N_("{place} must hold one address, on one line"), place=path) from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise KzreminderError(N_("{path} cannot be read: {why}"), path=path, why=why) from error


def _refuse_open(path: Path, status: os.stat_result) -> None:
    if is_open_to_others(status):
        raise KzreminderError(
            N_("{path} holds a secret, and others on this computer can read it"),
            hint=N_("Type: chmod 600 {path}"),
            path=path,
        )
    if os.name != "nt" and status.st_uid not in (os.geteuid(), 0):
        raise KzreminderError(N_("{path} holds a secret, and belongs to somebody else"), path=path)
