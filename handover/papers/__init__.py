"""Papers as files: set as PDF, given signature fields, and read back when somebody brings one. It knows no rows."""
