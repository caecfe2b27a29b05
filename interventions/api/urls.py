"""Addresses of the resources of interventions."""

from __future__ import annotations

from handover.api.addresses import Addresses
from interventions.api.adoptions import Adoptions
from interventions.api.commitments import Commitments
from interventions.api.consultations import Consultations
from interventions.api.deliveries import Deliveries
from interventions.api.intervention_partners import InterventionPartners
from interventions.api.interventions import Interventions
from interventions.api.models import Models
from interventions.api.need_levels import NeedLevels
from interventions.api.needs import Needs
from interventions.api.rankings import Rankings
from interventions.api.records import RESOURCES
from interventions.api.sayings import Sayings
from interventions.api.services import Services
from interventions.api.target_groups import TargetGroups
from interventions.api.volunteering import VolunteeringCounts

addresses = Addresses()
addresses.register("needs", Needs, basename="needs")
addresses.register("need-levels", NeedLevels, basename="need-levels")
addresses.register("rankings", Rankings, basename="rankings")
addresses.register("consultations", Consultations, basename="consultations")
addresses.register("sayings", Sayings, basename="sayings")
addresses.register("interventions", Interventions, basename="interventions")
addresses.register("target-groups", TargetGroups, basename="target-groups")
addresses.register("intervention-partners", InterventionPartners, basename="intervention-partners")
addresses.register("services", Services, basename="services")
addresses.register("deliveries", Deliveries, basename="deliveries")
addresses.register("volunteering", VolunteeringCounts, basename="volunteering")
addresses.register("commitments", Commitments, basename="commitments")
addresses.register("models", Models, basename="models")
addresses.register("adoptions", Adoptions, basename="adoptions")
for name, resource in RESOURCES.items():
    addresses.register(f"records/{name}", resource, basename=f"records-{name}")

urlpatterns = addresses.urls
