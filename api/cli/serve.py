"""`onedoor serve`: the server."""

from __future__ import annotations

import contextlib
import gc
import ipaddress
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from api.app import create_app
from api.cli.gunicorn_logs import ACCESS, GunicornLogger
from api.cli.home import settings
from api.cli.loading import loaded
from api.demo import seed_flows, seed_people
from api.oidc.settings import read_oidc
from engine import SYSTEM, ProcessEngine, Settings, make_set_up_link, prepare, read_secret, require_unheld, upgrade

#: Threads of the one server process; each open event stream or parked request holds one.
THREADS = 32
SHORTEST_SECRET = 32
MOST_PROXIES = 10


@click.command()
@click.option("--demo", is_flag=True, help="With demo people (password: demo) and flows. Loopback only.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), envvar="ONEDOOR_PORT", default=8080, show_default=True)
@click.option(
    "--test-clock",
    is_flag=True,
    help="An empty engine in a scratch database with demo people, whose clock stands still until "
    "PUT /api/v1/test-clock moves it. Loopback only.",
)
@click.option("--no-jobs", is_flag=True, help="Leave timers and other jobs to `onedoor worker`. PostgreSQL only.")
def serve(demo: bool, host: str, port: int, test_clock: bool, no_jobs: bool) -> None:
    """Serve Onedoor until it is told to stop.

    The data lies in ONEDOOR_HOME, or in the PostgreSQL that ONEDOOR_DATABASE_URL names, which any number of servers may
    share. An empty database is set up first; one of an older release is refused until `onedoor db upgrade`. With --demo
    it is brought up to date. With ONEDOOR_SCIM_TOKEN the company's directory may keep people up to date at /scim/v2,
    with ONEDOOR_OIDC_ISSUER people sign in at the company's identity provider. A house without an administrator prints
    a link that makes the first one.
    """
    if (demo or test_clock) and not _is_loopback(host):
        raise click.UsageError(
            f"The demo people all have the password `demo`, so this listens on loopback only, not on {host}. "
            "Leave out --host, or serve without --demo and add people with `onedoor user add`."
        )
    if test_clock:
        with tempfile.TemporaryDirectory(prefix="onedoor-test-clock-") as scratch:
            chosen = Settings(database_url=f"sqlite:///{scratch}/onedoor.db", home=Path(scratch), test_clock=True)
            _run(chosen, host, port, people=True, flows=False, jobs=False)
    else:
        chosen = settings()
        if no_jobs and not chosen.is_shared:
            raise click.UsageError("--no-jobs would leave timers to nobody: a SQLite file has no workers.")
        _run(chosen, host, port, people=demo, flows=demo, jobs=not no_jobs)


def _require_free(host: str, port: int) -> None:
    """Better one sentence now than gunicorn's five tries to bind."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Cannot listen on {_bracketed(host)}:{port}: {error.strerror}. "
                "Choose another port with --port or ONEDOOR_PORT."
            ) from None


def _run(chosen: Settings, host: str, port: int, *, people: bool, flows: bool, jobs: bool) -> None:
    scim_token, oidc, proxies = _scim_token(), read_oidc(os.environ), _trusted_proxies()
    require_unheld(chosen.database_url)
    _require_free(host, port)
    if people:
        upgrade(chosen.database_url)
    else:
        prepare(chosen.database_url)

    closing = contextlib.ExitStack()

    def load() -> Flask:
        # In the worker: threads and database connections do not survive the fork.
        engine = ProcessEngine(chosen)
        closing.callback(engine.close)
        engine.hold_database()
        if people:
            seed_people(engine)
        if flows:
            seed_flows(engine)
        if jobs:
            engine.start_waker()
        if not people:
            _tell_how_to_begin(engine, f"http://{_bracketed(host)}:{port}")
        gc.disable()
        app = create_app(engine, demo=people, scim_token=scim_token, oidc=oidc, trusted_proxies=proxies)
        loaded()
        return app

    click.echo(f"Onedoor {'(demo) ' if people else ''}on http://{_bracketed(host)}:{port}", err=True)
    GunicornServer(load, f"{_bracketed(host)}:{port}", closing.close).run()


def _scim_token() -> str | None:
    """The secret of the company's directory; SCIM is off without one."""
    token = read_secret(os.environ, "ONEDOOR_SCIM_TOKEN")
    if token is not None and len(token) < SHORTEST_SECRET:
        raise click.ClickException(
            f"ONEDOOR_SCIM_TOKEN has {len(token)} characters; whoever guesses it changes everybody's account. "
            f"Take at least {SHORTEST_SECRET} random ones, such as `openssl rand -hex 32` gives."
        )
    return token


def _trusted_proxies() -> int:
    """How many proxies stand before us and add to X-Forwarded-For; nobody else's is believed."""
    said = os.environ.get("ONEDOOR_TRUSTED_PROXIES") or "0"
    if not said.isdecimal() or int(said) > MOST_PROXIES:
        raise click.ClickException(
            f"ONEDOOR_TRUSTED_PROXIES is {said!r}: write how many proxies requests pass before they come here, "
            f"0 to {MOST_PROXIES}."
        )
    return int(said)


def _tell_how_to_begin(engine: ProcessEngine, address: str) -> None:
    """A house without an administrator: whoever reads this makes one."""
    with engine.command(SYSTEM) as context:
        secret = make_set_up_link(context)
    if secret is not None:
        begin = engine.settings.outgoing.public_url or address
        click.echo(
            f"Nobody is an administrator yet. Make the first one here, once, within a day:\n  {begin}/set-up/{secret}\n"
            "or with `onedoor user create-admin`.",
            err=True,
        )


class GunicornServer(BaseApplication):
    """gunicorn with one process and many threads: the embedded database has one writer."""

    def __init__(self, load: Callable[[], Flask], bind: str, stop: Callable[[], None] = lambda: None) -> None:
        self._load = load
        self._bind = bind
        self._stop = stop
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": ThreadWorker,
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": 5,
            "keepalive": 15,
            "loglevel": "warning",
            "accesslog": os.environ.get("ONEDOOR_ACCESS_LOG"),
            "access_log_format": ACCESS,
            "logger_class": GunicornLogger,
            "control_socket_disable": True,
            # Who stands before us says so in ONEDOOR_TRUSTED_PROXIES, and api.app reads what they add. gunicorn would
            # take SCRIPT_NAME, PATH_INFO and X-Forwarded-Proto of whoever connects from this machine, which behind a
            # proxy is everybody.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "proxy_protocol": "off",
            "worker_exit": lambda server, worker: self._stop(),
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._load()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
