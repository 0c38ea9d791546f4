"""Where files are: the user's folders by the XDG rules, and the files that ship with the program.

Not here: reading or writing any of the files.
"""

from __future__ import annotations

from pathlib import Path

from kzreminder.errors import N_, StorageFault

APP = "kzreminder"


def config_file() -> Path:
    return _user("config") / "config.toml"


def own_operators() -> Path:
    """Operator files of the user's own, laid over the shipped ones."""
    return _user("config") / "operators"


def own_messages() -> Path:
    """Patterns of operators' messages of the user's own, laid over the shipped ones."""
    return _user("config") / "messages.toml"


def database_file() -> Path:
    return _user("data") / "kzreminder.db"


def receipts() -> Path:
    return _user("data") / "receipts"


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
            new.mkdir(exist_ok=True)
            new.chmod(0o700)
    except OSError as error:
        raise StorageFault(
            N_("the folder {path} cannot be made: {why}"),
            path=error.filename,
            why=error.strerror or error,
        ) from error


def _user(kind: str) -> Path:
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))
