"""Users, groups, and whether a password is right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from api.authentication import actor, by_password, the_engine
from api.dto import CountDto, Dto, Names
from api.limits import guessing
from api.openapi import InvalidRequest
from api.refused import log_refusal
from api.rest.api import REST, ListQuery, command, named, paging, reading, several
from engine import (
    Group,
    GroupQuery,
    User,
    UserQuery,
    add_member,
    count_groups,
    count_users,
    create_group,
    create_user,
    delete_group,
    delete_user,
    find_groups,
    find_users,
    get_group,
    get_user,
    memberships,
    password_hash,
    prepare_password,
    remove_member,
    set_password,
    update_group,
    update_user,
    verify_hash,
)

_USER_SORT = {"userId": "id", "firstName": "first_name", "lastName": "last_name", "email": "email"}
_GROUP_SORT = {"id": "id", "name": "name", "type": "type"}


class UserDto(Dto):
    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


class CredentialsDto(Dto):
    password: str | None = None
    authenticated_user_password: str | None = None


class NewUserDto(Dto):
    profile: UserDto
    credentials: CredentialsDto | None = None


class GroupDto(Dto):
    id: str
    name: str | None = None
    type: str | None = None


class UserListQuery(ListQuery):
    id: str | None = None
    id_in: Names | None = None
    first_name: str | None = None
    first_name_like: str | None = None
    last_name: str | None = None
    last_name_like: str | None = None
    email: str | None = None
    email_like: str | None = None
    member_of_group: str | None = None


class GroupListQuery(ListQuery):
    id: str | None = None
    id_in: Names | None = None
    name: str | None = None
    name_like: str | None = None
    type: str | None = None
    member: str | None = None


class VerifyDto(Dto):
    username: str | None = None
    password: str | None = None


class VerifiedDto(Dto):
    authenticated_user: str | None
    authenticated: bool


class UserIdQuery(Dto):
    user_id: str | None = None


class GroupsOfUserDto(Dto):
    groups: list[dict[str, Any]]
    group_users: list[dict[str, Any]]


class LinksDto(Dto):
    links: list[dict[str, str]]


# ---------------------------------------------------------------- users


@REST.operation("GET", "/user")
def list_users(query: UserListQuery) -> list[UserDto]:
    """People that fit."""
    with reading() as context:
        return [_user(each) for each in find_users(context, _users(query))]


@REST.operation("GET", "/user/count")
def count_them(query: UserListQuery) -> CountDto:
    """How many people fit."""
    with reading() as context:
        return CountDto(count=count_users(context, _users(query)))


@REST.operation("OPTIONS", "/user")
def user_options() -> LinksDto:
    """What can be done with users."""
    return LinksDto(
        links=[
            {"method": "GET", "href": "/user", "rel": "list"},
            {"method": "GET", "href": "/user/count", "rel": "count"},
            {"method": "POST", "href": "/user/create", "rel": "create"},
        ]
    )


@REST.operation("POST", "/user/create")
def new_user(body: NewUserDto) -> None:
    """A new person."""
    given = body.credentials.password if body.credentials else None
    password = prepare_password(actor(), body.profile.id, given) if given else None
    with command() as context:
        create_user(
            context,
            body.profile.id,
            password=password,
            first_name=body.profile.first_name,
            last_name=body.profile.last_name,
            email=body.profile.email,
        )


@REST.operation("GET", "/user/<id>/profile")
def read_profile(id: str) -> UserDto:
    """One person."""
    with reading() as context:
        return _user(get_user(context, id))


@REST.operation("PUT", "/user/<id>/profile")
def change_profile(id: str, body: UserDto) -> None:
    """Changes a person's names and address."""
    with command() as context:
        known = get_user(context, id)
        update_user(context, replace(known, first_name=body.first_name, last_name=body.last_name, email=body.email))


@REST.operation("PUT", "/user/<id>/credentials")
def change_credentials(id: str, body: CredentialsDto) -> None:
    """Sets a password; the person's sessions end.

    `authenticatedUserPassword`, if it is sent, must be that of who asks. For one's own password it must be sent by who
    comes with a token or a session: whoever got hold of one would otherwise keep the account when it has ended.
    """
    if not body.password:
        raise InvalidRequest("The password is missing.")
    if body.authenticated_user_password is None and id == actor().user_id and not by_password():
        raise InvalidRequest("Send your password of today along as authenticatedUserPassword.")
    if body.authenticated_user_password is not None:
        with reading() as context:
            own = password_hash(context, actor().user_id or "")
        with guessing((actor().user_id or "").lower()) as guess:
            guess.right = verify_hash(own, body.authenticated_user_password)
        if not guess.right:
            log_refusal(the_engine(), actor().user_id, asked_by=actor())
            raise InvalidRequest("The given authenticated user password is not valid.")
    password = prepare_password(actor(), id, body.password)
    with command() as context:
        set_password(context, id, password)


@REST.operation("OPTIONS", "/user/<id>")
def one_user_options(id: str) -> LinksDto:
    """What can be done with one person."""
    return LinksDto(
        links=[
            {"method": "GET", "href": f"/user/{id}/profile", "rel": "self"},
            {"method": "PUT", "href": f"/user/{id}/profile", "rel": "updateProfile"},
            {"method": "PUT", "href": f"/user/{id}/credentials", "rel": "updateCredentials"},
            {"method": "DELETE", "href": f"/user/{id}", "rel": "delete"},
        ]
    )


