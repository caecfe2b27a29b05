"""What a directory sees: users and groups as SCIM resources, and what this service says of itself.

No more is kept of a person than an account needs. Whatever else a directory sends is ignored, as RFC 7644 has it.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    External,
    Filter,
    GroupMembership,
    Meta,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from handover.models import ProvisionedGroup, ProvisionedUser

LONGEST_PAGE: Final = 200
"""How many resources a page holds at most."""

POLICY: Final = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""What is tolerated of directories: attributes that nobody keeps here, and two habits of Microsoft Entra."""


class Email(ComplexAttribute):
    """The address by which a person signs in. Whatever kind a directory gives it, there is one."""

    value: Annotated[str | None, Required.true] = None
    type: str | None = Field(None, examples=["work"])


class SentEmail(Email):
    """An address as directories send it: of several, the primary one counts."""

    primary: bool | None = None


class User(Resource[Any]):
    """A person of the directory."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    display_name: Annotated[str | None, Required.true] = None
    emails: Annotated[list[Email] | None, Required.true] = None
    active: Annotated[bool | None, Required.true] = None
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None

    Emails: ClassVar[type[ComplexAttribute]] = Email
    Groups: ClassVar[type[ComplexAttribute]] = GroupMembership


class SentUser(User):
    """A person as directories send them."""

    emails: Annotated[list[SentEmail] | None, Required.true] = None  # type: ignore[assignment]

    Emails: ClassVar[type[ComplexAttribute]] = SentEmail


class GroupMember(ComplexAttribute):
    """A person in a group of the directory; groups do not nest here."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true, Required.true] = None
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A group of the directory. One whose name is a role's gives its members that seat."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    members: list[GroupMember] | None = None

    Members: ClassVar[type[ComplexAttribute]] = GroupMember


CONFIG: Final = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=LONGEST_PAGE),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token of the organisation with the scope “provision”, in the header Authorization.",
            spec_uri=Reference[External]("https://www.rfc-editor.org/rfc/rfc6750"),
            primary=True,
        )
    ],
)

PROVIDER: Final = ScimProvider(models=[User, Group], config=CONFIG, policy=POLICY)


def version_tag(version: int) -> str:
    """Give the entity tag of a version. It is weak: names of groups and people are not counted in it."""
    return f'W/"{version}"'


def user_of(row: ProvisionedUser, base: str) -> User:
    """Give a person as the directory sees them; ``row`` brings its memberships."""
    account = row.user
    groups = [_membership(item.group, base) for item in row.memberships.all()]
    return User(
        id=str(row.uuid),
        external_id=row.external_id or None,
        user_name=row.user_name,
        display_name=account.display_name,
        emails=[Email(value=account.email, type="work")],
        active=row.active and account.is_active,
        groups=groups or None,
        meta=_meta("User", row, f"{base}/Users/{row.uuid}"),
    )


def _membership(group: ProvisionedGroup, base: str) -> GroupMembership:
    address: Any = f"{base}/Groups/{group.uuid}"
    return GroupMembership(value=str(group.uuid), ref=address, display=group.title, type="direct")


def editable_user(row: ProvisionedUser) -> SentUser:
    """Give a person as the operations of a PATCH request find them."""
    account = row.user
    return SentUser(
        id=str(row.uuid),
        external_id=row.external_id or None,
        user_name=row.user_name,
        display_name=account.display_name,
        emails=[SentEmail(value=account.email, type="work", primary=True)],
        active=row.active,
    )


def group_of(row: ProvisionedGroup, base: str, *, members: bool = True) -> Group:
    """Give a group as the directory sees it; ``row`` brings its members, unless nobody asks for them."""
    seen = [
        GroupMember(
            value=str(item.user.uuid),
            ref=Reference[User](f"{base}/Users/{item.user.uuid}"),
            type="User",
        )
        for item in (row.members.all() if members else ())
    ]
    return Group(
        id=str(row.uuid),
        external_id=row.external_id or None,
        display_name=row.title,
        members=seen or None,
        meta=_meta("Group", row, f"{base}/Groups/{row.uuid}"),
    )


def _meta(kind: str, row: ProvisionedUser | ProvisionedGroup, location: str) -> Meta:
    return Meta(
        resource_type=kind,
        created=row.created_at,
        last_modified=row.changed_at,
        location=location,
        version=version_tag(row.version),
    )
