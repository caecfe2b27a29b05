"""Finding what a command line names: people and organisations, programmes, transfers, milestones, lines.

Whatever is not there, or not unique, is one sentence that says what there is. Everything of a programme is
found by ``access``, inside ``access.asking``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import difflib
import re
from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from handover import access, clock
from handover.access import Actor, actor_for
from handover.errors import Invalid, NotAllowed, NotFound
from handover.exchange.plan_documents import written_day
from handover.models import (
    AnnexLine,
    Membership,
    Organisation,
    Place,
    Programme,
    ProvisionedGroup,
    Reorganisation,
    Responsibility,
    Transfer,
    TransferMilestone,
    User,
    Webhook,
)
from handover.models.base import InProgramme
from handover.permissions import Permission, Role

SHOWN = 10
SHORTEST_PREFIX = 8
PREFIX = re.compile(r"[0-9a-f]{8,32}")

R = TypeVar("R", bound=InProgramme | Webhook | ProvisionedGroup | Reorganisation)


def actor_named(email: str | None, slug: str | None) -> Actor:
    """Find who acts, on the command line: the person named, for the organisation named or the only one where they sit.

    Without a person, the organisation's only manager.

    Raises:
        Invalid: nobody is named, there is no such account or organisation, or a choice must be made.
        NotAllowed: the person holds no seat there today.
    """
    if not email and not slug:
        raise Invalid("who_acts", "Say who acts: --as EMAIL.", field="as")
    user = user_named(email) if email else None
    organisation = organisation_named(slug) if slug else None
    if user is None:
        return actor_for(
            _only_manager(organisation_named(slug or "")), organisation_named(slug or ""), channel="cli"
        )
    return actor_for(user, organisation or _only_organisation(user), channel="cli")


def user_named(email: str) -> User:
    """Find an account by its address, whatever its case, or by its UUID.

    Raises:
        Invalid: there is none.
    """
    uuid = _uuid(email)
    found = (
        User.objects.filter(uuid=uuid) if uuid else User.objects.filter(email=email.strip().lower())
    ).first()
    if found is None:
        raise Invalid("unknown_account", f"There is no account {email}.", field="as")
    return found


def organisation_named(slug: str) -> Organisation:
    """Find an organisation by its slug or UUID.

    Raises:
        Invalid: there is none; it names similar ones.
    """
    uuid = _uuid(slug)
    found = (
        Organisation.objects.filter(uuid=uuid) if uuid else Organisation.objects.filter(slug=slug)
    ).first()
    if found is None:
        there = list(Organisation.objects.order_by("slug").values_list("slug", flat=True))
        raise Invalid(
            "unknown_organisation",
            f"There is no organisation “{slug}”{_rather(slug, there)}",
            field="organisation",
        )
    return found


def place_named(text: str) -> Place:
    """Find a place by ``COUNTRY:CODE``, UUID, or a name that only one has.

    Raises:
        Invalid: there is none, or several.
    """
    uuid = _uuid(text)
    country, colon, code = text.partition(":")
    if uuid is not None:
        rows = Place.objects.filter(uuid=uuid)
    elif colon:
        rows = Place.objects.filter(country=country.upper(), code=code)
    else:
        rows = Place.objects.filter(name=text)
    found = list(rows[: SHOWN + 1])
    if len(found) == 1:
        return found[0]
    if not found:
        raise Invalid("unknown_place", f"There is no place “{text}”; name it by COUNTRY:CODE.", field="place")
    named = _several(f"{place.country}:{place.code}" for place in found)
    raise Invalid("ambiguous", f"Several places are called “{text}”: {named}.", field="place")


def programme_named(by: Actor, key: str, *, may: Permission) -> Programme:
    """Find a programme by UUID or identifier, inside ``asking``.

    Raises:
        NotFound, NotAllowed: as ``access.programme_for``.
    """
    return access.programme_for(by, key, may=may)


def transfer_named(by: Actor, key: str) -> Transfer:
    """Find a transfer by UUID or by the first eight or more characters of it, inside ``asking``.

    Raises:
        NotFound: there is none that the actor may read.
        Invalid: the text is no such prefix, or several transfers begin so.
    """
    uuid = _uuid(key)
    if uuid is not None:
        return access.transfer_for(by, uuid, may=Permission.VIEW)
    prefix = _prefix(key)
    if prefix is None:
        raise Invalid(
            "no_such_key",
            f"“{key}” names no transfer: give its UUID, or at least its first {SHORTEST_PREFIX} characters.",
            field="transfer",
        )
    reachable = Transfer.objects.filter(programme__in=access.programme_ids(by, may=Permission.VIEW))
    found = list(reachable.filter(uuid__startswith=prefix).order_by("id")[: SHOWN + 1])
    if not found:
        raise NotFound("transfer")
    if len(found) > 1:
        raise Invalid(
            "ambiguous",
            f"Several transfers begin with {key}: {_several(t.uuid for t in found)}.",
            field="transfer",
        )
    return access.transfer_for(by, found[0].uuid, may=Permission.VIEW)


def milestone_named(transfer: Transfer, text: str | None) -> TransferMilestone:
    """Find a milestone of a transfer by UUID, by its first characters, or by a part of its title that only one has.

    Raises:
        Invalid: none, or several; it names what there is.
    """
    rows = list(transfer.milestones.order_by("due_on", "id"))
    return _one(rows, text, [item.title for item in rows], "milestone", "transfer milestone")


def responsibility_named(programme: Programme, text: str) -> Responsibility:
    """Find a responsibility of a programme, likewise."""
    rows = list(Responsibility.objects.filter(programme=programme).order_by("id"))
    return _one(rows, text, [item.title for item in rows], "responsibility", "responsibility")


def annex_line_named(transfer: Transfer, text: str) -> AnnexLine:
    """Find an annex line by its number in ``transfer annex``, by UUID, or by a part of its text that only one has.

    Raises:
        Invalid: none, or several.
    """
    rows = list(transfer.annex.order_by("id"))
    if text.isascii() and text.isdigit() and len(text) < SHORTEST_PREFIX:
        if not 1 <= int(text) <= len(rows):
            raise Invalid(
                "unknown_line", f"There is no annex line {text}: the plan has {len(rows)}.", field="line"
            )
        return rows[int(text) - 1]
    return _one(rows, text, [item.text for item in rows], "line", "annex line")


def line_named(rows: Sequence[R], text: str | None, *, field: str, what: str) -> R:
    """Find one of some rows by UUID, by its first characters, or by a part of its name that only one has.

    Raises:
        Invalid: none, or several; it names what there is.
    """
    return _one(rows, text, [str(row) for row in rows], field, what)


def _one(rows: Sequence[R], text: str | None, titles: Sequence[str], field: str, what: str) -> R:
    if not text:
        raise Invalid(f"which_{field}", f"Say which {what}: {_several(titles)}.", field=field)
    uuid, prefix, part = _uuid(text), _prefix(text), text.casefold().strip()
    found = [row for row in rows if row.uuid == uuid or (prefix and str(row.uuid).startswith(prefix))]
    exact = [row for row, title in zip(rows, titles, strict=True) if title.casefold() == part]
    found = (
        found or exact or [row for row, title in zip(rows, titles, strict=True) if part in title.casefold()]
    )
    if len(found) == 1:
        return found[0]
    if not found:
        there = f"; there are: {_several(titles)}" if titles else ""
        raise Invalid(f"unknown_{field}", f"There is no {what} “{text}”{there}.", field=field)
    fitting = [title for row, title in zip(rows, titles, strict=True) if row in found]
    raise Invalid("ambiguous", f"“{text}” fits several: {_several(fitting)}.", field=field)


def _only_manager(organisation: Organisation) -> User:
    now = clock.now()
    seats = Membership.objects.filter(
        organisation=organisation, role=Role.MANAGER.value, user__is_active=True, starts_at__lte=now
    ).exclude(ends_at__lte=now)
    managers = [seat.user for seat in seats.select_related("user").order_by("user__email")]
    if len(managers) == 1:
        return managers[0]
    why = "has no manager today" if not managers else "has several managers"
    among = f": {_several(manager.email for manager in managers)}" if managers else ""
    raise Invalid("who_acts", f"{organisation.name} {why}; say who acts, with --as EMAIL{among}.", field="as")


def _only_organisation(user: User) -> Organisation:
    found = list(
        Organisation.objects.filter(pk__in=access.seats_now(user).values("organisation")).order_by("slug")
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotAllowed("no_seat", f"{user.email} holds no seat today.")
    slugs = _several(item.slug for item in found)
    raise Invalid(
        "which_organisation",
        f"{user.email} sits in several; say for which, with --for: {slugs}.",
        field="for",
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _prefix(text: str) -> str | None:
    """Give the beginning of a UUID as the database writes it; ``None`` where the text is none."""
    bare = text.lower().replace("-", "")
    if not PREFIX.fullmatch(bare):
        return None
    groups = [bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]]
    return "-".join(group for group in groups if group)


def _several(items: Iterable[object]) -> str:
    texts = [str(item) for item in items]
    return ", ".join(texts[:SHOWN]) + (", …" if len(texts) > SHOWN else "")


def _rather(text: str, there: Sequence[str]) -> str:
    if not there:
        return "; there is none yet."
    near = difflib.get_close_matches(text, there, n=3)
    return f"; did you mean {' or '.join(near)}?" if near else f"; there are: {_several(there)}."


def day(text: str) -> dt.date:
    """Read a date, for argparse."""
    found = written_day(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"“{text}” is no date (YYYY-MM-DD)")
    return found


def instant(text: str) -> dt.datetime:
    """Read an instant, for argparse: a date means the end of that day, a time without zone is UTC."""
    try:
        if len(text) == len("2026-01-31"):
            return dt.datetime.combine(
                dt.date.fromisoformat(text) + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC
            )
        found = dt.datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"“{text}” is no date or instant (YYYY-MM-DD or YYYY-MM-DDTHH:MM)"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def narrative(text: str) -> tuple[str | None, str]:
    """Read ``LANG=TEXT`` or ``TEXT``, for argparse: a text with its language, or in the default one."""
    found = re.fullmatch(r"([a-z]{2})=(.*)", text, re.DOTALL)
    lang, body = (found.group(1), found.group(2)) if found else (None, text)
    if not body.strip():
        raise argparse.ArgumentTypeError("the text is empty")
    return lang, body.strip()
