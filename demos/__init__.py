"""Demos: each answers one question, ends by itself and prints something worth looking at."""
