"""What is kept about a person: where it stands, how it is given out, how it is erased."""
