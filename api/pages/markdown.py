"""Documentation of a model as people read it: light Markdown, and two locks before what it says reaches a page.

The renderer writes no HTML that stands in the text: it is shown as the letters that it is. nh3 then lets through the
few elements below, and addresses of the web and of mail alone, whatever the renderer let slip.
"""

from __future__ import annotations

from inspect import cleandoc

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

#: Not indented code: documentation stands indented in its file.
_RULES = ("list", "emphasis", "link", "autolink", "backticks", "escape", "entity", "newline")
_renderer = MarkdownIt("zero", {"html": False}).enable(list(_RULES))
_ELEMENTS = {"p", "br", "ul", "ol", "li", "strong", "em", "code", "a"}
_SCHEMES = {"http", "https", "mailto"}
_INSIDE = tuple(f"{scheme}:" for scheme in sorted(_SCHEMES))


def marked_up(text: str) -> Markup:
    """Paragraphs, lists, bold, emphasis, links. Other HTML that stands in it is shown as text."""
    return Markup(cleaned(_renderer.render(cleandoc(text))))  # noqa: S704 - cleaned by nh3


def words_alone(text: str) -> str:
    """The same without any markup, on one line: for where a link cannot stand, such as inside a link."""
    bare = nh3.clean(_renderer.render(cleandoc(text)), tags=set())
    return str(Markup(bare).unescape()).replace("\n", " ").strip()  # noqa: S704 - escaped again by the template


def cleaned(html: str) -> str:
    return nh3.clean(
        html,
        tags=_ELEMENTS,
        attributes={"a": {"href"}},
        attribute_filter=_kept,
        url_schemes=_SCHEMES,
        link_rel="noopener nofollow",
        strip_comments=True,
    )


def _kept(_element: str, attribute: str, value: str) -> str | None:
    """No relative address either: `//elsewhere` leads away, and a model knows no path of ours. `rel` is nh3's own."""
    return value if attribute == "rel" or value.lower().startswith(_INSIDE) else None
