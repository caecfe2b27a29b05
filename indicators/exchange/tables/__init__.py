"""Values as tables that people and programs open: CSV, workbooks, data packages, templates, and what was refused."""
