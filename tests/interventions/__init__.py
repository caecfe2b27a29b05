"""What is done, for which need, with whom."""
