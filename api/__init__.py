"""The web: REST, pages, sign-in, and the command line. Parses, calls one engine verb, maps errors; no SQL, no executor."""

from api.app import create_app

__all__ = ["create_app"]
