"""`typedpipes --show-completion` and `--install-completion`: the shell completes commands."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal, TypeAlias

from cyclopts.completion.detect import ShellDetectionError, detect_shell

from typedpipes.cli.app import app
from typedpipes.cli.refusal import OK, Refusal
from typedpipes.shorten import escape_unprintable

Shell: TypeAlias = Literal["bash", "zsh", "fish"]


def show_completion(shell: Shell | None = None, /) -> int:
    """Write the script that completes commands to the standard output.

        typedpipes --show-completion zsh > ~/.zsh/completions/_typedpipes

    Args:
        shell: `bash`, `zsh` or `fish`; by default, the shell that this was called from.
    """
    sys.stdout.write(app.generate_completion(shell=shell or _detect()))
    return OK


def install_completion(shell: Shell | None = None, /) -> int:
    """Install the script that completes commands, after saying where.

    It is written to where the shell looks for such scripts. For bash, and for zsh without
    oh-my-zsh, a line that loads it is added to the startup file of the shell.

    Args:
        shell: `bash`, `zsh` or `fish`; by default, the shell that this was called from.
    """
    chosen = shell or _detect()
    script, startup = _find_script(chosen)
    news = f"Writing {escape_unprintable(str(script))}"
    if startup is not None:
        news += f", and to {escape_unprintable(str(startup))}, unless it is there, what loads it"
    sys.stdout.write(f"{news}.\n")
    sys.stdout.flush()
    try:
        app.install_completion(shell=chosen, output=script, add_to_startup=startup is not None)
    except OSError as error:
        raise Refusal(f"cannot write {error.filename!r}: {error.strerror}") from error
    sys.stdout.write(f"Done. It works in the next {chosen}.\n")
    return OK


def _detect() -> Shell:
    try:
        found = detect_shell()
    except ShellDetectionError:
        found = None
    if found is None or found == "powershell":
        raise Refusal("which shell this is cannot be told. Name it: bash, zsh or fish.")
    return found


def _find_script(shell: Shell) -> tuple[Path, Path | None]:
    """Return where the script belongs, and the startup file that has to load it, if one has to."""
    home = Path.home()
    match shell:
        case "bash":
            folder = home / ".local/share/bash-completion/completions"
            return folder / "typedpipes", home / ".bashrc"
        case "fish":
            return home / ".config/fish/completions/typedpipes.fish", None
        case "zsh":
            if (plugins := _find_oh_my_zsh()) is not None:
                return plugins / "completions/_typedpipes", None
            return home / ".zsh/completions/_typedpipes", home / ".zshrc"


def _find_oh_my_zsh() -> Path | None:
    """Return the folder whose completions oh-my-zsh loads by itself."""
    custom, own = os.environ.get("ZSH_CUSTOM"), os.environ.get("ZSH")
    if custom and Path(custom).is_dir():
        return Path(custom)
    return Path(own) / "custom" if own and Path(own).is_dir() else None
