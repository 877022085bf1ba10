"""`typedpipes init`: make a folder to start from."""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path
from string import Template

from typedpipes.cli.refusal import OK, Refusal
from typedpipes.shorten import escape_unprintable

_SUFFIX = ".in"
_NAME = re.compile("[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)
"""What a project may be called: its name goes into `pyproject.toml`."""


def init_command(name: Path, /) -> int:
    """Make a folder with a small typed pipeline, its test and its check.

    The test and the check pass as they are: the README in the folder says how to run them.

        typedpipes init words

    Args:
        name: the folder to make, or `.` for the current one if it is empty; its last part is
            the name of the pipeline.
    """
    title = name.resolve().name
    if not _NAME.fullmatch(title):
        raise Refusal(
            f"{title!r} cannot be the name of a pipeline: use letters a to z, digits, and "
            "between them also '-', '_' and '.'"
        )
    if name.exists() and (not name.is_dir() or any(name.iterdir())):
        raise Refusal(f"{str(name)!r} already exists. Choose a name for a new folder.")
    try:
        name.mkdir(parents=True, exist_ok=True)
        for template in sorted(files("typedpipes.cli").joinpath("template").iterdir(), key=str):
            text = Template(template.read_text(encoding="utf-8")).substitute(name=title)
            (name / template.name.removesuffix(_SUFFIX)).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"cannot write into {str(name)!r}: {error.strerror}") from error
    shown = escape_unprintable(str(name))
    sys.stdout.write(
        f"Made {shown}. Now:\n"
        f"    cd {shown}\n"
        "    typedpipes check pipeline.toml\n"
        "    typedpipes show pipeline.toml\n"
        "    typedpipes run pipeline.toml\n"
    )
    return OK
