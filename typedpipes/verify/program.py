"""The typed program of a definition: one line per node and one per connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from keyword import iskeyword
from typing import TypeAlias

from attrs import Factory, define, frozen

from typedpipes.definition import Connection, Definition, NodeDefinition
from typedpipes.definition.node import FITTINGS, Kind, ResourceDefinition

_HEAD = """\
# mypy: ignore-errors=False, disallow-any-expr=False, warn-unreachable=False
# mypy: disable-error-code="var-annotated"
# mypy: enable-error-code="arg-type, attr-defined, call-arg, call-overload, index, misc, type-var"
from typing import reveal_type
import typedpipes as t
import typedpipes.verify.vocabulary as v
plumber = t.Plumber()"""
_CANARY = "plumber.connect(v.numbers).to(v.text_sink)"
"""Wrong on purpose: mypy sees nothing if it accepts this."""

_GIVERS: Mapping[Kind, str] = {"in_thread": "reader", "source": "made"}
"""What makes a source, by the key of its node."""

_MOST_ITEMS = 5
"""The longest zip whose items are checked one by one."""


@frozen(eq=False)
class Seen:
    """The coroutine of a node, or what makes a resource, as mypy sees it."""

    node: NodeDefinition | ResourceDefinition


@frozen(eq=False)
class Opened:
    """A resource by itself: what makes it, with its arguments."""

    resource: ResourceDefinition


@frozen(eq=False)
class Passed:
    """The coroutine of a node that is passed a resource.

    Attributes:
        node: the node.
        name: the name of the resource.
        number: which of the resources of the node it is, from 0.
    """

    node: NodeDefinition
    name: str
    number: int


@frozen(eq=False)
class Made:
    """A node by itself: its coroutine with its arguments."""

    node: NodeDefinition


@frozen(eq=False)
class Keyed:
    """A node with the function that returns the key of an item."""

    node: NodeDefinition


@frozen
class Together:
    """Connections that lead to one node as a tuple.

    Attributes:
        connections: in the order of the tuple.
    """

    connections: tuple[Connection, ...]


@frozen
class Apart:
    """The items of such a tuple, one by one: wrong if the node takes no tuple of that length."""

    together: Together


Subject: TypeAlias = Seen | Opened | Passed | Made | Keyed | Connection | Together | Apart


@define
class Program:
    """A program that is right exactly if the types of a definition are, but for its last line.

    Its first lines are right and its last one is wrong, whatever the definition: `find_trouble`
    asks whether mypy says so.

    Attributes:
        lines: the lines of the program.
        subjects: what each line is about, by number; a tuple comes before its items.
    """

    lines: list[str] = Factory(_HEAD.splitlines)
    subjects: dict[int, Subject] = Factory(dict[int, Subject])

    def add(self, line: str, subject: Subject | None = None) -> None:
        """Append a line."""
        self.lines.append(line)
        if subject is not None:
            self.subjects[len(self.lines)] = subject


def find_trouble(program: Program, wrong: Mapping[int, str]) -> str | None:
    """Return why the verdict on a program says nothing, if it does not.

    Args:
        program: the program that was checked.
        wrong: the errors in it, by line.
    """
    head = (wrong[line] for line in range(1, len(_HEAD.splitlines()) + 1) if line in wrong)
    if (error := next(head, None)) is not None:
        return f"typedpipes cannot be used there: {error}"
    if len(program.lines) not in wrong:
        return "a connection that is wrong on purpose was accepted"
    return None


def program(definition: Definition, module: str | None) -> Program:
    """Write the typed program of a definition.

    Args:
        definition: a definition without cycles.
        module: the module that coroutines are named in; without it, names are import paths.
    """
    return _Writing(definition, module).program()


class _Writing:
    def __init__(self, definition: Definition, module: str | None) -> None:
        self._definition = definition
        self._program = Program()
        self._module = module
        named = [name for node in definition.nodes.values() for name in node.functions]
        named += [resource.make for resource in definition.resources.values() if resource.make]
        paths = [_path(name, module) for name in named]
        modules = sorted({path[0] for path in paths if path})
        self._modules = {name: f"m{number}" for number, name in enumerate(modules)}
        self._joints = {name: f"j{number}" for number, name in enumerate(definition.nodes)}
        self._resources = {name: f"r{number}" for number, name in enumerate(definition.resources)}
        self._coros: dict[str, str] = {}

    def program(self) -> Program:
        for module, alias in self._modules.items():
            self._program.add(f"import {module} as {alias}")
        for name, resource in self._definition.resources.items():
            self._resource(self._resources[name], resource)
        inputs = self._definition.inputs
        sorter = TopologicalSorter(dict.fromkeys(self._definition.nodes, ()))
        for connection in self._definition.connections:
            sorter.add(connection.end, connection.start)
        for name in sorter.static_order():
            self._node(self._definition.nodes[name], inputs[name])
        self._program.add(_CANARY)
        return self._program

    def _resource(self, variable: str, resource: ResourceDefinition) -> None:
        make = self._function(resource.make)
        if make is None:  # as in `_node`
            self._program.add(f"{variable} = v.value")
            return
        self._program.add(f"reveal_type({make})", Seen(resource))
        made = f"v.making({make}{_arguments(resource)})"
        self._program.add(f"{variable} = t.Resource({made})", Opened(resource))

    def _node(self, node: NodeDefinition, inputs: Sequence[Connection]) -> None:
        if node.kind in FITTINGS:
            self._fitting(node, inputs)
            return
        joint, coro = self._joints[node.name], self._function(node.function)
        if coro is None:  # an error of its own, which the loader has reported
            self._program.add(f"{joint} = plumber.connect(t.Source([v.value]))")
            return
        self._program.add(f"reveal_type({coro})", Seen(node))
        coro = self._coros[node.name] = self._passed(node, coro, is_taker=bool(inputs))
        if not inputs:
            made = f"v.{_GIVERS.get(node.kind, 'giver')}({coro}{_arguments(node)})"
            self._program.add(f"{joint} = plumber.connect({made})", Made(node))
            return
        stage = _stage(coro, node)
        self._program.add(stage, Made(node))
        key = None if node.keyed is None else self._function(node.keyed)
        if key is not None:
            self._program.add(f"{stage}.keyed({key})", Keyed(node))
        self._inputs(joint, stage, node, inputs)

    def _passed(self, node: NodeDefinition, coro: str, *, is_taker: bool) -> str:
        """Pass the resources of a node to its coroutine; return what stands for it then."""
        for number, name in enumerate(node.resources):
            resource, variable = self._resources[name], f"{self._joints[node.name]}_with_{number}"
            passed = f"{resource}.into({coro})" if is_taker else f"v.Passing({resource}).to({coro})"
            self._program.add(f"{variable} = {passed}", Passed(node, name, number))
            coro = variable
        return coro

    def _inputs(
        self, joint: str, stage: str, node: NodeDefinition, inputs: Sequence[Connection]
    ) -> None:
        given = [self._given(connection) for connection in inputs]
        if len(inputs) == 1:
            self._program.add(f"{joint} = {given[0]}.to({stage})", inputs[0])
        elif node.how == "zip":
            whole = Together(tuple(inputs))
            self._program.add(f"{joint} = plumber.zip({', '.join(given)}).to({stage})", whole)
            for number, (each, connection) in enumerate(zip(given, inputs, strict=True), 1):
                if len(inputs) <= _MOST_ITEMS:
                    item = f"v.item_{number}_of_{len(inputs)}({stage})"
                    self._program.add(f"{joint}_{number} = {item}", Apart(whole))
                    self._program.add(f"plumber.connect({each}).to({joint}_{number})", connection)
        else:
            for each, connection in zip(given, inputs, strict=True):
                self._program.add(f"plumber.connect({each}).to({stage})", connection)
            self._program.add(f"{joint} = plumber.merge({', '.join(given)}).to({stage})")

    def _fitting(self, node: NodeDefinition, inputs: Sequence[Connection]) -> None:
        joint, given = self._joints[node.name], [self._given(each) for each in inputs]
        ways, functions = self._ways(node), [self._function(each) for each in node.functions]
        if not given or None in functions:  # errors of their own, which the loader has reported
            nothing = "plumber.connect(t.Source([v.value]))"
            self._program.add(" = ".join([*ways, joint, nothing]))
            return
        how = "zip" if node.how == "zip" else "merge"
        whole = given[0] if len(given) == 1 else f"plumber.{how}({', '.join(given)})"
        subject = inputs[0] if len(inputs) == 1 else Together(tuple(inputs))
        if node.switch:
            cases = ", ".join(f"t.On({kind}, v.passing({kind}))" for kind in functions)
            self._program.add(f"{whole}.to(t.switch({cases}))", subject)
            for way, kind in zip(ways, functions, strict=True):
                self._program.add(f"{way} = plumber.connect(v.only({kind}))")
            return
        if node.join:
            self._program.add(f"{joint} = plumber.connect({whole})", subject)
            return
        method = f"split{len(ways)}" if len(ways) > 2 else node.kind
        argument = functions[0] if functions else getattr(node, node.kind)
        self._program.add(f"{', '.join(ways) or joint} = {whole}.{method}({argument})", subject)

    def _ways(self, node: NodeDefinition) -> Sequence[str]:
        """Return the joints of the ways of a switch, or of a split up to the last one used."""
        outputs = self._definition.outputs[node.name]
        used = [node.ways.index(each.way) for each in outputs if each.way]
        ways = node.switch or node.ways[: max([1, *used]) + 1]
        return [f"{self._joints[node.name]}_{number}" for number, _ in enumerate(ways)]

    def _given(self, connection: Connection) -> str:
        node = self._definition.nodes[connection.start]
        if connection.way:
            return f"{self._joints[node.name]}_{node.ways.index(connection.way)}"
        coro = self._coros.get(node.name)
        if coro is None or not (connection.failures or connection.outcomes):
            return self._joints[connection.start]
        what = "failures" if connection.failures else "outcomes"
        return f"plumber.{what}({_stage(coro, node)})"

    def _function(self, name: str) -> str | None:
        path = _path(name, self._module)
        return None if path is None else f"{self._modules[path[0]]}.{path[1]}"


def _stage(coro: str, node: NodeDefinition) -> str:
    arguments = _arguments(node)
    if node.kind == "fold":
        return f"t.Processor.folding({f'v.making({coro}{arguments})' if arguments else coro})"
    return f"t.Processor({f't.bind({coro}{arguments})' if arguments else coro})"


def _arguments(node: NodeDefinition | ResourceDefinition) -> str:
    """Write the arguments whose names are identifiers; the loader checks the others, for `**`."""
    return "".join(f", {name}=v.value" for name in node.args if _is_name(name))


def _path(coro: str, module: str | None) -> tuple[str, str] | None:
    """Split into module and name, or return `None` if it cannot be written in a program."""
    where, _, name = coro.partition(":") if module is None else (module, ":", coro)
    return (where, name) if all(map(_is_name, [*where.split("."), name])) else None


def _is_name(text: str) -> bool:
    return text.isidentifier() and not iskeyword(text)
