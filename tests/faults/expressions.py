"""What attackers write where a model has an expression: nothing gets out, nothing goes on for ever."""

from __future__ import annotations

from tests.bpmn.expressions.test_fuzz import LANGUAGES, fuzz
from tests.bpmn.expressions.test_hostile import run
from tests.faults import bombs
from tests.faults.finding import Finding, Stage

MOST_S, MOST_BYTES = 2.0, 50e6
#: With what it is itself: 50 MB at most.
MOST_OF_A_BOMB = 150e6


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
    if stage.full:  # tests/bpmn plays them whole in every run
        _bombs(finding)
    escaping = {}
    for what, name in (("spiff", "SpiffWorkflow's default engine"), ("control", "Python's own evaluation")):
        verdicts = run(what, stage.home)
        escaping[name] = sum(verdict == "ESCAPED" for verdict in verdicts.values())
        finding.expect(escaping[name] > 0, f"{name} holds too")
    finding.control = ", ".join(f"{name}: {count} of {len(verdicts)} escape" for name, count in escaping.items())
    return finding


def _bombs(finding: Finding) -> None:
    exploded = bombs.run()
    broke = [name for name, (outcome, _, _) in exploded.items() if outcome.startswith("broke")]
    longest = max(exploded, key=lambda name: exploded[name][1])
    largest = max(size for _, _, size in exploded.values())
    finding.expect(not broke, f"broke: {broke}")
    finding.expect(largest < MOST_OF_A_BOMB, f"a bomb took {largest / 1e6:.0f} MB")
    finding.figures += (
        f"; {len(exploded)} bombs of decisions, FEEL, JUEL, forms and sheets, {len(broke)} went off, worst "
        f"{exploded[longest][1] * 1000:.0f} ms ({longest}) and {largest / 1e6:.0f} MB"
    )
