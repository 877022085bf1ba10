"""What is said where a package is not installed that a module needs."""

from __future__ import annotations


def missing(module: str, error: ImportError, extra: str) -> ImportError:
    """Return the error of importing a module whose packages are not installed.

    Args:
        module: its name.
        error: what was raised when it imported one of them.
        extra: the extra of typedpipes that brings them.
    """
    return ImportError(
        f"{module} needs {error.name}: pip install 'typedpipes[{extra}]'", name=error.name
    )
