"""People and departments as tables of text: written out, and read back whole or not at all."""
