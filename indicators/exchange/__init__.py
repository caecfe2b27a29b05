"""How indicators come in and go out."""
