"""You will see a server run the graphs that its clients define, and results come as they are made.

python -m demos.web.server     in one terminal; its page is at the address it prints
python -m demos.web.client     in another

`server` puts the parts together; read it first. `offered` is what a definition may name,
`drawing` makes a pipeline of one, in a `drawing_process` as well, and `running` runs it within
its `budget`. `session` is one client, and bounds what it has not read; `service` is all of them.
`protocol` is what clients and server say to each other; `over_socketio` and `over_websocket` are
two ways to say it. `door` and `guard` see to who may talk at all.
"""
