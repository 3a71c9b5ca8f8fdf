"""`make bench`: every benchmark, one after another, in one run on this machine."""

from __future__ import annotations

from benchmarks import completion, execution, growth, reading, serving, starting, timers


def main() -> None:
    for each in (reading, execution, completion, starting, growth, timers, serving):
        each.main()
        print(flush=True)


if __name__ == "__main__":
    main()
