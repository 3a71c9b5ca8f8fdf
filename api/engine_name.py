"""`/engine-rest/engine/{name}/…` is `/engine-rest/…`: clients of Camunda may name an engine, and here is one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class EngineName:
    """A WSGI application around another one, whose routes are found without the name: compiling them once more would
    take a quarter of a second of every start."""

    def __init__(self, app: WSGIApplication, prefix: str) -> None:
        self._app = app
        self._prefix = prefix
        self._named = f"{prefix}/engine/"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if path.startswith(self._named):
            name, slash, rest = path.removeprefix(self._named).partition("/")
            if name and slash:
                environ["PATH_INFO"] = f"{self._prefix}/{rest}"
        return self._app(environ, start_response)
