"""Pages that the weeks need: what blocks, what it costs, what is held, what stands out."""
