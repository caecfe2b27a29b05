"""The steps of `handover readiness`, by what they do: looking, scoring, planning."""
