"""What a model says to people is shown as light Markdown, and never as something that acts."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from flask import Flask
from markdown_it import MarkdownIt

from api.pages.markdown import cleaned, marked_up, words_alone
from engine import SYSTEM, ProcessEngine, TaskQuery, deploy_resources, find_tasks, start_instance
from tests.faults.routes import XSS
from tests.pages.person import Person

#: What a renderer lets through that a page must not: addresses that lead elsewhere or act.
ADDRESSES = ("[x](//elsewhere.example)", "[x](ftp://elsewhere.example)", "[x](/sign-out)", "<steam://run/1>")
HARMLESS = {"p", "br", "ul", "ol", "li", "strong", "em", "code", "a"}


class _Acts(HTMLParser):
    """Whether a browser would find something in it that a text must not have."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            href = name == "href" and (value or "").startswith(("http:", "https:", "mailto:"))
            self.found |= not (href or (name == "rel" and value == "noopener nofollow"))
        self.found |= tag not in HARMLESS

    def handle_comment(self, data: str) -> None:
        self.found = True


@pytest.mark.parametrize("text", [*XSS, *ADDRESSES, *(f"- **{each}**" for each in XSS)])
def test_no_text_of_a_model_acts_on_a_page(text: str) -> None:
    assert not _Acts(marked_up(text)).found


def test_the_cleaner_alone_holds_where_a_renderer_lets_everything_through() -> None:
    careless = MarkdownIt("commonmark", {"html": True})
    careless.validateLink = lambda url: True  # type: ignore[method-assign]  # the library's own hook for it
    texts = [*(f"text\n{each}" for each in XSS), *ADDRESSES, "[x](javascript:alert(1))"]
    rendered = [careless.render(each) for each in texts]
    # Two do not act by themselves: quotes alone, which need an attribute around them, and a comment that never ends.
    alone = [text for text, html in zip(texts, rendered, strict=True) if not _Acts(html).found]
    assert alone == ["text\n' autofocus onfocus='alert(1)", "text\n<!--<script>"]
    assert not any(_Acts(cleaned(each)).found for each in rendered)


def test_paragraphs_lists_bold_and_links_are_shown() -> None:
    shown = marked_up(
        """Order it **today**.

            Then:
            - ask *Anna*
            - write to [us](mailto:it@example.org) or [read](https://example.org/a?b=1&c=2)"""
    )
    assert shown == (
        "<p>Order it <strong>today</strong>.</p>\n<p>Then:</p>\n<ul>\n<li>ask <em>Anna</em></li>\n"
        '<li>write to <a href="mailto:it@example.org" rel="noopener nofollow">us</a> or '
        '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener nofollow">read</a></li>\n</ul>\n'
    )


def test_inside_a_link_the_words_stand_alone() -> None:
    assert words_alone("Ask **us** & [them](https://example.org) if a < b") == "Ask us & them if a < b"


GUIDED = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
  <process id="guided" name="Guided" isExecutable="true" camunda:historyTimeToLive="30">
    <documentation>For **everybody**, see [the page](https://example.org).</documentation>
    <startEvent id="begin"/><sequenceFlow id="f1" sourceRef="begin" targetRef="look"/>
    <userTask id="look" name="Look" camunda:assignee="admin">
      <documentation>Look **twice** at &lt;script&gt;alert(1)&lt;/script&gt;</documentation></userTask>
    <sequenceFlow id="f2" sourceRef="look" targetRef="end"/><endEvent id="end"/>
  </process>
</definitions>"""


def test_the_pages_show_it(app: Flask, engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        deploy_resources(context, "guided", [("guided.bpmn", GUIDED.encode())])
        instance = start_instance(context, key="guided", variables={})
    with engine.query(SYSTEM) as context:
        task = next(iter(find_tasks(context, TaskQuery(root_instance_id=instance.id))))
    admin = Person(app, "admin")
    shown = admin.client.get(f"/tasks/{task.id}").text
    assert "<p>Look <strong>twice</strong> at &lt;script&gt;alert(1)&lt;/script&gt;</p>" in shown
    link = '<a href="https://example.org" rel="noopener nofollow">the page</a>'
    assert link in admin.client.get("/flows/guided").text
    assert link in admin.client.get("/start/guided").text
    listed = admin.client.get("/start").text
    assert "<p>For everybody, see the page.</p>" in listed
    assert link not in listed
