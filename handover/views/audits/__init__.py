"""The room of audits: which there are, what they asked, drew and found, and checklists to print."""
