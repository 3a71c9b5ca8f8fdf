"""`make faults`: every fault at full size, a line each. Exit status 1 if one fails.

python -m tests.faults [--short] [NUMBER...]
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.finding import Finding, Stage
from tests.faults.postgres import running
from tests.faults.suite import SUITE


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="at the size of `make test`")
    parser.add_argument("numbers", nargs="*", type=int, help="only these")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what fails here fails on purpose
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="onedoor-faults-") as scratch, running() as server:
        for number, (name, fault) in SUITE.items():
            if chosen.numbers and number not in chosen.numbers:
                continue
            home = Path(scratch) / str(number)
            home.mkdir()
            began = time.monotonic()
            finding = fault(Stage(home, server.address, full=not chosen.short))
            findings.append(finding)
            tell(f"{number:>2} {name}: {finding} ({time.monotonic() - began:.0f} s)")
    tell(f"lost {sum(each.lost for each in findings)}, duplicated {sum(each.duplicated for each in findings)}")
    return 0 if all(each.ok for each in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
