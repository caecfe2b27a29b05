"""The steps of `handover intervention` and `handover service`."""
