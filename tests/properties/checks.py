"""What must hold after a run of a random graph."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Iterator, Sequence

from tests.properties.flows import Flows, tally
from tests.properties.graphs import End, Step
from tests.properties.items import looks, shown
from tests.properties.ledger import Ledger
from tests.properties.mishaps import why
from tests.properties.model import Model, Stream
from tests.properties.script import Block, Ending, Script
from tests.properties.trial import Seen
from typedpipes import (
    CleanupFailed,
    PipelineFailed,
    ProcessorFailed,
    ProcessorHangs,
    ResourceFailed,
    TypedpipesError,
)


def check_finished(seen: Seen, model: Model, script: Script = ()) -> None:
    """See that the run ended by itself, and gave what it should."""
    check_accounts(seen, model)
    check_whole(seen, model)
    check_end(seen, script)
    assert seen.report.ending == "finished"


def check_whatever(seen: Seen, model: Model, script: Script) -> None:
    """See what holds at any end."""
    check_accounts(seen, model)
    check_part(seen, model)
    check_flowed_out(seen, model)
    check_end(seen, script)


def got(seen: Seen) -> Iterator[tuple[End, Sequence[object]]]:
    """Return what came out at each end."""
    world = seen.world
    for end in world.ends():
        if end.readers:
            yield end, world.delivered[end.name]
        else:
            yield end, world.collectors[end.name].items


def check_accounts(seen: Seen, model: Model) -> None:
    """See that nothing is lost, nothing is there twice, and no task is left alive."""
    complaints = list(Ledger(seen, uneven=model.may_be_uneven).complaints())
    complaints += ["a resource is still open" for tap in seen.world.logs.taps if tap.is_open]
    assert not complaints, "\n".join(complaints)


def check_whole(seen: Seen, model: Model) -> None:
    """See that all that should come out came out, of sources that gave all they have."""
    for end, items in got(seen):
        stream = model.into(end)
        if stream.known and not stream.early:
            assert tally(items) == tally(stream.items), end
            if stream.ordered:
                assert shown(items) == shown(stream.items), end
    for node in seen.world.graph.nodes:
        if isinstance(node, Step) and node.name not in model.ending_early:
            stream, log = model.into(node), seen.world.logs.of(node.name)
            if stream.known and not stream.early:
                assert tally([*log.returned, *log.raised]) == tally(stream.items), node


def check_part(seen: Seen, model: Model) -> None:
    """See that nothing came out that should not, nothing twice, and nothing out of order."""
    for end, items in got(seen):
        stream = model.into(end)
        if stream.known and stream.whole:
            assert not tally(items) - tally(stream.items), end
            if stream.ordered:
                assert in_order(items, stream), end


def in_order(items: Sequence[object], stream: Stream) -> bool:
    rest = iter(map(looks, stream.items))
    return all(looks(item) in rest for item in items)


def check_flowed_out(seen: Seen, model: Model) -> None:
    """See that nothing was left inside, unless something was cancelled or a zip gave it up."""
    if seen.aborted:
        return
    flows = Flows(seen, uneven=model.may_be_uneven)
    for edge in flows.edges:
        if not flows.may_end_early(edge):
            counts = flows.counts(edge.end)
            assert not counts.interrupted, counts.name
            assert not flows.left(edge), edge


def check_end(seen: Seen, script: Script) -> None:
    """See that the run ended as it had to, and names all that went wrong."""
    report, failed = seen.report, seen.error
    if isinstance(failed, asyncio.CancelledError):
        assert any(isinstance(each, Ending) and each.how == "cancel" for each in script)
        failed = failed.__cause__
    errors = told(failed)
    if isinstance(failed, PipelineFailed):
        assert failed.report is report
    assert not [each for each in seen.world.reasons if each not in errors]
    check_errors(seen, errors)
    if any(isinstance(each, CleanupFailed | ResourceFailed) for each in errors):
        assert any(isinstance(each, Block) for each in script)  # it kept them for too long
    match report.ending:
        case "finished" | "drained":  # a doom may still come while the cleanup coroutines run
            assert all(isinstance(each, CleanupFailed | ResourceFailed) for each in errors)
            assert report.dooms or report.ending == "finished"
        case "aborted":
            assert "abort" in {doom.mode for doom in report.dooms}
        case "failed":
            assert seen.fatal
        case "running":
            raise AssertionError("it is not over")


def check_none_hangs(seen: Seen) -> None:
    """See that those who return in time are not left behind, also if the loop was kept."""
    assert not seen.hanging


def check_errors(seen: Seen, errors: Sequence[TypedpipesError]) -> None:
    """See that all mishaps, and all coroutines that were left behind, are named, and no others."""
    hanging: list[tuple[str, str]] = []
    fatal: list[tuple[str, str, str]] = []
    for error in errors:
        match error:
            case ProcessorHangs():
                hanging.append((error.processor, looks(error.item)))
            case ProcessorFailed(__cause__=BaseException() as cause):
                fatal.append((error.processor, looks(error.item), why(cause)))
            case CleanupFailed() | ResourceFailed() if isinstance(error.__cause__, TimeoutError):
                pass
            case _:
                raise AssertionError(f"an error of its own: {error!r}")
    assert sorted(hanging) == sorted(seen.hanging), "not those that hang"
    assert sorted(fatal) == sorted(seen.fatal), "not those that failed"


def told(failed: BaseException | None) -> Sequence[TypedpipesError]:
    """Return the errors of a run, each of which can be shown in every way."""
    if failed is None:
        return ()
    assert isinstance(failed, PipelineFailed)
    assert traceback.format_exception(failed)
    errors = [error for error in failed.exceptions if not isinstance(error, ExceptionGroup)]
    assert len(errors) == len(failed.exceptions)
    for error in errors:
        assert repr(error)
        assert str(error)
    return errors
