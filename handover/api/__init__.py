"""The REST interface: the bases that every app's resources build on, and the kernel's own resources."""
