"""A layered layout: boxes in rows, every arrow from an upper row to a lower one.

The steps are those of Sugiyama's method, one per module: rows, order within the
rows, places. `plan` takes them one after the other.
"""

from typedpipes.show.layout.plan import Forks, Plan, Point, Route, Size, plan

__all__ = ["Forks", "Plan", "Point", "Route", "Size", "plan"]
