"""What telling an organisation's own address needs besides the database: events, signatures, addresses, sending."""
