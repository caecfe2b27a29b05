"""Pages of people: what waits for them, their account, their organisation and who may do what."""
