# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Whatever is loaded, only definition errors come out."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hypothesis import example, given
from hypothesis import strategies as st

from tests.definitions.drawings import ALMOST, COROUTINES, LEAVES, as_toml, definitions, unhurried
from tests.support.unchecked import unchecked
from typedpipes import DefinitionError, DefinitionErrors, Plumber

TABLES = st.dictionaries(st.sampled_from(["a", "b"]), ALMOST, max_size=2)
NODE = st.fixed_dictionaries(
    {"coro": st.sampled_from([*COROUTINES])},
    optional={
        "args": st.dictionaries(st.sampled_from(["limit", "item", "path", "share"]), LEAVES),
        "workers": LEAVES,
        "ordered": LEAVES,
        "aggregate_inputs": LEAVES,
    },
)
NODES = st.dictionaries(st.sampled_from(["a", "b"]), NODE | ALMOST, max_size=2)
NEARLY = st.fixed_dictionaries(
    {"nodes": NODES | ALMOST},
    optional={"graph": TABLES, "failures": TABLES, "outcomes": TABLES, "name": LEAVES},
)


def load(definition: object) -> None:
    """Load it, and let no other error pass."""
    try:
        Plumber.from_definition(unchecked(definition), coroutines=COROUTINES).blueprint()
    except DefinitionErrors as wrong:
        others = [error for error in wrong.exceptions if type(error) is not DefinitionError]
        if others:
            raise


@unhurried
@given(ALMOST | NEARLY)
def test_plain_data_raises_nothing_but_a_refusal(data: object) -> None:
    load(data)


@unhurried
@given(st.text() | st.text("[]{}=\"'.,a1\n#\\") | st.binary())
@example("")
@example("\ufeff")
@example("a = '''")
@example('{"a": "\ud800"}')
@example('{"nodes": {"\\ud800": {"coro": "\\ud800", "\\ud800": 1}}}')
def test_text_raises_nothing_but_a_refusal(text: str | bytes) -> None:
    load(text)


@unhurried
@given(NEARLY)
def test_json_raises_nothing_but_a_refusal(data: Mapping[str, object]) -> None:
    load(json.dumps(data))


@st.composite
def spoiled(draw: st.DrawFn, text: str) -> str:
    """Put something else in one place of a text: some letters, or what stands elsewhere."""
    begin = draw(st.integers(0, len(text)))
    end = draw(st.integers(begin, min(len(text), begin + 10)))
    copied = draw(st.integers(0, len(text)))
    other = st.text("[]{}=:\"'.,a1\n#\\") | st.just(text[copied : copied + 30])
    return text[:begin] + draw(other) + text[end:]


@unhurried
@given(st.data(), definitions())
def test_toml_with_something_wrong_raises_nothing_but_a_refusal(
    data: st.DataObject, definition: dict[str, object]
) -> None:
    load(data.draw(spoiled(as_toml(definition)[0])))


@unhurried
@given(st.data(), definitions())
def test_json_with_something_wrong_raises_nothing_but_a_refusal(
    data: st.DataObject, definition: dict[str, object]
) -> None:
    load(data.draw(spoiled(json.dumps(definition))))
