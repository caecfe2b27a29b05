"""Code lists as data: a JSON file each, with its source and its mark; ``indicators.queries.codelists`` reads them."""
