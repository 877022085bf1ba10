"""What is said of a definition that is refused."""

from __future__ import annotations

import pytest

from tests.definitions.offered import OFFERED
from tests.support.unchecked import unchecked
from typedpipes import DefinitionError, DefinitionErrors, Plumber
from typedpipes.definition import Coroutines


def refused(
    definition: object,
    coroutines: Coroutines = OFFERED,
    *,
    import_paths: bool = False,
    strict: bool = False,
) -> list[str]:
    """Return everything that is wrong with a definition."""
    with pytest.raises(DefinitionErrors) as wrong:
        Plumber.from_definition(
            unchecked(definition), coroutines=coroutines, import_paths=import_paths, strict=strict
        )
    assert all(isinstance(error, DefinitionError) for error in wrong.value.exceptions)
    return [str(error) for error in wrong.value.exceptions]
