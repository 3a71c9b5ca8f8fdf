"""What the directory sees: a person and a department as SCIM resources. Only what is kept is declared; what a directory
sends besides is passed over, as RFC 7644 lets a service do, and is in no answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, cast

import scim2_models
from pydantic import Field, field_validator
from scim2_models import (
    URN,
    AnyExtension,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    GroupMembership,
    Meta,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

import engine

#: So many resources at most in one answer.
MOST = 500


class Name(ComplexAttribute):
    family_name: str | None = None
    """The last name."""

    given_name: str | None = None
    """The first name."""


class Email(scim2_models.Email):
    """Judged by the engine where it changes, and never when it is shown: one address of an earlier release, or of a
    company's own network, took everybody out of the directory's sight."""

    value: str | None = None
    """The mail address."""


class User(Resource[AnyExtension]):
    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """What the directory calls the person."""

    name: Name | None = None
    """The person's names."""

    Name: ClassVar[type[ComplexAttribute]] = Name

    preferred_language: str | None = Field(None, examples=["en", "sv"])
    """The language of the pages: en or sv."""

    active: bool | None = None
    """Whether the person may sign in."""

    emails: list[Email] | None = None
    """The person's mail address: the primary one is kept."""

    Emails: ClassVar[type[ComplexAttribute]] = Email

    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    """The person's departments."""

    Groups: ClassVar[type[ComplexAttribute]] = GroupMembership


class Manager(ComplexAttribute):
    value: Annotated[str | None, CaseExact.true] = None
    """The id of the person's manager."""

    ref: Annotated[Reference[User[Any]] | None, Mutability.read_write] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the manager is found."""


class EnterpriseUser(Extension):
    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    manager: Manager | None = None
    """The person's manager."""

    @field_validator("manager", mode="before")
    @classmethod
    def as_entra_sends_it(cls, value: Any) -> Any:
        """The bare id, or a list of the one manager."""
        if isinstance(value, str):
            return {"value": value} if value else None
        return value[0] if isinstance(value, list) and len(value) == 1 else value


class Member(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The id of a person."""

    ref: Annotated[Reference[User[Any]] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the person is found."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always User: departments do not lie in each other."""


class Group(Resource[Any]):
    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    """The name of the department."""

    members: list[Member] | None = None
    """Who belongs to it."""

    Members: ClassVar[type[ComplexAttribute]] = Member


PERSON = User[EnterpriseUser]

PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, Group],
    resource_types=[ResourceType.from_resource(PERSON), ResourceType.from_resource(Group)],
    config=ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer secret",
                description="The secret that the administrator of this server has set.",
                primary=True,
            )
        ],
    ),
    # As Entra ID and Okta speak: attributes we do not keep, `remove` with a value, a path whose filter fits nothing.
    policy=ScimPolicy(
        unknown=ScimPolicy.Unknown.ignore,
        remove_value_as_filter=ScimPolicy.RemoveValue.apply,
        unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
    ),
)


def person(user: engine.User, departments: Sequence[engine.Group]) -> Resource[Any]:
    found = PERSON(
        id=user.id,
        external_id=user.external_id,
        user_name=user.user_name or user.id,
        name=Name(given_name=user.first_name, family_name=user.last_name),
        preferred_language=user.language,
        active=user.active,
        emails=[Email(value=user.email, type=Email.Type.work, primary=True)] if user.email else None,
        groups=[
            GroupMembership(
                value=each.id, display=each.name, type="direct", ref=cast(Any, Reference(f"Groups/{each.id}"))
            )
            for each in departments
        ]
        or None,
    )
    if user.manager_id:
        manager = Manager(
            value=user.manager_id,
            ref=cast(Any, Reference(f"Users/{user.manager_id}")),
        )
        found[EnterpriseUser] = EnterpriseUser(manager=manager)
    return stamped(found, "User", user.created_at, user.updated_at)


def department(group: engine.Group, members: Iterable[str]) -> Resource[Any]:
    """`members` are user ids."""
    found = Group(
        id=group.id,
        external_id=group.external_id,
        display_name=group.name,
        members=[Member(value=key, type="User", ref=cast(Any, Reference(f"Users/{key}"))) for key in sorted(members)]
        or None,
    )
    return stamped(found, "Group", group.created_at, group.updated_at)


def stamped(found: Resource[Any], kind: str, created: datetime | None, changed: datetime | None) -> Resource[Any]:
    """With its version, which is a digest of what it says: the same resource never has two, nor two states one."""
    digest = hashlib.sha256(found.model_dump_json().encode()).hexdigest()[:32]
    found.meta = Meta(resource_type=kind, created=created, last_modified=changed or created, version=f'W/"{digest}"')
    return found
