"""My work, and one task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import redirect, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.pages.facts import FactGroup, grouped
from api.pages.flash import flash
from api.pages.frame import command, inside, language, names, page, reading, session
from api.pages.problems import problem_page
from api.pages.room import room
from api.pages.titles import activity_title, flow_names, task_title, task_titles
from api.pages.words import inside_a_sentence, moment_in_words
from bpmn import documentation
from engine import (
    Action,
    CommandContext,
    Conflict,
    FormRefused,
    HistoricActivityQuery,
    HistoricInstanceQuery,
    InstanceFacts,
    NotFound,
    OpenedTask,
    TaskQuery,
    add_comment,
    assign_task,
    barred,
    can,
    claim_task,
    count_each,
    definition_model,
    find_historic_activities,
    find_historic_instances,
    find_tasks,
    for_whom,
    get_task,
    open_task,
    submit_form,
    unclaim_task,
    usual_departments,
)

tasks = room("tasks")

#: Address of a view -> what it asks for.
VIEWS: Mapping[str, TaskQuery] = {
    "mine": TaskQuery(mine=True),
    "department": TaskQuery(claimable=True),
    "substituting": TaskQuery(substituting=True),
    "late": TaskQuery(late=True),
    "all": TaskQuery(),
}
#: Without one in the address: the first of these in which something waits.
OPENS_WITH = ("mine", "department", "substituting")
MOST = 200


@tasks.get("/tasks")
def list_page() -> AnyResponse:
    view = request.args.get("view", "")
    with reading() as context:
        views = [name for name in VIEWS if name != "substituting" or session().actor.stands_in_for]
        counts = count_each(context, {name: VIEWS[name] for name in views})
        chosen = view if view in views else next((each for each in OPENS_WITH if counts.get(each)), "department")
        words = request.args.get("q", "").strip()
        found = find_tasks(context, replace(VIEWS[chosen], text=words or None, max_results=MOST))
        titles = task_titles(context, found)
        absent = for_whom(context, found)
        kept_apart = barred(context, found, absent)
        flows = flow_names(context, (task.definition_id for task in found if not task.subject))
    return page(
        "tasks.html",
        view=chosen,
        counts=counts,
        tasks=found,
        titles=titles,
        flow_names=flows,
        absent=absent,
        kept_apart=kept_apart,
        asked=words,
    )


@tasks.post("/tasks/claim")
def claim_several() -> AnyResponse:
    """Takes every ticked task that nobody has taken meanwhile."""
    chosen, taken = request.form.getlist("task"), 0
    for task_id in chosen:
        try:
            with command() as context:
                claim_task(context, task_id)
            taken += 1
        except (Conflict, NotFound):
            continue
    said = gettext("Claimed: %(count)d", count=taken) if chosen else gettext("Choose tasks first.")
    if taken < len(chosen):
        said = f"{said} {gettext('Taken by others meanwhile: %(count)d', count=len(chosen) - taken)}"
    flash(said, "ok" if taken else "info")
    return redirect("/tasks?view=mine" if taken else "/tasks")


@tasks.errorhandler(NotFound)
def no_longer_open(error: NotFound) -> AnyResponse:
    """To the journey, with who finished the task meanwhile; it may have been the same person, in another tab."""
    with reading() as context:
        done = find_historic_activities(context, HistoricActivityQuery(id=error.identifier, tasks_only=True))
        if not done or done[0].ended_at is None:
            return problem_page(error)
        (task,) = done
        title = activity_title(context, task.definition_id, task.activity_id, task.task_name)
        (instance,) = find_historic_instances(context, HistoricInstanceQuery(id=task.process_instance_id))
    if task.completed_by:
        engine = the_engine()
        when = moment_in_words(task.ended_at, engine.clock.now(), engine.settings.site.tz)
        who = names().person(task.completed_by)
        said = gettext("%(who)s finished “%(task)s” %(when)s.", who=who, task=title, when=inside_a_sentence(when))
    else:
        said = gettext("“%(task)s” is no longer needed.", task=title)
    flash(said, "info")
    return redirect(f"/journeys/{instance.root_instance_id}")


@tasks.get("/tasks/<id>")
def task_page(id: str) -> AnyResponse:
    with reading() as context:
        return shown_task(context, id)


def shown_task(
    context: CommandContext,
    id: str,
    *,
    given: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    **more: Any,
) -> AnyResponse:
    """The page as the actor of the context is shown it."""
    opened = open_task(context, id, language())
    task = opened.task
    node = definition_model(context, task.definition_id).nodes[task.activity_id]
    actor = context.actor
    absent = for_whom(context, [task])
    about = InstanceFacts(frozenset((opened.summary.definition_key,)))
    return page(
        "task.html",
        200 if not errors else 422,
        task=task,
        title=task_title(context, task),
        flow_name=flow_names(context, [task.definition_id])[task.definition_id],
        guidance=documentation(node, language()),
        form=opened.form,
        given=given,
        errors=errors or {},
        journey=opened,
        comments=opened.comments,
        mine=task.assignee == actor.user_id,
        may_claim=task.assignee is None or task.assignee in actor.absent,
        absent=absent.get(task.id),
        kept_apart=barred(context, [task], absent).get(task.id),
        known=_known(context, opened),
        usually_for=usual_departments(context, task),
        may_view_as=can(actor, Action.VIEW_AS, about),
        departments_here={each.department for each in opened.steps},
        **more,
    )


def _known(context: CommandContext, opened: OpenedTask) -> list[FactGroup]:
    model = definition_model(context, opened.summary.definition_id)
    return grouped(opened.facts, model, names(), language())


@tasks.post("/tasks/<id>/claim")
def claim(id: str) -> AnyResponse:
    with command() as context:
        claim_task(context, id)
    flash(gettext("It is yours now."))
    return redirect(inside(request.form.get("next"), f"/tasks/{id}"))


@tasks.post("/tasks/<id>/release")
def release(id: str) -> AnyResponse:
    with command() as context:
        unclaim_task(context, id)
    flash(gettext("Given back to the department."))
    return redirect("/tasks")


@tasks.post("/tasks/<id>/assign")
def hand_over(id: str) -> AnyResponse:
    """To a colleague, with a comment if there is something to say."""
    to, message = request.form.get("assignee", ""), request.form.get("why", "").strip()
    if to not in names().active:
        flash(gettext("Choose a person."), "error")
        return redirect(f"/tasks/{id}")
    with command() as context:
        task = get_task(context, id)
        title = task_title(context, task)
        assign_task(context, id, to)
        if message:
            # For whoever gets the task, who may be of another department.
            add_comment(context, task.root_instance_id, message, task_id=id)
    flash(gettext("With %(name)s now: %(task)s", name=names().person(to), task=title))
    return redirect("/tasks")


@tasks.post("/tasks/<id>/complete")
def complete(id: str) -> AnyResponse:
    """Back to the list; with the form and what was written in it, if something in it does not fit."""
    given = submitted(request.form)
    try:
        with command() as context:
            task = get_task(context, id)
            title, absent = task_title(context, task), for_whom(context, [task]).get(id)
            submit_form(context, id, given)
    except FormRefused as refused:
        errors = {each.field_id: each for each in refused.fields}
        with reading() as context:
            return shown_task(context, id, given=given, errors=errors)
    if absent is None:
        flash(gettext("Done: %(task)s", task=title))
    else:
        flash(gettext("Done for %(name)s: %(task)s", name=names().person(absent), task=title))
    return redirect("/tasks")


def submitted(form: MultiDict[str, str]) -> dict[str, Any]:
    """Form fields as they were sent: a list where the field takes several, an empty one where a box is not ticked.

    Each control has a hidden companion `shown:<id>`: what was on the page and left empty is known from what was not.
    """
    found: dict[str, Any] = {}
    for name in form:
        if name.startswith("shown:"):
            field = name.removeprefix("shown:")
            kind = form[name]
            if kind == "many":
                found[field] = form.getlist(field)
            elif kind == "check":
                found[field] = field in form
            else:
                found[field] = form.get(field, "")
    return found


@tasks.post("/tasks/<id>/comment")
def comment(id: str) -> AnyResponse:
    message = request.form.get("message", "").strip()
    if not message:
        flash(gettext("Write something first."), "info")
        return redirect(f"/tasks/{id}")
    with command() as context:
        task = get_task(context, id)
        chosen = request.form.get("for")
        only_for = usual_departments(context, task) if chosen is None else tuple(filter(None, chosen.split(",")))
        add_comment(context, task.root_instance_id, message, id, departments=only_for)
    return redirect(f"/tasks/{id}#comments")
