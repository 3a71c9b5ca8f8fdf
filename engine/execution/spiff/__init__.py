"""SpiffWorkflow behind the protocol of `engine.execution.protocol`: the only package that imports it."""

from engine.execution.spiff.executor import SPIFF, SpiffExecutor

__all__ = ["SPIFF", "SpiffExecutor"]
