"""How items flow: bounded edges, what reads and writes them, and who has the event loop when.

Items move only in synchronous code. What waits is only ever *woken*: it looks again, and may be
woken for nothing. Everything here belongs to one event loop, and knows nothing about runs.
"""
