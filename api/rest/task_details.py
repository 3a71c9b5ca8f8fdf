"""What hangs on a task: variables, identity links, comments."""

from __future__ import annotations

from typing import Any

from flask import Response

from api.dto import Dto, LinkDto, Moment, links
from api.rest.api import REST, command, reading
from api.rest.process_instance import DeserializeQuery, ModificationsDto
from api.rest.variables import VariableDto, VariableValueDto, content_of, read, read_one, uploaded, write, write_all
from engine import (
    Comment,
    IdentityLink,
    NotFound,
    add_comment,
    add_identity_link,
    delete_identity_link,
    find_comments,
    get_task,
    identity_links,
    set_variables,
    task_variables,
    usual_departments,
)


class IdentityLinkDto(Dto):
    user_id: str | None = None
    group_id: str | None = None
    type: str = "candidate"


class MessageDto(Dto):
    """`departments`, which is ours: members of these alone are told; an empty list: everybody who sees the journey. Not
    given: where the task's form asks for something confidential, those who may know it."""

    message: str
    departments: list[str] | None = None


class CommentDto(Dto):
    links: list[LinkDto]
    id: str
    user_id: str | None
    time: Moment
    task_id: str | None
    message: str
    removal_time: Moment | None = None
    root_process_instance_id: str | None = None
    process_instance_id: str


# ---------------------------------------------------------------- variables: all that the task sees, or only its own


@REST.operation("GET", "/task/<id>/variables")
def read_variables(id: str, query: DeserializeQuery) -> dict[str, VariableValueDto]:
    """What the task sees."""
    with reading() as context:
        return write_all(task_variables(context, id), deserialize=query.deserialize_values)


@REST.operation("GET", "/task/<id>/localVariables")
def read_local_variables(id: str, query: DeserializeQuery) -> dict[str, VariableValueDto]:
    """What the task holds itself."""
    with reading() as context:
        return write_all(task_variables(context, id, local=True), deserialize=query.deserialize_values)


@REST.operation("POST", "/task/<id>/variables")
def change_variables(id: str, body: ModificationsDto) -> None:
    """Sets and deletes variables where they are, or on the instance."""
    _change(id, read(body.modifications), body.deletions or [], local=False)


@REST.operation("POST", "/task/<id>/localVariables")
def change_local_variables(id: str, body: ModificationsDto) -> None:
    """Sets and deletes variables of the task itself."""
    _change(id, read(body.modifications), body.deletions or [], local=True)


@REST.operation("GET", "/task/<id>/variables/<name>")
def read_variable(id: str, name: str, query: DeserializeQuery) -> VariableValueDto:
    """One variable that the task sees."""
    return _one(id, name, local=False, deserialize=query.deserialize_value)


@REST.operation("GET", "/task/<id>/localVariables/<name>")
def read_local_variable(id: str, name: str, query: DeserializeQuery) -> VariableValueDto:
    """One variable of the task itself."""
    return _one(id, name, local=True, deserialize=query.deserialize_value)


@REST.operation("PUT", "/task/<id>/variables/<name>")
def change_variable(id: str, name: str, body: VariableDto) -> None:
    """Sets one variable."""
    _change(id, {name: read_one(name, body)}, [], local=False)


@REST.operation("PUT", "/task/<id>/localVariables/<name>")
def change_local_variable(id: str, name: str, body: VariableDto) -> None:
    """Sets one variable of the task itself."""
    _change(id, {name: read_one(name, body)}, [], local=True)


@REST.operation("GET", "/task/<id>/variables/<name>/data")
def read_variable_data(id: str, name: str) -> Response:
    """The octets of one variable that the task sees."""
    return content_of(_value(id, name, local=False))


@REST.operation("POST", "/task/<id>/variables/<name>/data")
def upload_variable(id: str, name: str) -> None:
    """Sets one variable to the octets of a form's `data`; `valueType` says File or Bytes."""
    _change(id, {name: uploaded()}, [], local=False)


