"""Runs over several processes and machines, whatever carries the items between them.

What users call is in `typedpipes.nats`. Here is what does not depend on a broker: how a drawing is
laid out over a wire, and the roles of the caller and of workers.
"""
