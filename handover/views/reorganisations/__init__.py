"""Pages of reorganisations: what merges or splits, who states and signs what, and what came of it."""
