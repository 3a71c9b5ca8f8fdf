"""Decisions: DMN tables and literal expressions, read, checked and evaluated."""

from bpmn.decisions.evaluation import DecisionResult, MatchedRule, copied_names, decide
from bpmn.decisions.model import (
    Aggregation,
    Decision,
    DecisionDefinitions,
    DecisionTable,
    HitPolicy,
    LiteralDecision,
)
from bpmn.decisions.reader import read_decisions
from bpmn.decisions.rules import check_decisions

__all__ = [
    "Aggregation",
    "Decision",
    "DecisionDefinitions",
    "DecisionResult",
    "DecisionTable",
    "HitPolicy",
    "LiteralDecision",
    "MatchedRule",
    "check_decisions",
    "copied_names",
    "decide",
    "read_decisions",
]
