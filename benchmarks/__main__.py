"""`make bench`: every benchmark, one after another, in one run on this machine."""

from __future__ import annotations

from benchmarks import completion, execution, reading, serving


def main() -> None:
    reading.main()
    print()
    execution.main()
    print()
    completion.main()
    print()
    serving.main()


if __name__ == "__main__":
    main()
