"""SCIM 2.0 (RFC 7643, RFC 7644): an organisation's own directory keeps its people and groups here."""
