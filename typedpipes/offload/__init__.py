"""Plain functions as coroutine functions: in threads, in processes."""

from __future__ import annotations

from typedpipes.offload.processes import in_process
from typedpipes.offload.threads import in_thread

__all__ = ["in_process", "in_thread"]
