# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed, calls and memory beside the peers and beside what is wanted, in one run, on a simulated tenant over TLS.

`make bench` prints the page; `make bench ARGS="--write docs/performance.md"` writes it as well;
`make bench ARGS="--only NAME ..."` prints chosen sections. Contestants take turns, so that a machine that slows down
slows them all.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ansible.release import __version__ as ansible_core

from benchmark import calls, many_users, one_user, pace, readers, sizes, tenants

SECTIONS: dict[str, Callable[[Path], list[str]]] = {
    "one-user": one_user.section,
    "many-users": many_users.section,
    "readers": readers.section,
    "calls": calls.section,
    "sizes": sizes.section,
    "pace": pace.section,
    "tenants": tenants.section,
}
"""The page from top to bottom: each makes its lines, in a folder for its files. A plot that it leaves there goes beside
the page."""

LICENCE = Path(__file__).read_text(encoding="utf-8").splitlines()[:3]


def head() -> list[str]:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, ansible-core {ansible_core}"
    return [
        "<!--",
        *(line.removeprefix("# ") for line in LICENCE),
        "-->",
        "",
        "# Performance",
        "",
        "Made by `make bench ARGS='--write docs/performance.md'`, which runs all contestants in turn on one machine",
        f"({machine}, {time.strftime('%Y-%m-%d')}), against a simulated tenant over TLS.",
        "All sides use the same interpreter; plays have pipelining on, and no token is kept between tasks.",
        "Medians of rounds; the range of the rounds is in brackets. Compare ratios: the seconds are this machine's.",
        "What was wanted stands beside what was measured.",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, help="print these sections and no others")
    parser.add_argument("--write", type=Path, help="write the page, all of it, to this file of the repository too")
    options = parser.parse_args()
    if options.only and options.write:
        parser.error("a page has all sections: --write goes without --only")
    page = head()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        for section in options.only or SECTIONS:
            started = time.monotonic()
            page += ["", *SECTIONS[section](folder)]
            print(f"{section}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        text = "\n".join(page) + "\n"
        print(text)
        if options.write:
            # It runs in a copy of the repository, and the page is to stay.
            target = Path(os.environ["REPOSITORY"]) / options.write
            target.write_text(text, encoding="utf-8")
            for plot in folder.glob("*.svg"):
                shutil.copy(plot, target.parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
