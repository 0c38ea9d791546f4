"""Where files are: the user's folders by the XDG rules, and the files that ship with the program.

Not here: what stands in any of the files.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

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
    """Whole or not at all, for the user's eyes only; a device or pipe is written to as it is.

    `follows`: a link that stands there is the user's own, and the file it leads to is written; for
    names that we choose it is replaced, whoever made it. Raises KzreminderError.
    """
    try:
        _write_private(path.resolve() if follows else path, text, follows=follows)
    except (OSError, ValueError, RuntimeError) as error:  # the last: a link to itself
        why = getattr(error, "strerror", None) or error
        raise KzreminderError(N_("{path} cannot be written: {why}"), path=path, why=why) from error


def _write_private(path: Path, text: str, *, follows: bool) -> None:
    if follows and path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    handle, name = tempfile.mkstemp(prefix=".kzreminder-", dir=path.parent)  # made 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _user(kind: str) -> Path:
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))
