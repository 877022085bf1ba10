"""The command line: `typedpipes show`, `run`, `check` and `init`."""
