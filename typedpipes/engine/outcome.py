"""What a run came to, for all that wait for its end."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from typedpipes.errors import TypedpipesError
from typedpipes.report import PipelineFailed, Report


@frozen
class Outcome:
    """What a run came to.

    It is made when nothing of the run is left, and nothing of the run refers to it: so what it
    holds is freed with the last one that asks for it.

    Attributes:
        report: what became of every item.
        errors: why it failed, in the order in which they came; empty if it did not.
        exit: the one that asks the program to exit, if there was one.
    """

    report: Report
    errors: Sequence[TypedpipesError] = ()
    exit: TypedpipesError | None = None

    def failure(self) -> PipelineFailed | None:
        """Return the failure of the run, made anew, because raising it adds to its traceback."""
        return PipelineFailed(self.report, self.errors) if self.errors else None

    def result(self, because: BaseException | None = None) -> Report:
        """Return the report, or raise why there is no more than that.

        Args:
            because: what else failed meanwhile, in a run inside the block of this one.

        Raises:
            PipelineFailed: the run failed.
            BaseException: a coroutine asked the program to exit; or what else failed.
        """
        # Nothing here is bound to a name: a traceback would hold it, and itself, in a circle.
        if self.exit is not None and self.exit.__cause__ is not None:
            raise self.exit.__cause__ from self.failure()
        if self.errors:
            raise PipelineFailed(self.report, self.errors) from because
        if because is not None:
            raise because
        return self.report

    def result_for_others(self) -> Report:
        """Return the report, or raise why the run failed, without an exit of the program.

        Raises:
            PipelineFailed: the run failed, or a coroutine asked the program to exit.
        """
        if self.exit is not None:
            raise PipelineFailed(self.report, [*self.errors, self.exit])
        return self.result()
