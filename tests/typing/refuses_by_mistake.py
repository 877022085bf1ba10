"""Lines that a bug of one checker makes it see the wrong way round."""

from functools import partial
from typing import assert_type

from tests.typing.stages import clip, numbers, plumber, reverser
from typedpipes import Joint, Processor

clipper = partial(clip, width=80)

# mypy forgets the parameters of a partial that is passed on:
# https://github.com/python/mypy/issues/17461
assert_type(Processor(clipper), Processor[str, str])  # except mypy
plumber.connect(numbers).to(Processor(clipper))  # refused [arg-type]: clips str  # except mypy

# ty does not infer a lambda among overloads: https://github.com/astral-sh/ty/issues/3597
even = plumber.connect(numbers).keep(lambda number: number % 2 == 0)
assert_type(even, Joint[int])  # except ty
even.to(reverser)  # refused [arg-type]: still int  # except ty
