"""What a browser may do with an answer. Pages are ours; whatever else we send may be somebody's file, which is shown
in a sandbox without scripts even where it calls itself a page."""

from __future__ import annotations

#: Nothing inline, nothing from elsewhere. bpmn-js draws its own cursors and markers as data: images.
PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EVERYTHING_ELSE = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
