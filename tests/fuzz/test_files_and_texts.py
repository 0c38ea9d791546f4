"""Whatever a file or a text says, it is taken or refused: no bug, no hang, no growth.

A few examples of each by default; FUZZ=20000 runs so many.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.fuzzing import EXAMPLES, LONG, assert_memory_levels_off, no_hang, spoilt
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.timeout(0 if LONG else 120)

quietly = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", TARGETS)
def test_the_samples_are_taken(name: str, tmp_path: Path) -> None:
    assert all(TARGETS[name].take(sample, tmp_path) for sample in TARGETS[name].samples)


@pytest.mark.parametrize("name", TARGETS)
@quietly
@given(seed=st.integers(0, 2**63))
def test_what_was_spoilt_is_taken_or_refused(name: str, tmp_path: Path, seed: int) -> None:
    target = TARGETS[name]
    with no_hang():
        target.take(spoilt(target.samples, target.tokens, seed), tmp_path)


@pytest.mark.parametrize("name", TARGETS)
@quietly
@given(raw=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_anything_at_all_is_taken_or_refused(name: str, tmp_path: Path, raw: bytes) -> None:
    with no_hang():
        TARGETS[name].take(raw, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", TARGETS)
def test_memory_levels_off(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]

    def once(seed: int) -> None:
        target.take(spoilt(target.samples, target.tokens, seed), tmp_path)

    assert_memory_levels_off(once, EXAMPLES)
