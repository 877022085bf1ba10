"""Lines that a bug of one checker makes it see the wrong way round."""

from functools import partial
from typing import assert_type

from tests.typing.stages import clip, numbers, plumber
from typedpipes import Processor

clipper = partial(clip, width=80)

# mypy forgets the parameters of a partial that is passed on:
# https://github.com/python/mypy/issues/17461
assert_type(Processor(clipper), Processor[str, str])  # except mypy
plumber.connect(numbers).to(Processor(clipper))  # refused [arg-type]: clips str  # except mypy
