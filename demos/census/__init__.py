"""You will see how typed a code base is: per package, how many functions say all their types.

python -m demos.census [FOLDER]

`pipeline` draws the graph; read it first. `files` and `signatures` are what its
processors do, `tally` is where they end, `screen` is what you see at the end. While it runs you
see the table of `typedpipes run`.
"""
