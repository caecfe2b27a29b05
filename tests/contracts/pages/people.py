"""Start and administration: what waits, invitations, search, one's organisation, and one's own account."""

from __future__ import annotations

from collections.abc import Mapping

from handover.permissions import Permission
from tests.contracts.asks import Asks, Public, SignedIn

PARTIES = SignedIn(
    "who merges, splits or is asked sees the plan, everybody what was executed, and no programme is shown by that"
)
HOUSE = SignedIn(
    "people of an organisation see its own pages, its managers alone change it, and no programme is shown by that"
)
OWN = SignedIn("a person sees and changes their own account, and keeps their own tokens")

ROUTES: Mapping[str, Asks] = {
    "": Permission.VIEW,
    "seat/": SignedIn("a person chooses among their own seats, and sees nothing by that alone"),
    "invitations/<str:secret>/": Public(
        "whoever is invited has no account yet; the secret opens one seat, once, and any other finds nothing"
    ),
    "search/": Permission.VIEW,
    "organisation/": HOUSE,
    "organisation/invite/": HOUSE,
    "organisation/invitations/<uuid:invitation_uuid>/revoke/": HOUSE,
    "organisation/members/<uuid:user_uuid>/": HOUSE,
    "organisation/members/<uuid:user_uuid>/end/": HOUSE,
    "organisation/members/<uuid:user_uuid>/leave/": HOUSE,
    "organisation/members/<uuid:user_uuid>/erase/": HOUSE,
    "organisation/reorganisations/": PARTIES,
    "organisation/reorganisations/new/": PARTIES,
    "organisation/reorganisations/<uuid:reorganisation_uuid>/": PARTIES,
    "organisation/reorganisations/<uuid:reorganisation_uuid>/proof/": PARTIES,
    "organisation/reorganisations/<uuid:reorganisation_uuid>/change/": PARTIES,
    "organisation/reorganisations/<uuid:reorganisation_uuid>/part/": PARTIES,
    "organisation/reorganisations/<uuid:reorganisation_uuid>/sign/": PARTIES,
    "organisation/reorganisations/<uuid:reorganisation_uuid>/withdraw/": PARTIES,
    "organisation/reorganisations/<uuid:reorganisation_uuid>/execute/": PARTIES,
    "organisation/settings/": HOUSE,
    "organisation/signing/": HOUSE,
    "organisation/tokens/": HOUSE,
    "organisation/webhooks/": HOUSE,
    "organisation/activity/": HOUSE,
    "programmes/<uuid:programme_uuid>/people/": Permission.VIEW,
    "programmes/<uuid:programme_uuid>/people/let-in/": Permission.MANAGE_STANDINGS,
    "programmes/<uuid:programme_uuid>/people/<uuid:organisation_uuid>/<slug:kind>/end/": Permission.MANAGE_STANDINGS,
    "programmes/<uuid:programme_uuid>/people/exception/": Permission.MANAGE_STANDINGS,
    "programmes/<uuid:programme_uuid>/permissions/history/": Permission.READ_LEDGER,
    "programmes/<uuid:programme_uuid>/activity/": Permission.READ_LEDGER,
    "you/": OWN,
    "you/tokens/": OWN,
    "tokens/<uuid:token_uuid>/revoke/": OWN,
}
