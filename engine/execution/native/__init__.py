"""The default executor: a token interpreter over one small document per instance."""

from engine.execution.native.executor import NativeExecutor

__all__ = ["NativeExecutor"]
