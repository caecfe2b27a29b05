"""The steps of `handover submission`: what goes in, and what is decided."""
