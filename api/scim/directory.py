"""People and departments as the storage behind SCIM: every method reads or changes through the engine's verbs, in the
transaction of the request."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

from scim2_models import (
    ForbiddenException,
    InvalidValueException,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison, LogicalExpr, LogicalOperator
from scim2_server.storage import ScimStorage, SearchPage
from scim2_server.utils import parametrize

from api.scim.resources import EnterpriseUser, Group, User, department, person
from bpmn import key_of
from engine import (
    DEPARTMENT,
    CommandContext,
    Conflict,
    GroupQuery,
    InvalidInput,
    NotAllowed,
    NotFound,
    UserQuery,
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
    hold_group,
    hold_user,
    memberships,
    set_members,
    update_group,
    update_user,
)

LONGEST_ID = 64
BEYOND_EVERYBODY = 2**31
#: SCIM attribute, lower case -> how the engine finds it: the usual question of a directory is answered by an index.
FOUND_BY: Mapping[str, Callable[[str], UserQuery]] = {
    "username": lambda value: UserQuery(user_name=value),
    "externalid": lambda value: UserQuery(external_id=value),
    "id": lambda value: UserQuery(id=value),
}


@contextmanager
def in_scim_words() -> Iterator[None]:
    """The engine's errors as SCIM's."""
    try:
        yield
    except NotFound as error:
        raise NotFoundException(detail=str(error)) from error
    except Conflict as error:
        raise UniquenessException(detail=str(error)) from error
    except InvalidInput as error:
        raise InvalidValueException(detail=str(error)) from error
    except NotAllowed as error:
        raise ForbiddenException(detail=str(error)) from error


class Directory(ScimStorage):
    """One request's view. Roles are no groups here: a directory makes nobody an administrator."""

    def __init__(self, context: CommandContext, *, only_reads: bool) -> None:
        self._context = context
        self._only_reads = only_reads

    # ------------------------------------------------------------ looking

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        with in_scim_words():
            if resource_type.id == "User":
                if not self._only_reads:
                    hold_user(self._context, resource_id)
                return self._people(UserQuery(id=get_user(self._context, resource_id).id))[0]
            if not self._only_reads:
                hold_group(self._context, resource_id)
            return self._departments(GroupQuery(id=self._department(resource_id).id, type=DEPARTMENT))[0]

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        kinds = [each.id for each in resource_types]
        if len(kinds) == 1 and search_request.filter is None and search_request.sort_by is None:
            return self._page(kinds[0], search_request)
        found: list[Resource[Any]] = []
        if "User" in kinds:
            found += self._people(_narrowed(search_request.filter))
        if "Group" in kinds:
            found += self._departments(GroupQuery(type=DEPARTMENT))
        if search_request.filter is not None:
            found = [each for each in found if _fits(search_request.filter, each)]
        if search_request.sort_by is not None:
            found = search_request.sort(found)
        start = _start(search_request)
        return SearchPage(len(found), found[start : None if (n := search_request.count) is None else start + n])

    def _page(self, kind: str | None, asked: SearchRequest[Any]) -> SearchPage:
        """Everything, a page at a time: the database cuts it."""
        cut: dict[str, Any] = {"first_result": _start(asked), "max_results": asked.count}
        if kind == "User":
            return SearchPage(count_users(self._context, UserQuery()), self._people(UserQuery(**cut)))
        whole = GroupQuery(type=DEPARTMENT)
        return SearchPage(count_groups(self._context, whole), self._departments(replace(whole, **cut)))

    def _people(self, query: UserQuery) -> list[Resource[Any]]:
        users = find_users(self._context, query)
        groups = {each.id: each for each in find_groups(self._context, GroupQuery(type=DEPARTMENT))}
        of: dict[str, list[str]] = {user.id: [] for user in users}
        for group, members in sorted(memberships(self._context).items()):
            for member in members & of.keys() if group in groups else ():
                of[member].append(group)
        return [person(user, [groups[each] for each in of[user.id]]) for user in users]

    def _departments(self, query: GroupQuery) -> list[Resource[Any]]:
        members = memberships(self._context)
        return [department(group, members.get(group.id, ())) for group in find_groups(self._context, query)]

    def _department(self, group_id: str) -> Any:
        found = get_group(self._context, group_id)
        if found.type != DEPARTMENT:
            raise NotFound("group", group_id)
        return found

    # ------------------------------------------------------------ changing

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        with in_scim_words():
            if resource_type.id == "User":
                return self._create_person(cast(User[EnterpriseUser], resource))
            made = cast(Group, resource)
            name = made.display_name or ""
            group = create_group(
                self._context, key_of(name)[:LONGEST_ID] or _new_id(), name, external_id=made.external_id
            )
            set_members(self._context, group.id, _members(made))
            return self.get(resource_type, group.id)

    def _create_person(self, made: User[EnterpriseUser]) -> Resource[Any]:
        user_name = made.user_name or ""
        fits = 0 < len(user_name) <= LONGEST_ID and not any(c.isspace() or c in "/\\" for c in user_name)
        key = user_name if fits else _new_id()
        create_user(self._context, key, user_name=user_name, external_id=made.external_id)
        self._change_person(key, made)
        return self._people(UserQuery(id=key))[0]

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        key = str(resource.id)
        self._require_version(resource_type, key, expected_version)
        with in_scim_words():
            if resource_type.id == "User":
                self._change_person(key, cast(User[EnterpriseUser], resource))
            else:
                changed = cast(Group, resource)
                known = self._department(key)
                update_group(
                    self._context,
                    replace(known, name=changed.display_name or known.name, external_id=changed.external_id),
                )
                set_members(self._context, key, _members(changed))
            return self.get(resource_type, key)

    def _change_person(self, key: str, wanted: User[EnterpriseUser]) -> None:
        enterprise = wanted[EnterpriseUser]
        manager = enterprise.manager if enterprise is not None else None
        update_user(
            self._context,
            replace(
                get_user(self._context, key),
                user_name=wanted.user_name,
                external_id=wanted.external_id,
                first_name=wanted.name.given_name if wanted.name else None,
                last_name=wanted.name.family_name if wanted.name else None,
                email=_address(wanted),
                language=_language(wanted.preferred_language),
                manager_id=manager.value if manager is not None else None,
                active=wanted.active is not False,
            ),
        )

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        self._require_version(resource_type, resource_id, expected_version)
        with in_scim_words():
            if resource_type.id == "User":
                delete_user(self._context, resource_id)
            else:
                delete_group(self._context, self._department(resource_id).id)

    def _require_version(self, resource_type: ResourceType, key: str, expected: str | None) -> None:
        known = self.get(resource_type, key)
        if expected is not None and known.meta is not None and known.meta.version != expected:
            raise PreconditionFailedException(detail="It was changed meanwhile: read it again.")


