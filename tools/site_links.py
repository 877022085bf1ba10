"""An extension for the site of the documentation: links to files that are not part of it.

The pages are read on a code host too, where a link leads to the source. The site has none of it, so
there the text of such a link stays, and the link goes.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

OUTSIDE = ("../typedpipes", "../tests", "../tools", "../benchmarks", "../demos")


class _Unlink(Treeprocessor):
    def run(self, root: Element) -> None:
        for link in root.iter("a"):
            if link.get("href", "").startswith(OUTSIDE):
                link.tag = "span"
                del link.attrib["href"]


class SiteLinks(Extension):
    """Turns links to files outside of `docs` into text."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # the name is markdown's
        """Take part in the rendering of a page."""
        md.treeprocessors.register(_Unlink(md), "site_links", 5)


def makeExtension() -> SiteLinks:  # noqa: N802  # the name is markdown's
    """Return the extension."""
    return SiteLinks()
