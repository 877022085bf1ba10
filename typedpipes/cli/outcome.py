"""The outcome of a run on the command line: its errors as lines, its report as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from typedpipes.report import Counts, PipelineFailed, Report
from typedpipes.shorten import shorten

_COUNTED = ("received", "completed", "failed", "dropped", "interrupted", "emitted", "cut_short")


def format_errors(failed: PipelineFailed) -> Iterator[str]:
    """Yield each error as one line."""
    for error in failed.exceptions:
        yield " ".join(str(error).split())


def format_json(report: Report, errors: Sequence[str]) -> str:
    """Format a report as JSON: the items that were collected, and how many others were left.

    An item that has no JSON form is written as its `repr`, shortened if necessary.
    """
    document = {
        "plumber": report.plumber,
        "ending": report.ending,
        "duration": report.duration,
        "dooms": [{"reason": doom.reason, "mode": doom.mode} for doom in report.dooms],
        "errors": errors,
        "collected": {
            name: [*map(_encode_item, items)] for name, items in report.collected.items()
        },
        "processors": [_encode_counts(counts) for counts in report.counts],
        "segments": [_encode_counts(report.of_segment(name)) for name in report.segments],
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


def _encode_item(item: object) -> msgspec.Raw:
    try:
        return msgspec.Raw(msgspec.json.encode(item, enc_hook=repr))
    except Exception:  # noqa: BLE001  # such as a key, a huge number, a `__repr__` that raises
        return msgspec.Raw(msgspec.json.encode(shorten(item)))


def _encode_counts(counts: Counts[object, object]) -> dict[str, object]:
    return {
        "name": counts.name,
        **{name: getattr(counts, name) for name in _COUNTED},
        "unprocessed": len(counts.unprocessed),
        "undelivered": len(counts.undelivered),
    }
