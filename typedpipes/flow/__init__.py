"""How items flow: bounded edges, what reads and writes them, and who has the event loop when.

Items move only in synchronous code. What waits is only ever *woken*: it looks again, and may be
woken for nothing. All that is below is made for one event loop, and knows nothing of runs.
"""
