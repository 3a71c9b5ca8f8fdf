"""SpiffWorkflow behind the protocol of `engine.execution.protocol`: the only package that imports it."""

from engine.execution.spiff.executor import SpiffExecutor, spiff_kind

__all__ = ["SpiffExecutor", "spiff_kind"]
