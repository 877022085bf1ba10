"""The target of a command: a definition file, or a plumber in a module."""

from __future__ import annotations

import importlib.util
import stat
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Annotated

from attrs import frozen
from cyclopts import Parameter

from typedpipes.cli.offered import offer
from typedpipes.cli.refusal import WRONG, Refusal
from typedpipes.cli.stdin import STDIN
from typedpipes.definition import Coroutines, Readable
from typedpipes.definition.document import LONGEST
from typedpipes.errors import DefinitionErrors, WiringErrors
from typedpipes.plumber import Plumber
from typedpipes.plumber.looking import looking_only
from typedpipes.promise import Function
from typedpipes.shorten import shorten_message
from typedpipes.verify.project import find_root

_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO (a named pipe)",
    stat.S_IFSOCK: "a socket",
}
_AS_FILE = " Name a file, or '-' for the standard input."


@Parameter(name="*")
@frozen
class Names:
    """How the names of coroutines in a definition file are resolved."""

    coroutines: Annotated[str | None, Parameter(name=["--coroutines", "-c"])] = None
    """The module that offers coroutines to a definition, such as `words.steps`: those that it
    defines, or lists in `__all__`. Without it, a definition names them as
    `package.module:function`."""

    strict: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """Refuse coroutines in a definition whose annotations do not say what they take and give."""

    def find_coroutines(self, folder: Path) -> Coroutines:
        """Return the coroutines that a definition in a folder may name.

        Raises:
            Refusal: the module cannot be imported.
        """
        extend_path(find_module_folders(folder))
        if self.coroutines is None:
            return {}
        return offer(import_module(self.coroutines))

    @property
    def import_paths(self) -> bool:
        """Whether a definition may name coroutines by import path."""
        return self.coroutines is None


def is_definition(target: str) -> bool:
    """Whether a target is a definition rather than `package.module:plumber`."""
    return target == STDIN or Path(target).suffix in {".toml", ".json"} or _exists(target)


def _exists(target: str) -> bool:
    try:
        return Path(target).exists()
    except OSError:  # such as a name that is too long
        return False


def find_home(target: str) -> Path:
    """Return the folder that a definition is in."""
    return Path.cwd() if target == STDIN else Path(target).resolve().parent


def open_target(target: str) -> Readable:
    """Return what a definition can be read from: the standard input, or a file.

    Raises:
        Refusal: there is no such file, or it is something else than a file.
    """
    if target == STDIN:
        return sys.stdin.buffer.read(LONGEST + 1)
    path = Path(target)
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except FileNotFoundError:
        raise Refusal(f"there is no file {target!r}") from None
    except (OSError, ValueError) as error:
        raise Refusal(f"cannot read {target!r}: {shorten_message(error)}") from error
    if kind != stat.S_IFREG:
        raise Refusal(f"{target!r} is {_KINDS.get(kind, 'a device')}, not a definition.{_AS_FILE}")
    if path.suffix == ".py":
        raise Refusal(
            f"{target!r} is a module, not a definition. Name the plumber in it, such as "
            f"'{path.stem}:plumber'"
        )
    return path


def load_plumber(target: str, names: Names) -> Plumber:
    """Load the plumber that a target names, and check its drawing.

    Raises:
        Refusal: there is no such target, or its drawing is wrong.
    """
    try:
        # Whatever modules print on import is not the output of this command.
        with looking_only(), redirect_stdout(sys.stderr):
            plumber = (
                _load_from_file(target, names)
                if is_definition(target)
                else _load_from_module(target)
            )
        plumber.blueprint()
    except WiringErrors as wrong:
        lines = [f"{target}: {error}" for error in wrong.exceptions]
        raise Refusal(*lines, code=WRONG) from wrong
    except DefinitionErrors as wrong:
        raise Refusal(*map(str, wrong.exceptions), code=WRONG) from wrong
    return plumber


def _load_from_file(target: str, names: Names) -> Plumber:
    return Plumber.from_definition(
        open_target(target),
        coroutines=names.find_coroutines(find_home(target)),
        import_paths=names.import_paths,
        strict=names.strict,
    )


def _load_from_module(target: str) -> Plumber:
    """Find a plumber, or call a function that returns one."""
    module_name, colon, path = target.partition(":")
    if not (module_name and colon and path):
        raise Refusal(
            f"{target!r} is neither a file nor a plumber in a module, "
            "such as 'pipeline.toml' or 'package.module:plumber'"
        )
    found: object = import_module(module_name)
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise Refusal(_explain_missing(module_name, path, found, name)) from None
    if callable(found) and not isinstance(found, Plumber):
        found = _call(found, target)
    if not isinstance(found, Plumber):
        raise Refusal(
            f"{target!r} is {type(found).__name__}, not a Plumber or a function that returns one"
        )
    return found


def _call(function: Function, target: str) -> object:
    try:
        return function()
    except (WiringErrors, KeyboardInterrupt):
        raise
    except BaseException as error:  # as with a module
        raise Refusal(f"calling {target!r} raised {_describe(error)}") from error


def _explain_missing(module_name: str, path: str, found: object, name: str) -> str:
    plumbers = [key for key, value in vars(found).items() if isinstance(value, Plumber)]
    way_out = f" Is it {module_name}:{plumbers[0]}?" if plumbers and name == path else ""
    return f"the module {module_name!r} has no {path!r}.{way_out}"


def import_module(name: str) -> ModuleType:
    """Import a module.

    Raises:
        Refusal: it cannot be imported.
    """
    extend_path([Path.cwd(), *find_module_folders(Path.cwd())])
    _refuse_namesake(name)
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may raise anything, `SystemExit` too
        raise Refusal(f"cannot import {name!r}: {_describe(error)}") from error


def _refuse_namesake(name: str) -> None:
    """Refuse a module of the working directory for which Python would import its own."""
    top = name.partition(".")[0]
    if top not in sys.stdlib_module_names:
        return
    spec = importlib.util.find_spec(top)
    origin = Path(spec.origin) if spec is not None and spec.origin else Path()
    for file in (Path.cwd() / top, Path.cwd() / f"{top}.py"):
        if file.exists() and file not in {origin, origin.parent}:
            raise Refusal(
                f"cannot import {str(file)!r} as {name!r}: Python has a module of that name. "
                "Rename the file."
            )


def extend_path(folders: Sequence[Path]) -> None:
    """Let modules be imported from folders, but none that Python itself has.

    The first folder comes right after the standard library, so that a `json.py` in it takes the
    place of nothing that typedpipes or its dependencies import later. The others come last.
    """
    for place, folder in enumerate(map(str, folders)):
        if folder not in sys.path:
            sys.path.insert(len(sys.path) if place else _find_end_of_library(), folder)


def _find_end_of_library() -> int:
    """Return how many entries of the search path lead up to the standard library and its parts."""
    library = Path(importlib.__file__).parents[1]
    places = [
        number
        for number, entry in enumerate(map(Path, sys.path), 1)
        if entry in {library, library / "lib-dynload"}
    ]
    return max(places, default=0)


def find_module_folders(folder: Path) -> Sequence[Path]:
    """Return where modules may be, seen from one folder and from the working directory.

    That is both of these, the project folder and its `src`, without folders that are inside
    a package.
    """
    root = find_root(folder)
    folders = [Path.cwd(), *([root, root / "src"] if root else []), folder]
    return [
        folder
        for folder in dict.fromkeys(folders)
        if folder.is_dir() and not (folder / "__init__.py").exists()
    ]


def _describe(error: BaseException) -> str:
    what = shorten_message(error)
    return f"{type(error).__name__}: {what}" if what else type(error).__name__
