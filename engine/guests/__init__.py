"""Guests: somebody without an account who comes into one journey by a link, sees where it stands and does their own
tasks in it."""