@REST.operation("GET", "/task/<id>/localVariables/<name>/data")
def read_local_variable_data(id: str, name: str) -> Response:
    """The octets of one variable of the task itself."""
    return content_of(_value(id, name, local=True))


@REST.operation("POST", "/task/<id>/localVariables/<name>/data")
def upload_local_variable(id: str, name: str) -> None:
    """Sets one variable of the task itself to the octets of a form's `data`; `valueType` says File or Bytes."""
    _change(id, {name: uploaded()}, [], local=True)


@REST.operation("DELETE", "/task/<id>/variables/<name>")
def remove_variable(id: str, name: str) -> None:
    """Deletes one variable."""
    _change(id, {}, [name], local=False)


@REST.operation("DELETE", "/task/<id>/localVariables/<name>")
def remove_local_variable(id: str, name: str) -> None:
    """Deletes one variable of the task itself."""
    _change(id, {}, [name], local=True)


def _change(id: str, values: dict[str, Any], deletions: list[str], *, local: bool) -> None:
    with command() as context:
        found = get_task(context, id)
        set_variables(context, found.process_instance_id, values, deletions, number=found.number, local=local)


def _one(id: str, name: str, *, local: bool, deserialize: bool) -> VariableValueDto:
    return write(_value(id, name, local=local), deserialize=deserialize)


def _value(id: str, name: str, *, local: bool) -> Any:
    with reading() as context:
        found = task_variables(context, id, local=local)
    if name not in found:
        raise NotFound("variable", name, f"task variable with name {name} does not exist")
    return found[name]


# ---------------------------------------------------------------- identity links


@REST.operation("GET", "/task/<id>/identity-links")
def read_identity_links(id: str) -> list[IdentityLinkDto]:
    """Assignee, owner and candidates."""
    with reading() as context:
        return [
            IdentityLinkDto(user_id=each.user_id, group_id=each.group_id, type=each.type)
            for each in identity_links(context, id)
        ]


@REST.operation("POST", "/task/<id>/identity-links")
def create_identity_link(id: str, body: IdentityLinkDto) -> None:
    """Adds a candidate, or sets assignee or owner."""
    with command() as context:
        add_identity_link(context, id, IdentityLink(body.type, body.user_id, body.group_id))


@REST.operation("POST", "/task/<id>/identity-links/delete")
def remove_identity_link(id: str, body: IdentityLinkDto) -> None:
    """Removes a candidate, or the assignee or owner."""
    with command() as context:
        delete_identity_link(context, id, IdentityLink(body.type, body.user_id, body.group_id))


# ---------------------------------------------------------------- comments


@REST.operation("GET", "/task/<id>/comment")
def read_comments(id: str) -> list[CommentDto]:
    """What was said about the task."""
    with reading() as context:
        get_task(context, id)
        return [_comment(each) for each in find_comments(context, task_id=id)]


@REST.operation("GET", "/task/<id>/comment/<comment_id>")
def read_comment(id: str, comment_id: str) -> CommentDto:
    """One of the things that were said about the task."""
    found = next((each for each in read_comments(id) if each.id == comment_id), None)
    if found is None:
        raise NotFound("comment", comment_id, f"No comment found for task {id} with id {comment_id}")
    return found


@REST.operation("POST", "/task/<id>/comment/create")
def create_comment(id: str, body: MessageDto) -> CommentDto:
    """Says something about the task."""
    with command() as context:
        found = get_task(context, id)
        only_for = usual_departments(context, found) if body.departments is None else body.departments
        return _comment(add_comment(context, found.process_instance_id, body.message, id, departments=only_for))


def _comment(found: Comment) -> CommentDto:
    return CommentDto(
        links=links(f"/task/{found.task_id}/comment/{found.id}"),
        id=found.id,
        user_id=found.user_id,
        time=found.created_at,
        task_id=found.task_id,
        message=found.message,
        root_process_instance_id=found.process_instance_id,
        process_instance_id=found.process_instance_id,
    )
