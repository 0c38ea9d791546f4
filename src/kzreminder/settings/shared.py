"""What services that share a database must agree on, key by key of the settings.

Not here: who they are, and that they do agree (storage.services).
"""

from __future__ import annotations

from kzreminder.settings.declared import Desktop
from kzreminder.settings.reading import Settings


def rules_of(settings: Settings) -> dict[str, str]:
    """What decides when and where a card is told of. Where two services differ in it, each would
    plan every card anew after the other."""
    policy = settings.policy
    told: dict[str, object] = {
        "reminders.zone": policy.zone,
        "reminders.hour": policy.hour,
        "reminders.charge_hour": policy.charge_hour,
        "reminders.leads": policy.leads,
        "reminders.repeats": policy.repeats,
        "reminders.quiet": policy.quiet and [str(hour) for hour in policy.quiet],
        "balance.every": policy.low_every,
        "balance.hysteresis": policy.hysteresis,
        # which way leads to the desktop is each machine's own affair
        "delivery.desktop": "off" if settings.desktop is Desktop.OFF else "on",
    }
    told |= {f"leads.{kind}": days for kind, days in policy.leads_of.items()}
    told |= {f"repeats.{kind}": days for kind, days in policy.repeats_of.items()}
    for target in settings.targets:
        told |= {
            f"targets.{target.name}.deadlines": sorted(target.deadlines),
            f"targets.{target.name}.severity": target.severity,
            f"targets.{target.name}.tags": sorted(target.tags),
            f"targets.{target.name}.after": target.after,
        }
    return {key: str(value) for key, value in told.items()}
