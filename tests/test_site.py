"""The documentation as a site: every page is in its navigation. `make docs` checks the links."""

from __future__ import annotations

import re
import tomllib

from tests.support.checkers import ROOT
from typedpipes import __all__ as public
from typedpipes import errors

SITE = (ROOT / "zensical.toml").read_text()
DOCS = ROOT / "docs"


def test_every_page_is_in_the_navigation_once() -> None:
    pages = sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))

    assert tomllib.loads(SITE)["project"]["nav"]
    assert sorted(re.findall(r'"([\w/-]+\.md)"', SITE)) == pages


def test_every_public_name_is_in_the_reference() -> None:
    pages = "".join(page.read_text() for page in DOCS.glob("reference/*.md"))
    shown = set(re.findall(r"^::: typedpipes\.(\w+)$", pages, re.MULTILINE)) | {*vars(errors)}

    assert sorted(set(public) - shown) == []
