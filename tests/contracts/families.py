"""Which family every table belongs to. A new table finds its place here, or the schema test fails."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tests.contracts import catalogue

PROGRAMME_ITSELF = "handover_programme"

ORGANISATION: Mapping[str, str] = MappingProxyType(
    {
        "handover_accesstoken": "keys of an organisation's people and machines, as digests",
        "handover_calendarentry": "days as a person's calendar was told them, by the organisation they act for",
        "handover_invitation": "whom an organisation invites is its own affair",
        "handover_keptanswer": "answers that were given once, for whoever asked",
        "handover_legalrepresentative": "who may sign for an organisation, and by which act, is its own affair",
        "handover_told": "which tasks a person was told of, by the organisation they act for",
        "handover_webhook": "where an organisation wants to be told",
        "handover_webhookdelivery": "what an organisation was told",
        "handover_provisioneduser": "people whom an organisation's directory keeps",
        "handover_provisionedgroup": "groups of an organisation's directory",
        "handover_provisionedmember": "who is in which group of an organisation's directory",
        "indicators_owncode": "codes of an organisation's own list",
        "indicators_ownlist": "a code list that an organisation brought along",
    }
)
"""Tables of the organisation family: ``organisation_id`` and ``my_organisations()``."""

SHARED: Mapping[str, str] = MappingProxyType(
    {
        "account_emailaddress": "stays empty: operators make accounts, and their address is the account's own",
        "account_emailconfirmation": "stays empty: nobody confirms an address by mail",
        "auth_group": "one group an organisation and role: names without people",
        "auth_group_permissions": "stays empty: grants are given on objects",
        "auth_permission": "code list, made from permissions.py",
        "django_admin_log": "what operators did in the operators' pages",
        "django_content_type": "code list, made from the models",
        "django_migrations": "which migrations this database has",
        "django_session": "read by a secret key alone; says who signed in, not what they see",
        "guardian_groupobjectpermission": "guardian's generic rows outlive their object: stays empty, see below",
        "guardian_userobjectpermission": "guardian's generic rows outlive their object: stays empty, see below",
        "handover_accessspan": "who held what when: the web role has no right on it, one function tells of a programme",
        "handover_calendaraddress": "read before anybody is asking: a digest of 256 random bits, and whose it is",
        "handover_chainhead": "heads of all chains: the web role has no right on it at all",
        "handover_checkpoint": "signed roots over all chains: made to leave the house",
        "handover_keysuccession": "keys that followed each other, and what both signed: made to leave the house",
        "handover_letter": "when a mail went to whom: no content; who works off the queue asks for nobody",
        "handover_logleaf": "hashes of all chains' heads: what the signed roots are over",
        "handover_membership": "read at sign-in, before anybody is asking for an organisation",
        "handover_organisation": "the directory: an organisation must be found before it can be admitted",
        "handover_personname": "names of people, apart: the web role has no right on it, a key alone opens one",
        "handover_place": "public geography",
        "handover_placelineage": "public geography: what became of a place, and by which act",
        "handover_reminderchoice": "how often a person wants mail: read by who works off the queue",
        "handover_requestwindow": "how many requests a caller made this minute: a key and a number",
        "handover_rolegroup": "joins groups to organisations and roles: no people",
        "handover_user": "read at sign-in, before anybody is asking",
        "handover_user_groups": "Django's own join of accounts and groups",
        "handover_user_user_permissions": "Django's own: what an operator may do to the installation",
        "interventions_interventionmodel": "the catalogue is made to be read; a trigger keeps each its publisher's",
        "interventions_modelversion": "published structures without anything of a tenant, made to be read and adopted",
        "mfa_authenticator": "read at sign-in, before anybody is asking; its secrets are encrypted",
        "procrastinate_events": "when a job in the queue was started and ended: no content",
        "procrastinate_jobs": "the queue: every worker reads it, and it holds a few keys a job, no content",
        "procrastinate_periodic_defers": "stays empty: nothing is deferred by the hour",
        "procrastinate_workers": "signs of life of workers",
        "socialaccount_socialaccount": "read at sign-in, before anybody is asking: digests of identities, no claims",
        "socialaccount_socialapp": "stays empty: the environment names the provider",
        "socialaccount_socialtoken": "stays empty: tokens of the provider are not kept",
    }
)
"""Tables without a wall, each with the reason why everybody may share it."""

PARTIES: Mapping[str, str] = MappingProxyType(
    {
        "handover_reorganisation": "seen by its parties while it is planned, by everybody once it was executed",
        "handover_reorganisationparty": "the sides of a reorganisation, seen as it is",
        "handover_reorganisationpart": "what a predecessor answers for: read by the parties, stated by itself alone",
        "handover_reorganisationsignoff": "words of the parties: each adds its own, and nobody changes one",
    }
)
"""Tables of several organisations together: the parties of a reorganisation, by ``my_reorganisations()``."""

LEDGER: Mapping[str, str] = MappingProxyType(
    {"handover_ledgerentry": "chains of programmes and of organisations in one table: its policies name both"}
)

APPEND_ONLY = frozenset(
    {
        "handover_auditlook",
        "handover_ledgerentry",
        "handover_checkpoint",
        "handover_communityvote",
        "handover_dissentanswer",
        "handover_dissentreason",
        "handover_edit",
        "handover_exchangerate",
        "handover_keysuccession",
        "handover_logleaf",
        "handover_paper",
        "handover_placelineage",
        "handover_reorganisationsignoff",
        "handover_signedpaper",
        "handover_signoff",
        "handover_preview",
        "handover_proof",
        "indicators_activityrecord",
        "indicators_break",
        "indicators_overlap",
        "indicators_provenance",
        "indicators_value",
        "interventions_ballot",
        "interventions_ballotline",
        "interventions_interventionchange",
        "interventions_modelversion",
        "interventions_needlineage",
        "interventions_rankedneed",
        "interventions_ranking",
    }
)
"""Tables to which everybody adds and which nobody changes."""


AUDIT = frozenset(
    {"handover_auditrequest", "handover_auditsample", "handover_auditfinding", "handover_auditlook"}
)
"""Tables that an auditor writes besides, who otherwise only reads: to add and to change, never to remove."""


def key_of(table: str) -> str:
    """Give the column by which a table of the programme family belongs to its programme."""
    return "id" if table == PROGRAMME_ITSELF else "programme_id"


@cache
def programme_tables() -> tuple[str, ...]:
    """Give every table of the programme family: whatever has a ``programme_id``, and the programme itself."""
    found = {table for table in catalogue.tables() if "programme_id" in catalogue.columns(table)}
    return tuple(sorted((found | {PROGRAMME_ITSELF}) - LEDGER.keys()))
