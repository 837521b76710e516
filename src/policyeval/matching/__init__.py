"""Does one statement speak about this request? Pure functions, three-valued answers."""
