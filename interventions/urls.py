"""Addresses of the pages of needs, interventions and consultations."""

from __future__ import annotations

from django.urls import URLPattern, path

from interventions.views import consultations, coverage, interventions, need_lineage, needs

ONE = "programmes/<uuid:programme_uuid>/"
NEED = f"{ONE}needs/<uuid:need_uuid>/"
DONE = f"{ONE}interventions/<uuid:intervention_uuid>/"
HELD = f"{ONE}consultations/<uuid:consultation_uuid>/"

urlpatterns: list[URLPattern] = [
    path(f"{ONE}needs/", needs.needs, name="needs"),
    path(f"{ONE}needs/add/", needs.add, name="need-add"),
    path(f"{ONE}needs/begin/", needs.begin, name="needs-begin"),
    path(f"{ONE}needs/coverage/", coverage.covered, name="coverage"),
    path(f"{ONE}needs/sequence/", coverage.sequence, name="sequence"),
    path(NEED, needs.need, name="need"),
    path(f"{NEED}edit/", needs.edit, name="need-edit"),
    path(f"{NEED}move/", needs.move, name="need-move"),
    path(f"{NEED}rank/", needs.rank, name="need-rank"),
    path(f"{NEED}state/", needs.state, name="need-state"),
    path(f"{NEED}require/", needs.require, name="need-require"),
    path(f"{NEED}release/", needs.release, name="need-release"),
    path(f"{NEED}merge/", need_lineage.merge, name="need-merge"),
    path(f"{NEED}split/", need_lineage.split, name="need-split"),
    path(f"{ONE}interventions/", interventions.interventions, name="interventions"),
    path(f"{ONE}interventions/add/", interventions.add, name="intervention-add"),
    path(DONE, interventions.intervention, name="intervention"),
    path(f"{DONE}edit/", interventions.edit, name="intervention-edit"),
    path(f"{DONE}end/", interventions.end, name="intervention-end"),
    *(
        path(f"{DONE}{way}/", interventions.link, {"way": way}, name=f"intervention-{way}")
        for way in interventions.LINKS
    ),
    path(f"{ONE}consultations/", consultations.consultations, name="consultations"),
    path(f"{ONE}consultations/add/", consultations.record, name="consultation-add"),
    path(f"{ONE}sayings/<uuid:saying_uuid>/answer/", consultations.answer, name="saying-answer"),
    path(HELD, consultations.consultation, name="consultation"),
    path(f"{HELD}edit/", consultations.edit, name="consultation-edit"),
    path(f"{HELD}came/", consultations.attend, name="consultation-attend"),
    path(f"{HELD}needs/", consultations.raise_needs, name="consultation-raise"),
    path(f"{HELD}told/", consultations.tell_back, name="consultation-tell"),
    path(f"{HELD}said/", consultations.say, name="saying-add"),
]
