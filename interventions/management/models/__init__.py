"""What `handover model` shows."""
