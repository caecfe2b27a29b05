"""What the commands of records share: reading what was typed, telling what is there."""
