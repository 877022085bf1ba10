"""`typedpipes init`: a folder to begin with."""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path
from string import Template

from typedpipes.cli.refusal import OK, Refusal

_SUFFIX = ".in"
_NAME = re.compile("[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)
"""What a project may be called: its name stands in `pyproject.toml`."""


def init_command(name: Path, /) -> int:
    """Make a folder with a small typed pipeline, its test and its check.

    They pass as made: the README in the folder says how to run them.

        typedpipes init words

    Args:
        name: the folder to make, or `.` for this one if it is empty; its last part is what the
            pipeline is called.
    """
    title = name.resolve().name
    if not _NAME.fullmatch(title):
        raise Refusal(
            f"{title!r} cannot be the name of a pipeline: use letters a to z, digits, and "
            "between them also '-', '_' and '.'"
        )
    if name.exists() and (not name.is_dir() or any(name.iterdir())):
        raise Refusal(f"{str(name)!r} is there already. Choose a name for a new folder.")
    try:
        name.mkdir(parents=True, exist_ok=True)
        for template in sorted(files("typedpipes.cli").joinpath("template").iterdir(), key=str):
            text = Template(template.read_text(encoding="utf-8")).substitute(name=title)
            (name / template.name.removesuffix(_SUFFIX)).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"cannot write into {str(name)!r}: {error.strerror}") from error
    sys.stdout.write(
        f"Made {name}. Now:\n"
        f"    cd {name}\n"
        "    typedpipes check pipeline.toml\n"
        "    typedpipes show pipeline.toml\n"
        "    typedpipes run pipeline.toml\n"
    )
    return OK
