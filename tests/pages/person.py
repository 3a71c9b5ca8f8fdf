"""Somebody at the pages without a browser: reads a page, fills in its forms, sends them as a browser would."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import lxml.html
from flask import Flask
from lxml.html import FormElement, HtmlElement
from werkzeug.test import TestResponse

from api.authentication import COOKIE
from engine import SYSTEM, ProcessEngine, open_session

MULTIPART = "multipart/form-data"


class Person:
    """One session. `open` and `send` give the page that the person ends on, and assert its status."""

    def __init__(self, app: Flask, user_id: str | None = None, *, language: str = "en") -> None:
        self.client = app.test_client()
        self.client.set_cookie("language", language)
        self.answer: TestResponse
        self.page: HtmlElement
        if user_id is not None:
            self.sign_in(user_id)

    def sign_in(self, user_id: str) -> None:
        """A session as the sign-in page opens it; that page has tests of its own, and hashes for half a second."""
        engine: ProcessEngine = self.client.application.extensions["onedoor"]
        with engine.command(SYSTEM) as context:
            self.client.set_cookie(COOKIE, open_session(context, user_id).secret)

    def open(self, path: str, status: int = 200) -> HtmlElement:
        return self._look(self.client.get(path, follow_redirects=True), status)

    def send(self, action: str, given: Mapping[str, Any] | None = None, *, status: int = 200) -> HtmlElement:
        """Sends the form of the page whose action ends so, with what it holds and what is given.

        None leaves a field out; a tuple (file name, bytes) is a file.
        """
        form = self.form(action)
        values: dict[str, Any] = {}
        for name, value in form.form_values():
            values.setdefault(name, []).append(value)
        for name, value in (given or {}).items():
            values.pop(name, None)
            if isinstance(value, tuple):
                values[name] = (io.BytesIO(value[1]), value[0])
            elif value is not None:
                values[name] = value
        sent_as = form.get("enctype")
        found = self.client.post(
            form.get("action"),
            data=values,
            follow_redirects=True,
            content_type=sent_as,
            headers={"Origin": "http://localhost"},
        )
        return self._look(found, status)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> TestResponse:
        """A bare request with the session's token."""
        return self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **more)

    def token(self) -> str:
        self.open("/")
        return str(self.page.xpath("//input[@name='csrf_token']/@value")[0])

    # ------------------------------------------------------------ what stands on the page

    def form(self, action: str) -> FormElement:
        found = [form for form in self.page.forms if (form.get("action") or "").endswith(action)]
        assert found, f"no form {action}: {[form.get('action') for form in self.page.forms]}"
        return found[0]

    def has_form(self, action: str) -> bool:
        return any((form.get("action") or "").endswith(action) for form in self.page.forms)

    def says(self, xpath: str = "//body") -> str:
        """The words of every element that fits, with single blanks between."""
        return " ".join(" ".join(" ".join(each.itertext()).split()) for each in self.page.xpath(xpath))

    def link(self, name: str, beginning: str) -> str:
        """The address behind the link of this name."""
        found = [
            str(a.get("href"))
            for a in self.page.iterfind(".//a")
            if " ".join(a.text_content().split()) == name and (a.get("href") or "").startswith(beginning)
        ]
        assert found, f"no link {name!r} on: {self.says('//main')}"
        return found[0]

    def _look(self, answer: TestResponse, status: int) -> HtmlElement:
        assert answer.status_code == status, f"{answer.status_code}: {answer.text[:2000]}"
        self.answer = answer
        self.page = lxml.html.document_fromstring(answer.text)
        return self.page

    # ------------------------------------------------------------ what people do

    def task(self, name: str) -> str:
        """The address of the open task of this name in the person's list."""
        self.open("/tasks?view=all")
        return self.link(name, "/tasks/")

    def claim(self, name: str) -> str:
        address = self.task(name)
        self.open(address)
        self.send(f"{address}/claim")
        return address

    def do(self, name: str, given: Mapping[str, Any] | None = None) -> None:
        """Takes the task if nobody has, fills in what is given and finishes it."""
        address = self.task(name)
        self.open(address)
        if self.has_form(f"{address}/claim"):
            self.send(f"{address}/claim")
            self.open(address)
        self.send(f"{address}/complete", given)

    def start(self, key: str, given: Mapping[str, Any] | None = None) -> str:
        """The address of the new journey."""
        self.open(f"/start/{key}")
        self.send(f"/start/{key}", given)
        return str(self.answer.request.path)
