"""How the layers meet: compile, decide each layer, combine, and settle what is unknown."""
