"""`onedoor demo`: the example onboarding, played to its end by simulated people."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from api.demo import seed_flows, seed_people
from engine import (
    SYSTEM,
    Actor,
    GroupQuery,
    JourneySummary,
    ProcessEngine,
    Settings,
    Task,
    TaskQuery,
    TestClock,
    UserQuery,
    actor_of,
    claim_task,
    complete_task,
    find_groups,
    find_notifications,
    find_tasks,
    find_users,
    get_journey,
    run_due,
    start_instance,
    upgrade,
)
from workflows import DEMO_PEOPLE

#: What the simulated hiring manager and HR decide: every branch of the flow is taken.
CHOICES = {
    "employeeName": "Astrid Lund",
    "position": "Developer",
    "manager": "maria",
    "newEmployee": "nils",
    "roleClass": "vetted",
    "remote": True,
}
ANSWERS: dict[str, dict[str, object]] = {
    "role_profile": {"cost": 42_000, "systems": ["payroll-system", "source-code"]},
    "reserve_devices": {"inStock": False},
}
#: A person looks at their tasks this often, in office hours of the simulated world.
LOOKS_EVERY = timedelta(hours=4)
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Done:
    when: datetime
    who: str
    department: str
    what: str
    late: bool


@dataclass
class Play:
    """One onboarding in a scratch database whose clock runs ahead as the people work."""

    engine: ProcessEngine
    clock: TestClock
    journey_id: str = ""
    done: list[Done] = field(default_factory=list)
    people: dict[str, Actor] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    departments: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        seed_people(self.engine)
        seed_flows(self.engine)
        with self.engine.query(SYSTEM) as context:
            self.people = {person.id: actor_of(context, person.id) for person in DEMO_PEOPLE if person.id != "admin"}
            self.names = {user.id: user.display_name for user in find_users(context, UserQuery())}
            self.departments = {group.id: group.name for group in find_groups(context, GroupQuery())}
        first_day = self.engine.calendar.workday(self.clock.now().date(), 22)
        with self.engine.command(self.people["maria"]) as context:
            started = start_instance(
                context, key="onboarding", variables={**CHOICES, "firstDay": first_day.isoformat()}
            )
        self.journey_id = started.id

    def turn(self) -> bool:
        """Everybody finishes what has lain with them for a while; then time passes. False once the journey has
        ended."""
        for user_id, actor in self.people.items():
            with self.engine.query(actor) as context:
                waiting = find_tasks(context, TaskQuery(root_instance_id=self.journey_id))
            for task in waiting:
                if self._is_time(task) and task.assignee in (None, user_id):
                    self._finish(user_id, actor, task)
        if self.summary().ended_at is not None:
            return False
        self.clock.set(self.engine.calendar.after(self.clock.now(), LOOKS_EVERY.total_seconds()))
        run_due(self.engine)
        return True

    def _is_time(self, task: Task) -> bool:
        """It has lain a while, and is not put off until later."""
        now = self.clock.now()
        return task.created_at < now - LOOKS_EVERY and (task.follow_up_at is None or task.follow_up_at <= now)

    def _finish(self, user_id: str, actor: Actor, task: Task) -> None:
        with self.engine.command(actor) as context:
            claim_task(context, task.id)
        self.clock.advance(timedelta(minutes=20))
        with self.engine.command(actor) as context:
            complete_task(context, task.id, ANSWERS.get(task.activity_id, {}))
        late = task.due_at is not None and task.due_at < self.clock.now()
        done = Done(
            self.clock.now(),
            self.names[user_id],
            self.departments.get(task.department or "", ""),
            task.name or "",
            late,
        )
        self.done.append(done)

    def summary(self) -> JourneySummary:
        with self.engine.query(SYSTEM) as context:
            return get_journey(context, self.journey_id).summary

    def notices(self) -> int:
        """How many reminders and escalations were sent."""
        found = set()
        for actor in self.people.values():
            with self.engine.query(actor) as context:
                found |= {each.id for each in find_notifications(context, unread=False, max_results=200)}
        return len(found)


@click.command()
def demo() -> None:
    """Play the example onboarding to its end, with simulated people.

    Twelve people of ten departments work through all of it in a scratch database, on a clock that runs ahead: every
    decision is taken, timers fire, and at the end you see who did what and when.
    """
    console = Console()
    with tempfile.TemporaryDirectory(prefix="onedoor-demo-") as scratch:
        url = f"sqlite:///{scratch}/onedoor.db"
        upgrade(url)
        engine = ProcessEngine(Settings(database_url=url, home=Path(scratch), test_clock=True))
        try:
            clock = engine.clock
            if not isinstance(clock, TestClock):
                raise click.ClickException("The demo needs a clock that can be moved.")
            play = Play(engine, clock)
            _watch(console, play)
            _sum_up(console, play)
        finally:
            engine.close()


def _watch(console: Console, play: Play) -> None:
    console.print("[bold]Onedoor[/bold]: Astrid Lund starts soon. Ten departments get to work.\n")
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[day]}"),
    )
    with Live(progress, console=console, refresh_per_second=12, transient=True):
        console.print("[dim]Preparing people and flows …[/dim]")
        play.begin()
        bar = progress.add_task("Onboarding", total=play.summary().total, day="")
        shown = 0
        for _ in range(LONGEST):
            going = play.turn()
            for each in play.done[shown:]:
                mark = ("late", "yellow") if each.late else ("done", "green")
                line = Text.assemble(f"  {_day(play, each.when)}  ", mark, "  ", (f"{each.who:<16}", "bold"), each.what)
                console.print(line, no_wrap=True, overflow="ellipsis")
            shown = len(play.done)
            summary = play.summary()
            progress.update(bar, completed=summary.done, total=summary.total, day=_day(play, play.clock.now()))
            if not going:
                return
    raise click.ClickException(
        "The onboarding did not come to its end: `onedoor check examples/onboarding.bpmn` may tell why."
    )


def _day(play: Play, moment: datetime) -> str:
    return f"{moment.astimezone(play.engine.settings.site.tz):%a %d %b %H:%M}"


def _sum_up(console: Console, play: Play) -> None:
    summary = play.summary()
    table = Table(title=f"\n{summary.subject}: {summary.state.lower()}", title_justify="left", title_style="bold")
    table.add_column("Who", min_width=16, no_wrap=True)
    table.add_column("What", no_wrap=True, max_width=max(20, console.width - 46))
    table.add_column("When", min_width=16, no_wrap=True)
    for who, number in Counter(each.who for each in play.done).most_common():
        own = [each for each in play.done if each.who == who]
        first = (f"[bold]{who}[/bold]", own[0].department, *[""] * number)
        for line, each in zip(first, own, strict=False):
            table.add_row(line, each.what, _day(play, each.when), style="yellow" if each.late else None)
        if number == 1:
            table.add_row(own[0].department)
        table.add_section()
    console.print(table)
    late = sum(1 for each in play.done if each.late)
    days = (play.done[-1].when - play.done[0].when).days
    console.print(
        f"{len(play.done)} tasks by {len({each.who for each in play.done})} people in {days} simulated days, "
        f"{late} late, {play.notices()} notices sent. "
        f"Nobody had to ask anybody where it stands."
    )
