"""Resources in a definition: made from their functions, and passed to coroutines."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from inspect import Parameter
from typing import Any

from attrs import evolve, frozen

from typedpipes.definition.arguments import convert_arguments
from typedpipes.definition.compatibility import is_compatible
from typedpipes.definition.definition import Definition
from typedpipes.definition.lines import Path
from typedpipes.definition.managers import Manager, manager_of
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import NodeDefinition, ResourceDefinition
from typedpipes.definition.reading_resources import named_by
from typedpipes.definition.registry import NotOffered, Registry
from typedpipes.definition.signature import Signature, list_parameters
from typedpipes.definition.type_hints import (
    UNKNOWN,
    Found,
    Hint,
    format_both,
    format_type,
    substitute,
)
from typedpipes.errors import WiringError
from typedpipes.resource import Resource, refuse_without_exit

_BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


@frozen
class TypedResource:
    """A resource of a definition, and the type of what is open.

    Attributes:
        resource: the resource. Any: the load-time rule compares its type.
        gives: the type of what coroutines are passed.
    """

    resource: Resource[Any]
    gives: Hint

    @property
    def name(self) -> str:
        """Its name in the definition."""
        return self.resource.name


def make_resources(
    definition: Definition, registry: Registry, mistakes: Mistakes, *, strict: bool
) -> Mapping[str, TypedResource]:
    """Make the resources of a definition, without those that something is wrong with."""
    made = {
        name: _make(resource, registry, mistakes)
        for name, resource in definition.resources.items()
        if resource.make
    }
    for name, typed in made.items():
        if strict and typed is not None and typed.gives is UNKNOWN:
            resource = definition.resources[name]
            what = f"{resource.make!r} does not say what it opens. Annotate it."
            mistakes.add((*resource.path, "make"), what)
    return {name: typed for name, typed in made.items() if typed is not None}


def _make(
    resource: ResourceDefinition, registry: Registry, mistakes: Mistakes
) -> TypedResource | None:
    path: Path = (*resource.path, "make")
    try:
        function = registry.find_make(resource.make, "an async context manager")
        refuse_without_exit(function, f"the resource {resource.name!r}")
    except (NotOffered, WiringError) as error:
        mistakes.add(path, str(error))
        return None
    manager = manager_of(function)
    signature = manager.signature.with_arguments(resource.args)
    before = len(mistakes)
    values = convert_arguments(resource, signature, mistakes, item=False)
    if len(mistakes) > before:
        return None
    make: Any = functools.partial(function, **values) if values else function  # Any: any type
    try:
        made = Resource[Any](make, per=resource.per, name=resource.name)
    except WiringError as error:
        mistakes.add(path, str(error))
        return None
    if manager.returns is not UNKNOWN:
        mistakes.add(path, _no_manager(resource, manager))
    return TypedResource(made, signature.gives)


def _no_manager(resource: ResourceDefinition, manager: Manager) -> str:
    return (
        f"{resource.make!r} returns {format_type(manager.returns)}, which is no async context "
        "manager. Decorate an async generator with contextlib.asynccontextmanager."
    )


class Passing:
    """Passes resources to the coroutines of the nodes that name them.

    Args:
        definition: the definition that has the nodes.
        resources: its resources, without those that something is wrong with.
        mistakes: collects what cannot be passed.
        sure: whether its connections are right: they decide what is a source.
        strict: whether a missing annotation is a mistake too.
    """

    def __init__(
        self,
        definition: Definition,
        resources: Mapping[str, TypedResource],
        mistakes: Mistakes,
        *,
        sure: bool,
        strict: bool,
    ) -> None:
        self._definition = definition
        self._resources = resources
        self._mistakes = mistakes
        self._sure = sure
        self._strict = strict

    def to(self, node: NodeDefinition, signature: Signature) -> Signature | None:
        """Return the signature of a coroutine that was passed the resources of its node.

        Return `None` if it cannot be passed one of them, or if it is unknown which: that is noted.
        """
        inputs = self._definition.inputs[node.name]
        is_first = signature.kind == "generator" and (node.kind == "in_thread" or not inputs)
        if self._mistakes.concern(*node.path, "resource"):
            return None
        if node.resources and is_first and not self._sure:
            return None  # it may be no source
        passed: Signature | None = signature
        for path, name in named_by(node):
            if name not in self._resources or passed is None:
                return None
            passed = self._pass_one(node, passed, self._resources[name], path, is_first=is_first)
        return passed

    def _pass_one(
        self,
        node: NodeDefinition,
        signature: Signature,
        typed: TypedResource,
        path: Path,
        *,
        is_first: bool,
    ) -> Signature | None:
        parameter = _parameter(signature, 0 if is_first else 1)
        taken = UNKNOWN
        if not signature.copied:  # else its decorator may take anything
            if parameter is None:
                where = "as its first" if is_first else "after its first"
                what = f"{node.function!r} has no parameter for the resource {typed.name!r}."
                self._mistakes.add(path, f"{what} Add it {where}.")
                return None
            taken = signature.hints.get(parameter.name, UNKNOWN)
        self._compare(node, taken, typed, path)
        resource = typed.resource
        coro: Any = signature.function  # Any: the types have just been compared
        try:
            passed = resource.into_first(coro) if is_first else resource.into(coro)
        except WiringError as error:
            self._mistakes.add(path, str(error))
            return None
        parameters = list_parameters(passed, follow_wrapped=True) or ()
        return evolve(signature, function=passed, parameters=parameters)

    def _compare(self, node: NodeDefinition, taken: Hint, typed: TypedResource, path: Path) -> None:
        found: Found = {}
        if self._strict and taken is UNKNOWN:
            what = f"{node.function!r} does not say what it takes as the resource {typed.name!r}."
            self._mistakes.add(path, f"{what} Annotate it.")
        if not is_compatible(typed.gives, taken, found):
            one, other = format_both(typed.gives, substitute(taken, found))
            what = f"the resource {typed.name!r} is {one}, {node.function!r} takes {other}."
            self._mistakes.add(path, f"{what} Let it take {one}, or name another resource.")


def _parameter(signature: Signature, index: int) -> Parameter | None:
    """Return the parameter that takes the argument at an index, if there is one."""
    by_position = [each for each in signature.parameters if each.kind in _BY_POSITION]
    rest = [each for each in signature.parameters if each.kind is Parameter.VAR_POSITIONAL]
    return next(iter([*by_position[index:], *rest]), None)
