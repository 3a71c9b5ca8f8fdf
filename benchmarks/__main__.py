"""`python -m benchmarks`: everything that is measured, one after another."""

from __future__ import annotations

from benchmarks import execution

execution.main()
