"""The commands of the kernel."""
