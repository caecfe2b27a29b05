"""Pages, and the bases that the other apps' pages build on."""
