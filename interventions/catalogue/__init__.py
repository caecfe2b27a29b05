"""The models that ship with the toolkit: one file a version, named by key and number."""
