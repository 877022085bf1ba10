r"""What every library is asked to wire: one right graph of five nodes, and seven wrong ones.

    read -> measure -> double --+
                   \-> spell  --+-> show

`shout` is a sixth node that only mistakes use.
"""

LINES = ["to be", "or not"]
RESULT = ["10 5", "12 6"]

MISTAKES = [
    "the source gives str, the node takes int",
    "the second node gives int, the third takes str",
    "one branch of a fork takes another type",
    "the inputs of a zip are swapped",
    "a zip has one input too many",
    "a merge gives int or str, the node takes int",
    "a zip gives a pair, the node takes str",
]
