"""The web: REST, pages, sign-in, and the command line. Parses, calls one engine verb, maps errors; no SQL, no executor.

Nothing imports this package. Its front is the command `onedoor`, which is `api.cli:main`.
"""

__all__: list[str] = []
