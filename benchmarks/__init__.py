"""How fast typedpipes is, beside a plain loop, hand-written queues and its peers."""
