"""Administration: people, departments, and both as files. For administrators alone."""
