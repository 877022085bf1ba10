"""What is said where the client of the broker is not installed."""

from __future__ import annotations

import subprocess
import sys

WITHOUT_IT = "import sys; sys.modules['nats'] = None; "


def test_the_library_itself_does_not_need_the_client() -> None:
    program = WITHOUT_IT + "import typedpipes, typedpipes.network.caller"

    done = subprocess.run([sys.executable, "-c", program], check=False)

    assert done.returncode == 0


def test_importing_the_network_without_its_client_names_the_extra() -> None:
    program = WITHOUT_IT + "import typedpipes.nats"

    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )

    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: typedpipes.nats needs nats-py: pip install 'typedpipes[nats]'"
    )


def test_importing_the_library_imports_nothing_of_the_network() -> None:
    program = "import sys, typedpipes; print([n for n in sys.modules if 'typedpipes.n' in n])"

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    assert done.stdout == b"['typedpipes.naming']\n"
