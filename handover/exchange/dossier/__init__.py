"""A dossier: a programme as a bag (RFC 8493) that anybody can check without the toolkit, and load where it goes."""
