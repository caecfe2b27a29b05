"""What tests are built from. Everything is made by the actions that make it in life."""
