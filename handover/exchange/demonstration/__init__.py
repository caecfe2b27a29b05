"""The demonstration: a programme written for this toolkit, from the field, that nobody can mistake for a real one."""
