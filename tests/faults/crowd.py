"""Processes that die and come back: a nursery forks workers, counts their deaths, wakes those that stopped, and
replaces the dead until every one has said that there is nothing left to do.

The nursery is a process of its own without threads and without connections, so that its children may be forked: a
worker is back within milliseconds of its death. It signals nobody but its own children.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from tests.faults.points import POINTS

ROOT = Path(__file__).resolve().parents[2]
#: Where what happens to workers is written down, a line each.
FATES = "fates"
#: A worker that ends with an error comes back so often.
MOST_FAILURES = 20


@dataclass(frozen=True)
class Life:
    """One life of one worker. `config` is what the test gave."""

    number: int
    count: int
    config: dict[str, Any]

    def dice(self) -> random.Random:
        return random.Random(f"{self.config.get('seed', 7)}/{self.number}/{self.count}")

    def reached(self) -> Callable[[str], None]:
        """To be told of every point that this life comes to. With the probability `config["deaths"]` it ends there,
        with `config["pauses"]` it stops until the nursery wakes it. Of the POINTS it is one at a time where that may
        happen, and the next one afterwards: so few are enough for all."""
        dice = self.dice()
        deaths, pauses = (float(self.config.get(each, 0.0)) for each in ("deaths", "pauses"))
        turn = self.number + self.count

        def reached(point: str) -> None:
            nonlocal turn
            if point in POINTS and point != POINTS[turn % len(POINTS)]:
                return
            fate = dice.random() / (len(POINTS) if point in POINTS else 1)
            if fate < deaths + pauses:
                with (Path(self.config["home"]) / FATES).open("a") as log:
                    log.write(f"{point}\n")
                turn += 1
                os.kill(os.getpid(), signal.SIGKILL if fate < deaths else signal.SIGSTOP)

        return reached


@dataclass(frozen=True)
class Story:
    """What became of a crowd. `points` counts deaths and pauses by where they happened."""

    kills: int
    pauses: int
    failures: int
    in_time: bool
    seconds: float
    points: Counter[str]


def play(work: str, home: Path, workers: int, limit_s: float, **config: Any) -> Story:
    """Lets so many workers run `work` ("module:function", called with a Life) until each has returned."""
    (home / FATES).unlink(missing_ok=True)
    order = {"work": work, "workers": workers, "limit_s": limit_s, "config": {**config, "home": str(home)}}
    with (home / "crowd.log").open("a") as log:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tests.faults.crowd"],
            input=json.dumps(order),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
            timeout=limit_s + 60,
            check=True,
        )
    points = Counter((home / FATES).read_text().split("\n")[:-1]) if (home / FATES).exists() else Counter()
    return Story(**json.loads(done.stdout), points=points)


# ---------------------------------------------------------------- the nursery


class Nursery:
    def __init__(self, work: Callable[[Life], None], workers: int, config: dict[str, Any]) -> None:
        self._work = work
        self._workers = workers
        self._config = config
        self._lives: Counter[int] = Counter()
        self._alive: dict[int, int] = {}
        self._wake_at: dict[int, float] = {}
        self.kills = self.pauses = self.failures = 0

    def run(self, limit_s: float) -> bool:
        """Whether all came to their end in time."""
        end = time.monotonic() + limit_s
        for number in range(self._workers):
            self._bear(number)
        try:
            while self._alive and time.monotonic() < end and self.failures < MOST_FAILURES:
                if not self._reap():
                    time.sleep(0.002)
                self._wake()
            return not self._alive
        finally:
            for pid in self._alive:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def _bear(self, number: int) -> None:
        life = Life(number, self._lives[number], self._config)
        self._lives[number] += 1
        pid = os.fork()
        if pid == 0:
            self._live(life)
        self._alive[pid] = number

    def _live(self, life: Life) -> NoReturn:
        try:
            self._work(life)
        except BaseException:  # the child must never return into the nursery
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)

    def _reap(self) -> bool:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            return False
        if os.WIFSTOPPED(status):
            self.pauses += 1
            self._wake_at[pid] = time.monotonic() + float(self._config["pause_s"])
            return True
        number = self._alive.pop(pid)
        self._wake_at.pop(pid, None)
        if os.WIFSIGNALED(status):
            self.kills += 1
        elif os.WEXITSTATUS(status) != 0:
            self.failures += 1
        else:
            return True
        self._bear(number)
        return True

    def _wake(self) -> None:
        now = time.monotonic()
        for pid in [each for each, moment in self._wake_at.items() if moment <= now]:
            del self._wake_at[pid]
            os.kill(pid, signal.SIGCONT)


def main() -> None:
    order = json.load(sys.stdin)
    module, _, function = order["work"].partition(":")
    work = getattr(importlib.import_module(module), function)
    nursery = Nursery(work, order["workers"], order["config"])
    began = time.monotonic()
    in_time = nursery.run(order["limit_s"])
    json.dump(
        {
            "kills": nursery.kills,
            "pauses": nursery.pauses,
            "failures": nursery.failures,
            "in_time": in_time,
            "seconds": time.monotonic() - began,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
