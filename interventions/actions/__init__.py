"""Every write of this app: a module is a noun, a function a verb."""