# ---------------------------------------------------------------- inside


def _narrowed(asked: ScimFilter[Any] | None) -> UserQuery:
    """What the database can leave out before the filter is asked of each: one `eq` that must hold."""
    node = asked.ast if asked is not None else None
    terms = node.terms if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_ else (node,)
    for term in terms:
        if isinstance(term, Comparison) and term.op == CompareOperator.eq and isinstance(term.value, str):
            found_by = FOUND_BY.get(term.attr_path.attr.lower())
            if found_by is not None and term.attr_path.sub_attr is None:
                return found_by(term.value)
    return UserQuery()


def _fits(asked: ScimFilter[Any], found: Resource[Any]) -> bool:
    """A search of everything is asked of each resource by what that kind of resource is."""
    if asked.models:
        return asked.match(found)
    return parametrize(ScimFilter, type(found))(str(asked)).match(found)


def _start(asked: SearchRequest[Any]) -> int:
    """Beyond the last is beyond the last, also where no database could count so far."""
    return min(asked.start_index_0 or 0, BEYOND_EVERYBODY)


def _members(group: Group) -> set[str]:
    return {each.value for each in group.members or () if each.value}


def _address(user: User[Any]) -> str | None:
    """The primary address, or else the first."""
    given = sorted((each for each in user.emails or () if each.value), key=lambda each: not each.primary)
    return str(given[0].value).strip() if given else None


def _language(tag: str | None) -> str | None:
    """`sv-SE` is sv; a language that the pages do not have is none."""
    language = (tag or "").replace("_", "-").partition("-")[0].lower()
    return language if language in ("en", "sv") else None


def _new_id() -> str:
    return secrets.token_hex(12)
