"""What the kinds of rows are called that this app conserves, in words of people."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

KINDS: Final = {
    "handover.community": gettext_noop("communities"),
    "handover.programmeplace": gettext_noop("places of the programme"),
    "handover.responsibility": gettext_noop("responsibilities"),
    "handover.legalact": gettext_noop("legal acts"),
    "handover.post": gettext_noop("posts"),
    "handover.equipment": gettext_noop("equipment"),
    "handover.licence": gettext_noop("licences"),
    "handover.contract": gettext_noop("contracts"),
    "handover.budgetline": gettext_noop("budget lines"),
    "handover.grant": gettext_noop("grants"),
    "handover.grantpartner": gettext_noop("partners of the grants"),
    "handover.obligation": gettext_noop("obligations"),
    "handover.obligationpause": gettext_noop("what stops the clocks of obligations"),
    "handover.undertaking": gettext_noop("undertakings"),
    "handover.undertakingresponsibility": gettext_noop("what depends on undertakings"),
    "handover.undertakingyear": gettext_noop("years of undertakings"),
    "handover.sustainabilitycheck": gettext_noop("sustainability checks"),
    "handover.checkword": gettext_noop("what was found for sustainability checks"),
    "handover.storedfile": gettext_noop("files"),
    "handover.evidence": gettext_noop("evidence"),
    "handover.annexline": gettext_noop("lines of annexes"),
    "handover.postfunding": gettext_noop("who pays the posts"),
    "handover.premises": gettext_noop("premises"),
    "handover.exchangerate": gettext_noop("exchange rates"),
    "handover.budgetstep": gettext_noop("steps of budget calendars"),
    "handover.communityseat": gettext_noop("seats of communities"),
    "handover.communityvote": gettext_noop("votes of communities"),
    "handover.dissentreason": gettext_noop("reasons of dissent"),
    "handover.dissentanswer": gettext_noop("answers to dissent"),
    "handover.instrument": gettext_noop("questions of readiness"),
    "handover.assessment": gettext_noop("assessments of readiness"),
    "handover.score": gettext_noop("scores of readiness"),
    "handover.auditengagement": gettext_noop("audits"),
    "handover.auditgrant": gettext_noop("grants of audits"),
    "handover.auditrequest": gettext_noop("requests of auditors"),
    "handover.auditsample": gettext_noop("samples of audits"),
    "handover.auditfinding": gettext_noop("findings of audits"),
    "handover.auditlook": gettext_noop("looks of auditors at special categories"),
}
