"""The kernel of the handover toolkit: who is responsible, what they may do, and how that moves."""
