"""REST resources of needs, interventions, consultations, records of the work, and models."""
