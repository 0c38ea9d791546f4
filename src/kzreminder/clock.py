"""The only reader of the wall clock, of the host's zone and of the zone data's version.

Not here: what the time means (core.zone).
"""

from __future__ import annotations

import time
import zoneinfo
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path

from kzreminder.core.zone import ALMATY_NAME, almaty


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that no setting of the clock can move; they stand still while the machine sleeps."""
    return time.monotonic()


def asleep() -> float:
    """Seconds that the machine has slept since its start: they count in no monotonic time."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()


def wall_offset() -> float:
    """Seconds from the machine's start to 1970, by its wall clock: a clock that is set moves it."""
    return time.time() - time.monotonic() - asleep()


def host_zone() -> tzinfo:
    """The zone of the user's wall clock: TZ, then the system's; else a bare offset.

    Looked up anew each time, as a traveller's machine changes it; the same object while the same.
    """
    zone = _looked_up()
    return _known_zones.setdefault(zone_signature(zone), zone)


def zone_signature(zone: tzinfo) -> str:
    """The same for zones that keep the same time: its name, and its offsets of some years.

    A zone that is a plain file has no name of its own.
    """
    months = (datetime(2026 + n // 12, n % 12 + 1, 15, tzinfo=UTC) for n in range(36))
    offsets = (str(month.astimezone(zone).utcoffset()) for month in months)
    return f"{zone} {' '.join(offsets)}"


_known_zones: dict[str, tzinfo] = {}


def _looked_up() -> tzinfo:
    from tzlocal import reload_localzone

    try:
        return reload_localzone()
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.now(UTC).astimezone().tzinfo or UTC


@cache
def zone_data_is_current() -> bool:
    """Whether Asia/Almaty has been UTC+5 since 2024-03-01; older data would be an hour off.

    Where the system's is older, the bundled data is used from then on.
    """
    if _knows_the_move():
        return True
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    return _knows_the_move()


def zone_data_version() -> str | None:
    """The release of the zone data in use, as `2026a`; None where it does not say."""
    for folder in zoneinfo.TZPATH:
        try:
            with Path(folder, "tzdata.zi").open(encoding="ascii") as lines:
                return lines.readline().removeprefix("# version").strip() or None
        except OSError:
            continue
    try:
        import tzdata
    except ImportError:
        return None
    return str(tzdata.IANA_VERSION)


def _knows_the_move() -> bool:
    after_the_move = datetime(2024, 6, 1, tzinfo=UTC)
    try:
        return after_the_move.astimezone(almaty()).utcoffset() == timedelta(hours=5)
    except zoneinfo.ZoneInfoNotFoundError:
        raise SystemError(f"no zone data for {ALMATY_NAME}") from None
