"""What attackers write where a model has an expression: nothing gets out, nothing goes on for ever."""

from __future__ import annotations

from tests.bpmn.expressions.test_fuzz import LANGUAGES, fuzz
from tests.bpmn.expressions.test_hostile import run
from tests.faults.finding import Finding, Stage

MOST_S, MOST_BYTES = 2.0, 50e6


def payloads_and_fuzz(stage: Stage) -> Finding:
    finding = Finding()
    verdicts, costs = run("product", stage.home), run("cost", stage.home)
    escapes = [name for name, verdict in verdicts.items() if verdict == "ESCAPED"]
    slowest, largest = (max(cost[each] for cost in costs.values()) for each in (1, 2))
    fuzzed = [fuzz(language, stage.size(900, 40_000) // len(LANGUAGES)) for language in LANGUAGES]
    worst = max(each.worst_s for each in fuzzed)
    finding.expect(not escapes, f"escaped: {escapes}")
    finding.expect(largest < MOST_BYTES, "one took too much memory")
    if stage.full:  # the short form plays beside other tests, on machines that are slow
        finding.expect(slowest < MOST_S and worst < MOST_S, "one took too long")
    finding.expect(all(each.given > each.refused / 20 for each in fuzzed), "hardly anything was evaluated")
    finding.figures = (
        f"{len(verdicts)} escapes tried, {len(escapes)} escaped; {len(costs)} exhaustions, "
        f"worst {slowest * 1000:.0f} ms and {largest / 1e6:.0f} MB; "
        f"{sum(each.given + each.refused for each in fuzzed):,} random, "
        f"worst {worst * 1000:.0f} ms"
    )
    control = run("control", stage.home)
    escaped = sum(verdict == "ESCAPED" for verdict in control.values())
    finding.expect(escaped > 0, "Python's own evaluation holds too")
    finding.control = f"Python's own evaluation, {escaped} of {len(control)} escape"
    return finding
