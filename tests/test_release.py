"""What a release says of itself: a version, a date, and the Pythons that it was tried on."""

from __future__ import annotations

import re
import tomllib
from datetime import date

from tests.support.checkers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
CI = (ROOT / ".ci" / "run").read_text()


def test_the_newest_heading_of_the_changelog_is_the_version_with_a_date_or_the_next_one() -> None:
    version, day = re.findall(r"^## (\S+) \((.+)\)$", CHANGELOG, re.MULTILINE)[0]

    if day != "unreleased":
        assert version == PROJECT["version"]
        assert date.fromisoformat(day).isoformat() == day


def test_the_classifiers_name_the_pythons_that_the_tests_are_run_on_and_no_other() -> None:
    named = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d", c)]

    loops = re.findall(r"^for version in (.+); do$", CI, re.MULTILINE)
    assert [loop.split() for loop in loops] == [named]
    assert PROJECT["requires-python"] == f">={named[0]}"