@REST.operation("DELETE", "/user/<id>")
def remove_user(id: str) -> None:
    """Removes a person; what they did stays in the history."""
    with command() as context:
        delete_user(context, id)


# ---------------------------------------------------------------- groups


@REST.operation("GET", "/group")
def list_groups(query: GroupListQuery) -> list[GroupDto]:
    """Departments and roles that fit."""
    with reading() as context:
        return [_group(each) for each in find_groups(context, _groups(query))]


@REST.operation("GET", "/group/count")
def count_them_all(query: GroupListQuery) -> CountDto:
    """How many departments and roles fit."""
    with reading() as context:
        return CountDto(count=count_groups(context, _groups(query)))


@REST.operation("OPTIONS", "/group")
def group_options() -> LinksDto:
    """What can be done with groups."""
    return LinksDto(
        links=[
            {"method": "GET", "href": "/group", "rel": "list"},
            {"method": "GET", "href": "/group/count", "rel": "count"},
            {"method": "POST", "href": "/group/create", "rel": "create"},
        ]
    )


@REST.operation("POST", "/group/create")
def new_group(body: GroupDto) -> None:
    """A new department or role."""
    with command() as context:
        create_group(context, body.id, body.name or body.id, type=body.type or "WORKFLOW")


@REST.operation("GET", "/group/<id>")
def read_group(id: str) -> GroupDto:
    """One department or role."""
    with reading() as context:
        return _group(get_group(context, id))


@REST.operation("PUT", "/group/<id>")
def change_group(id: str, body: GroupDto) -> None:
    """Renames a department or role."""
    with command() as context:
        update_group(context, replace(get_group(context, id), name=body.name or id, type=body.type or "WORKFLOW"))


@REST.operation("DELETE", "/group/<id>")
def remove_group(id: str) -> None:
    """Removes a department or role."""
    with command() as context:
        delete_group(context, id)


@REST.operation("OPTIONS", "/group/<id>")
def one_group_options(id: str) -> LinksDto:
    """What can be done with one department or role."""
    return LinksDto(
        links=[
            {"method": "GET", "href": f"/group/{id}", "rel": "self"},
            {"method": "PUT", "href": f"/group/{id}", "rel": "update"},
            {"method": "DELETE", "href": f"/group/{id}", "rel": "delete"},
        ]
    )


@REST.operation("OPTIONS", "/group/<id>/members")
def member_options(id: str) -> LinksDto:
    """What can be done with the members of a department or role."""
    return LinksDto(
        links=[
            {"method": "PUT", "href": f"/group/{id}/members/{{userId}}", "rel": "create"},
            {"method": "DELETE", "href": f"/group/{id}/members/{{userId}}", "rel": "delete"},
        ]
    )


@REST.operation("PUT", "/group/<id>/members/<user_id>")
def new_member(id: str, user_id: str) -> None:
    """Makes a person a member."""
    with command() as context:
        add_member(context, id, user_id)


@REST.operation("DELETE", "/group/<id>/members/<user_id>")
def drop_member(id: str, user_id: str) -> None:
    """Ends a membership."""
    with command() as context:
        remove_member(context, id, user_id)


# ---------------------------------------------------------------- identity


@REST.operation("POST", "/identity/verify")
def verify(body: VerifyDto) -> VerifiedDto:
    """Whether this is the person's password."""
    if not body.username or not body.password:
        raise InvalidRequest("Username and password are required.")
    with reading() as context:
        stored = password_hash(context, body.username)
    with guessing(body.username.lower()) as guess:
        guess.right = verify_hash(stored, body.password)
    if not guess.right:
        log_refusal(the_engine(), body.username if stored is not None else None, asked_by=actor())
    return VerifiedDto(authenticated_user=body.username, authenticated=guess.right)


@REST.operation("GET", "/identity/groups")
def groups_of(query: UserIdQuery) -> GroupsOfUserDto:
    """The groups of a person, and the people in them."""
    user_id = query.user_id or actor().user_id
    with reading() as context:
        groups = find_groups(context, GroupQuery(member=user_id))
        members = memberships(context)
        ids = tuple(sorted({each for group in groups for each in members.get(group.id, ())}))
        people = find_users(context, UserQuery(ids=ids))
    return GroupsOfUserDto(
        groups=[{"id": group.id, "name": group.name} for group in groups],
        group_users=[
            {
                "id": user.id,
                "firstName": user.first_name,
                "lastName": user.last_name,
                "displayName": user.display_name,
            }
            for user in people
        ],
    )


# ---------------------------------------------------------------- inside


def _users(query: UserListQuery) -> UserQuery:
    return UserQuery(
        ids=several(query.id_in),
        **named(
            query,
            "id",
            "first_name",
            "first_name_like",
            "last_name",
            "last_name_like",
            "email",
            "email_like",
            "member_of_group",
        ),
        **paging(query, _USER_SORT),
    )


def _groups(query: GroupListQuery) -> GroupQuery:
    return GroupQuery(
        ids=several(query.id_in),
        **named(query, "id", "name", "name_like", "type", "member"),
        **paging(query, _GROUP_SORT),
    )


def _user(found: User) -> UserDto:
    return UserDto(id=found.id, first_name=found.first_name, last_name=found.last_name, email=found.email)


def _group(found: Group) -> GroupDto:
    return GroupDto(id=found.id, name=found.name, type=found.type)
