"""The arguments in a definition: bound by keyword, converted to what annotations ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from inspect import Parameter
from pathlib import PurePath

import msgspec

from typedpipes.definition.fields import unknown_fields
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import NodeDefinition, ResourceDefinition
from typedpipes.definition.signature import Signature
from typedpipes.definition.suggestion import suggest
from typedpipes.definition.type_hints import Hint, format_type
from typedpipes.shorten import shorten, shorten_message

_SAYS_NO_MORE = re.compile(r"Expected `[^`]*`, got `[^`]*`")
_BY_KEYWORD = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
_REST = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


def convert_arguments(
    node: NodeDefinition | ResourceDefinition,
    signature: Signature,
    mistakes: Mistakes,
    *,
    item: bool,
) -> Mapping[str, object]:
    """Convert the arguments of a node, or of a resource.

    Args:
        node: what has the `args` to convert.
        signature: the signature of its coroutine, or of what makes it.
        mistakes: collects arguments that are missing, unknown or of the wrong type.
        item: whether the first parameter is reserved for an item or a queue.
    """
    parameters = signature.parameters[1:] if item else signature.parameters
    _refuse_missing(node, parameters, mistakes)
    by_name = {each.name: each for each in parameters if each.kind in _BY_KEYWORD}
    rest = next((each for each in parameters if each.kind is Parameter.VAR_KEYWORD), None)
    converted: dict[str, object] = {}
    for name, value in node.args.items():
        parameter = by_name.get(name, rest)
        if item and signature.first is not None and name == signature.first.name:
            what = f"{name!r} is what {node.function!r} gets from its input. Leave it out of args."
            mistakes.add((*node.path, "args", name), what)
        elif parameter is None:
            way_out = suggest(name, by_name) or _list_of(by_name)
            what = f"{node.function!r} has no argument {shorten(name)}.{way_out}"
            mistakes.add((*node.path, "args", name), what)
        elif parameter.name in signature.hints:
            hint = signature.hints[parameter.name]
            converted[name] = _convert(node, name, value, hint, mistakes)
        else:
            converted[name] = value
    return converted


def _refuse_missing(
    node: NodeDefinition | ResourceDefinition, parameters: Sequence[Parameter], mistakes: Mistakes
) -> None:
    for each in parameters:
        if each.default is not Parameter.empty or each.kind in _REST or each.name in node.args:
            continue
        if each.kind is Parameter.POSITIONAL_ONLY:
            what = (
                f"{node.function!r} takes {each.name!r} by position only. Let it be passed by name."
            )
        else:
            what = f"{node.function!r} needs the argument {each.name!r}. Give it in args."
        mistakes.add((*node.path, "args"), what)


def _list_of(names: Mapping[str, Parameter]) -> str:
    return f" It has {', '.join(names)}." if names else " It has none."


def _convert(
    node: NodeDefinition | ResourceDefinition,
    name: str,
    value: object,
    hint: Hint,
    mistakes: Mistakes,
) -> object:
    path = (*node.path, "args", name)
    try:
        for what in unknown_fields(value, msgspec.inspect.type_info(hint)):
            mistakes.add(path, what)
        return msgspec.convert(value, hint, dec_hook=_decode)
    except (msgspec.ValidationError, RecursionError) as error:
        inside = "" if _SAYS_NO_MORE.fullmatch(str(error)) else f" ({shorten_message(error)})"
        mistakes.add(
            path, f"{node.function!r} takes {format_type(hint)} here, not {shorten(value)}{inside}"
        )
    except Exception as error:  # noqa: BLE001  # from a class that cannot be made from plain data
        mistakes.add(
            path, f"{shorten(value)} cannot be made {format_type(hint)}: {shorten_message(error)}"
        )
    return None


def _decode(kind: type, value: object) -> object:
    if isinstance(value, str) and issubclass(kind, PurePath):
        return kind(value)
    if isinstance(value, kind):
        return value
    raise msgspec.ValidationError(f"Expected `{kind.__name__}`, got `{type(value).__name__}`")
