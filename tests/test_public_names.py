"""How the public names present themselves: in tracebacks, to pickle, to tools that read classes."""

from __future__ import annotations

import inspect
import pickle
import traceback
import typing

import pytest

import typedpipes
from typedpipes import Plumber, ProcessorFailed, SettingError, Sink, Source, TypedpipesError

CLASSES = [each for each in map(vars(typedpipes).get, typedpipes.__all__) if inspect.isclass(each)]
ERRORS = [each for each in CLASSES if issubclass(each, TypedpipesError)]


async def refuse(item: object) -> None:
    raise OSError("no connection")


async def test_a_traceback_names_errors_as_they_are_imported() -> None:
    plumber = Plumber("store")
    plumber.connect(Source([1])).to(Sink(refuse))
    with pytest.raises(typedpipes.PipelineFailed) as failed:
        await plumber.run()

    shown = "".join(traceback.format_exception(failed.value))

    assert "| typedpipes.PipelineFailed: the run of 'store' failed (1 sub-exception)" in shown
    assert "| typedpipes.ProcessorFailed: 'refuse' failed on 1: OSError('no connection')" in shown


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: each.__name__)
def test_every_error_is_from_typedpipes(error: type[TypedpipesError]) -> None:
    assert f"{error.__module__}.{error.__qualname__}" == f"typedpipes.{error.__name__}"
    assert pickle.loads(pickle.dumps(error)) is error  # noqa: S301  # our own bytes


def test_an_error_that_was_pickled_is_what_it_was() -> None:
    failed = ProcessorFailed("store", 3, OSError("no connection"))

    again = pickle.loads(pickle.dumps(failed))  # noqa: S301  # our own bytes

    assert (type(again), str(again)) == (ProcessorFailed, str(failed))


def test_an_error_of_a_user_that_is_made_of_one_stays_with_the_user() -> None:
    class Mine(SettingError):
        pass

    assert Mine.__module__ == __name__


@pytest.mark.parametrize("each", CLASSES, ids=lambda each: each.__name__)
def test_the_annotations_of_every_public_class_can_be_evaluated(each: type) -> None:
    hints = typing.get_type_hints(each)

    assert not any(isinstance(hint, str) for hint in hints.values())


@pytest.mark.parametrize(
    "each", [each for each in CLASSES if each not in ERRORS], ids=lambda each: each.__name__
)
def test_the_source_of_every_public_class_but_the_errors_can_be_found(each: type) -> None:
    assert f"class {each.__name__}" in inspect.getsource(each)
