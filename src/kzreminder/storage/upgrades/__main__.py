"""The process that upgrades one database: its order on stdin, a fault as JSON on stdout.

Not here: how it upgrades (child).
"""

from __future__ import annotations

import json
import sys

from kzreminder.errors import KzreminderError
from kzreminder.storage.upgrades.child import carry_out


def main() -> int:
    try:
        carry_out(**json.load(sys.stdin))
    except KzreminderError as error:
        values = {name: str(value) for name, value in error.values.items()}
        said = {"sentence": error.sentence, "hint": error.hint, "values": values}
        sys.stdout.write(json.dumps(said))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
