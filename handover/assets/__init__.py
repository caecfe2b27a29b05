"""What pages are made of, built once: the stylesheet, its scripts, and the compiled catalogues."""
