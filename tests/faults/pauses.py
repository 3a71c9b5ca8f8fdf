"""Processes that stop for longer than others wait for them, and then go on as if nothing had happened."""

from __future__ import annotations

from tests.faults import crowd
from tests.faults.effects import begin, count
from tests.faults.finding import Finding, Stage, address
from tests.faults.nodes import STALLED_S

PAUSE_S = 2 * STALLED_S + 0.5


def past_the_lease(stage: Stage) -> Finding:
    finding = Finding()
    jobs = stage.size(64, 800)
    with stage.engine("postgresql") as engine:
        begin(engine, jobs)
        story = crowd.play(
            "tests.faults.nodes:distributed_node",
            stage.home,
            stage.size(2, 4),
            limit_s=stage.size(90, 600),
            url=address(engine),
            pauses=stage.size(16, 10) / 800,
            pause_s=PAUSE_S,
            seed=stage.seed,
        )
        counted = count(engine, jobs)
    finding.lost, finding.duplicated = counted.lost, counted.duplicated
    finding.expect(story.in_time and story.failures == 0, f"the workers did not come to an end: {story}")
    finding.expect(story.pauses > 0, "nobody stopped")
    finding.figures = (
        f"{story.pauses} pauses of {PAUSE_S} s, {PAUSE_S / STALLED_S:.1f} times the lease, / {jobs} jobs: "
        f"lost {counted.lost}, duplicated {counted.duplicated}"
    )
    with stage.engine("postgresql") as engine:
        begin(engine, 80)
        story = crowd.play(
            "tests.faults.unfenced:leasing", stage.home, 2, limit_s=60, url=address(engine), pauses=0.12, pause_s=1.0
        )
        unfenced = count(engine, 80)
    finding.expect(unfenced.duplicated > 0, "without a fence nothing came twice")
    finding.control = f"a lease without fence, {story.pauses} pauses / 80 jobs, duplicated {unfenced.duplicated}"
    return finding
