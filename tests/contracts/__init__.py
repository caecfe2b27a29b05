"""What must hold of the whole house, whatever is built in its rooms."""
