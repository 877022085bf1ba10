"""A layered layout: boxes in rows, every arrow from an upper row to a lower one.

The steps are those of Sugiyama's method, one per module: rows (`layers`), what is in them
(`grid`), the order within them, places (`spacing`). `plan` takes them one after the other.
"""

from typedpipes.show.layout.grid import Forks, Size, Spaces
from typedpipes.show.layout.plan import Plan, Point, Route, plan

__all__ = ["Forks", "Plan", "Point", "Route", "Size", "Spaces", "plan"]
