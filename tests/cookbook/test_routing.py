"""Routing by type, with messages of all types and some that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cookbook.programs import BOTH, imported

KINDS = (
    '{{"type": "Order", "number": {0}, "amount": 5}}',
    '{{"type": "Refund", "number": {0}}}',
    '{{"type": "Note", "text": "{0}"}}',
    '{{"type": "Order", "number": {0}, "amount": 0}}',
    "{{{0}",
)
ANSWERS = ("{0} costs 5", "{0} is paid back", "filed '{0}'")


@pytest.mark.parametrize("which", BOTH)
async def test_it_answers_each_message_by_its_type_in_order(which: str, tmp_path: Path) -> None:
    route = imported(which, "routing", tmp_path).route
    lines = [KINDS[number % len(KINDS)].format(number) for number in range(300)]

    answers, failed = await route(lines)

    right = [number for number in range(300) if number % len(KINDS) < len(ANSWERS)]
    assert answers == [ANSWERS[number % len(KINDS)].format(number) for number in right]
    assert failed.count("nothing to pay") == 60
    assert len(failed) == 120
