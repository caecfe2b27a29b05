"""Pages of the years after a handover: what was promised, what is checked, what warns."""
