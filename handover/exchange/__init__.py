"""Documents that come in and go out: whole programmes, and the demonstration."""
