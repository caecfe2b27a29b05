"""Pages of a transfer: plan, milestones, signatures, execution, giving back."""
