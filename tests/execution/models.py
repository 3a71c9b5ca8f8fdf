"""The project's own models, one file for each test, named as the test is."""

from __future__ import annotations

from pathlib import Path

MODELS = Path(__file__).resolve().parents[1] / "bpmn_models" / "execution"
