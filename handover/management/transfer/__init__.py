"""The steps of `handover transfer`, by what they do: looking, planning, signing."""
