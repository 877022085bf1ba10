"""Where the census ends: the counts per package, and the files that could not be counted."""

from __future__ import annotations

from collections import defaultdict

from attrs import Factory, define

from demos.census.files import PythonFile, Text
from demos.census.signatures import Parsed
from typedpipes import Failure


@define
class Count:
    """What is known of one package."""

    files: int = 0
    functions: int = 0
    typed: int = 0

    def add(self, functions: int, typed: int) -> None:
        """Count one more file."""
        self.files += 1
        self.functions += functions
        self.typed += typed


@define
class Tally:
    """What is known of all packages."""

    total: Count = Factory(Count)
    packages: defaultdict[str, Count] = Factory(lambda: defaultdict[str, Count](Count))
    failures: list[Failure[PythonFile | Text]] = Factory(list[Failure[PythonFile | Text]])

    async def add(self, counted: tuple[Parsed, int, int]) -> None:
        """Count a file."""
        parsed, functions, typed = counted
        self.total.add(functions, typed)
        self.packages[parsed.file.package].add(functions, typed)

    async def add_failure(self, failure: Failure[PythonFile | Text]) -> None:
        """Keep a file that could not be read or parsed."""
        self.failures.append(failure)

    @property
    def files(self) -> int:
        """How many files came to their end, one way or the other."""
        return self.total.files + len(self.failures)
