"""Where files are: the user's folders by the XDG rules, and the files that ship with the program.

Not here: what stands in any of the files.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from kzreminder.errors import N_, KzreminderError, StorageFault

APP = "kzreminder"


def config_file() -> Path:
    return _user("config") / "config.toml"


def own_operators() -> Path:
    """Operator files of the user's own, laid over the shipped ones."""
    return _user("config") / "operators"


def own_sms_patterns() -> Path:
    """Patterns of operators' messages of the user's own, laid over the shipped ones."""
    return _user("config") / "sms.toml"


def database_file() -> Path:
    return _user("data") / "kzreminder.db"


def receipts() -> Path:
    return _user("data") / "receipts"


def page(name: object) -> Path:
    """A guide that was drawn to be looked at: of a card by its id, else of an operator."""
    return _user("cache") / f"guide-{name}.html"


def state() -> Path:
    """Locks and the heartbeat."""
    return _user("state")


def shipped(name: str) -> Path:
    """A file or folder of `config/` or `systemd/`: inside the wheel, else at the checkout's top."""
    package = Path(__file__).resolve().parent
    packaged = package / "shipped"
    return (packaged if packaged.is_dir() else package.parents[1]) / name


def make_private(folder: Path) -> None:
    """Make the folder and its missing parents 0700, whatever the umask."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    try:
        for new in reversed(missing):
            new.mkdir(0o700, exist_ok=True)
            new.chmod(0o700)
    except OSError as error:
        raise StorageFault(
            N_("the folder {path} cannot be made: {why}"),
            path=error.filename,
            why=error.strerror or error,
        ) from error


def write_private(path: Path, text: str, *, follows: bool = True) -> None:
    """Whole or not at all, for the user's eyes only; see `writing_private`."""
    with writing_private(path, follows=follows) as file:
        file.write(text)


@contextmanager
def writing_private(path: Path, *, follows: bool = True) -> Iterator[TextIO]:
    """A file to be written, 0600: it is there when the block has ended well, whole, or not at all.

    A device or pipe is written to as it is. `follows`: a link that stands there is the user's own,
    and the file it leads to is written; for names that we choose it is replaced, whoever made it.
    Raises KzreminderError.
    """
    try:
        is_file = not follows or path.is_file() or not path.exists()
        target = path.resolve() if follows and is_file else path  # a pipe has no name to resolve to
    except (OSError, ValueError, RuntimeError) as error:  # the last: a link to itself
        raise _unwritable(path, error) from error
    try:
        with _draft_of(target) if is_file else _as_it_is(target) as file:
            yield file
    except BrokenPipeError:
        raise
    except (OSError, UnicodeError) as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: Exception) -> KzreminderError:
    why = getattr(error, "strerror", None) or error
    return KzreminderError(N_("{path} cannot be written: {why}"), path=path, why=why)


def _as_it_is(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="")


@contextmanager
def _draft_of(path: Path) -> Iterator[TextIO]:
    handle, name = tempfile.mkstemp(prefix=".kzreminder-", dir=path.parent)  # made 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _user(kind: str) -> Path:
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))
