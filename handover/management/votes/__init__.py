"""What `handover vote` reads and shows."""
