#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The bench: bearer.fcgi beside a bare libfcgi program and beside its peers, in one run on one machine.

    bench/run.py BUILD-DIRECTORY [--quick] [--only NAME[,NAME...]] [--out DIRECTORY]

`./dev bench` builds and installs what is needed and calls it. Results go to DIRECTORY/results.md and results.svg. Exits with 1 if an answer was
wrong or a part could not be measured, which the results say too; a goal that is missed is in the table, and no failure of the program."""
import argparse
import os
import sys
import tempfile
import traceback

import report
import sections
from setup import Setup


def measured(name, setup, quick):
    """The rows of a section. What goes wrong in it ends it, not the others."""
    try:
        yield from sections.ALL[name](setup, quick)
    except Exception as error:  # pylint: disable=broad-except
        traceback.print_exc()
        yield report.Row(name, "this part failed", str(error).splitlines()[0] if str(error) else repr(error), failed=True)


def main():
    """Runs the sections that were asked for."""
    parser = argparse.ArgumentParser(description="bearer.fcgi measured beside a bare libfcgi program and its peers")
    parser.add_argument("build", help="the build directory")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs: two minutes")
    parser.add_argument("--only", default="", help="names of sections: " + ", ".join(sections.ALL))
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)), help="where the results go")
    asked = parser.parse_args()
    names = [name for name in asked.only.split(",") if name] or list(sections.ALL)
    unknown = [name for name in names if name not in sections.ALL]
    if unknown:
        parser.error(f"no section {unknown[0]}; there are {', '.join(sections.ALL)}")
    with tempfile.TemporaryDirectory(prefix="fcgi-bearer-bench.") as root:
        setup = Setup(asked.build, root)
        rows = []
        try:
            for name in names:
                print(f"==> {sections.ALL[name].__doc__.splitlines()[0]}", flush=True)
                for row in measured(name, setup, asked.quick):
                    print("    " + row.line(), flush=True)
                    rows.append(row)
        finally:
            setup.stop()
    report.write(asked.out, rows, asked.quick)
    missed = [row for row in rows if row.met is False]
    failed = [row for row in rows if row.failed]
    print(f"==> {len(rows) - len(failed)} figures, {len(missed)} goals missed, {len(failed)} parts failed; written to {asked.out}/results.md")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
