"""People: who they are, where they belong, what they may do, and who stands in for whom."""
