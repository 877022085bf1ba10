"""You will see 20,000 items go through three workers, one of which is killed: nothing is lost.

python -m demos.net

It starts a broker on this machine, three workers and a caller; `pipeline` draws the graph that all
of them have. In the middle it kills a worker with SIGKILL, and starts another one.
"""
