"""What the commands on registers and budgets read from a command line, and how they show what they found."""
