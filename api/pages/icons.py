"""Our own line icons, drawn in the colour of the text around them."""

from __future__ import annotations

from markupsafe import Markup

_PATHS = {
    "door": '<path d="M5 21V4.6a1.6 1.6 0 0 1 1.2-1.5l7-1.9A1.6 1.6 0 0 1 15.200 2.700V21"/>'
    '<path d="M15 5h2.400A1.600 1.600 0 0 1 19 6.600V21M3 21h18"/><circle cx="11.800" cy="12.200" r=".6"/>',
    "search": '<circle cx="11" cy="11" r="6.500"/><path d="m20 20-4.200-4.200"/>',
    "theme": '<circle cx="12" cy="12" r="8.500"/><path d="M12 3.500v17a8.500 8.500 0 0 0 0-17Z" fill="currentColor"/>',
    "bell": '<path d="M6 16.500V11a6 6 0 1 1 12 0v5.500l1.500 2h-15l1.500-2ZM10 21h4"/>',
    "person": '<circle cx="12" cy="8" r="3.700"/><path d="M4.500 20.500a7.500 7.500 0 0 1 15 0"/>',
    "key": '<circle cx="8" cy="15.500" r="4.200"/><path d="m11.200 12.500 8-8M16 7.500l2.700 2.700"/>',
    "box": '<path d="m12 2.800 8.200 4.600v9.200L12 21.200l-8.200-4.600V7.400L12 2.800Z"/>'
    '<path d="m3.900 7.500 8.100 4.600 8.100-4.600M12 12.100v9"/>',
    "flow": '<rect x="3" y="8.500" width="6" height="7" rx="1.400"/>'
    '<rect x="15" y="8.500" width="6" height="7" rx="1.400"/>'
    '<path d="M9 12h6"/>',
    "check": '<path d="m4.500 12.500 5 5 10-11"/>',
    "late": '<circle cx="12" cy="12" r="8.500"/><path d="M12 7v5.500l3.500 2"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
}


def icon(name: str) -> Markup:
    """An SVG for decoration; the words beside it say the same."""
    paths = _PATHS.get(name, _PATHS["flow"])
    return Markup(  # noqa: S704  (our own constants)
        '<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.700" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{paths}</svg>'
    )
