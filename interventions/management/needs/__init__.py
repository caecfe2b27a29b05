"""The steps of `handover need`: what is typed, and what is shown."""
