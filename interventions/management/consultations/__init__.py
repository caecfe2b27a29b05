"""What `handover consultation` reads and shows."""
