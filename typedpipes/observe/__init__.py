"""Faces of a run: what its gauges say, shown to people and to other programs.

Each is a module of its own, and needs packages that typedpipes itself does without.
"""
