"""What is counted: the signatures of a file's functions, and how many of them are typed."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from attrs import frozen

from demos.census.files import PythonFile, Text

KNOWN_ANYWAY = {"self", "cls"}  # type checkers give these their types


@frozen
class Signature:
    """How much of a function's signature is annotated."""

    parameters: int
    annotated: int
    returns: bool

    @property
    def typed(self) -> bool:
        """Whether every parameter and the return are annotated."""
        return self.returns and self.annotated == self.parameters


@frozen
class Parsed:
    """The signatures of all functions in a file, methods and nested ones included."""

    file: PythonFile
    signatures: tuple[Signature, ...]


def parse(text: Text) -> Parsed:
    """Parse a file. It keeps a core busy, so it is a process's work.

    It gives signatures and not the syntax tree, because what leaves a process is
    pickled: for the standard library, two processes that send signatures need half
    the time of none, and two that send trees more than three times as much.

    Raises:
        SyntaxError: this Python cannot parse it.
        ValueError: it has null bytes.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the style of other people's code
        tree = ast.parse(text.content, filename=str(text.file.path))
    return Parsed(text.file, tuple(signatures(tree)))


def signatures(tree: ast.Module) -> Iterator[Signature]:
    """Find every function of a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parameters = list(parameters_of(node.args))
            annotated = sum(parameter.annotation is not None for parameter in parameters)
            yield Signature(len(parameters), annotated, node.returns is not None)


def parameters_of(arguments: ast.arguments) -> Iterator[ast.arg]:
    """Return the parameters that need an annotation, `*args` and `**kwargs` included."""
    positional = [*arguments.posonlyargs, *arguments.args]
    if positional and positional[0].arg in KNOWN_ANYWAY:
        del positional[0]
    yield from (*positional, *arguments.kwonlyargs)
    yield from (star for star in (arguments.vararg, arguments.kwarg) if star is not None)


async def count_functions(parsed: Parsed) -> int:
    """Count the functions of a file."""
    return len(parsed.signatures)


async def count_typed(parsed: Parsed) -> int:
    """Count the functions of a file that say all their types."""
    return sum(signature.typed for signature in parsed.signatures)
