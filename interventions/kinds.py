"""What the kinds of rows are called that this app conserves, in words of people."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

KINDS: Final = {
    "interventions.needlevel": gettext_noop("levels of need"),
    "interventions.need": gettext_noop("needs"),
    "interventions.needprerequisite": gettext_noop("what a need waits for"),
    "interventions.needplace": gettext_noop("places of needs"),
    "interventions.needlineage": gettext_noop("needs merged and split"),
    "interventions.intervention": gettext_noop("interventions"),
    "interventions.interventionneed": gettext_noop("needs that interventions answer"),
    "interventions.interventiondependency": gettext_noop("what an intervention waits for"),
    "interventions.interventionplace": gettext_noop("places of interventions"),
    "interventions.interventionpartner": gettext_noop("partners of interventions"),
    "interventions.interventionchange": gettext_noop("changes of interventions"),
    "interventions.targetgroup": gettext_noop("target groups"),
    "interventions.service": gettext_noop("services"),
    "interventions.delivery": gettext_noop("services delivered"),
    "interventions.volunteering": gettext_noop("volunteering"),
    "interventions.consultation": gettext_noop("consultations"),
    "interventions.attendance": gettext_noop("who came to consultations"),
    "interventions.saying": gettext_noop("what people said"),
    "interventions.ranking": gettext_noop("rankings of needs"),
    "interventions.rankedneed": gettext_noop("needs ranked"),
    "interventions.ballot": gettext_noop("ballots"),
    "interventions.ballotline": gettext_noop("lines of ballots"),
    "interventions.support": gettext_noop("support given"),
    "interventions.training": gettext_noop("trainings"),
    "interventions.complaints": gettext_noop("complaints"),
    "interventions.commemorationday": gettext_noop("days of commemoration"),
    "interventions.event": gettext_noop("events"),
    "interventions.mediaitems": gettext_noop("items in the media"),
    "interventions.authority": gettext_noop("authorities"),
    "interventions.policyseat": gettext_noop("seats in policy bodies"),
    "interventions.policymeeting": gettext_noop("meetings of policy bodies"),
    "interventions.commitment": gettext_noop("commitments"),
    "interventions.adoption": gettext_noop("models adopted"),
    "interventions.adoptedpiece": gettext_noop("parts of models adopted"),
}
