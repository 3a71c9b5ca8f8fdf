"""Identity providers for tests: a certified one in Node, and one that forges what it is told to."""
