"""Several services on one server, some of them struck: nothing is lost, nothing told twice that was
not in a struck one's hands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import cut_off, fleet
from tests.postgres import ON_POSTGRES, Server

pytestmark = [pytest.mark.long, ON_POSTGRES]
CARDS = 400
LEASE_SECONDS = 3


def test_one_is_killed_one_frozen_and_the_server_restarted(
    postgres: Server, tmp_path: Path
) -> None:
    found = fleet.strike(postgres, tmp_path, CARDS, LEASE_SECONDS)
    assert fleet.is_well(found), found


@pytest.mark.usefixtures("postgres")
def test_one_is_cut_off_and_joined_again(tmp_path: Path) -> None:
    if reason := cut_off.why_not():
        pytest.skip(reason)
    found = cut_off.cut_off(tmp_path, CARDS, LEASE_SECONDS)
    assert fleet.is_well(found), found
