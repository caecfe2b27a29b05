"""Pages of needs, interventions and consultations."""
