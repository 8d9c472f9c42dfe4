"""How the shipped reader weights were made; nothing here is imported at run time."""
