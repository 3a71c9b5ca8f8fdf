"""Secrets that are given out once and kept as their SHA-256. They are random, so a slow hash would protect nothing."""

from __future__ import annotations

import secrets
from hashlib import sha256


def new_secret() -> str:
    """256 random bits, fit for a cookie or a link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
