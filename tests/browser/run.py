# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""run.py BUILD [--screenshots FOLDER]: opens HTML reports in Chromium and checks what only a browser can check.

Prints a line for each check that begins with `passed` or `FAILED`. With --screenshots it also writes the pictures of
the documentation.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ansible_collections.frontline.entra.plugins.module_utils._results._html._page import page
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils._results._html import documents

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
EARLIER = "2026-11-19T18:00:00Z"
HOSTILE = "\"><script>alert(1)</script>&' \u05d3\u05d5\u05d3@contoso.example"


def pages() -> dict[str, str]:
    """The pages to look at, by name."""
    hostile = [documents.refused(number, HOSTILE, user=HOSTILE, state=HOSTILE, msg=HOSTILE) for number in range(3)]
    tenants = [documents.large_run(200 * number, tenant=f"tenant{number}.example") for number in range(1, 9)]
    tenants += [documents.large_run(20, tenant="tenant1.example", time=EARLIER), documents.large_audit(300)]
    sources = {
        "3": ([documents.run(documents.user(1), documents.unchanged(2), documents.refused(3), check_mode=True)], []),
        "300": ([documents.large_run(300)], [documents.large_run(280, check_mode=True, time=EARLIER)]),
        "30000": ([documents.large_run(30_000)], []),
        "audit": ([documents.large_audit(300)], [documents.large_audit(250, time=EARLIER)]),
        "hostile": ([documents.run(*hostile, tenant=HOSTILE)], []),
        "tenants": (tenants, []),
    }
    return {
        name: page(*([documents.report(document) for document in given] for given in both)).text
        for name, both in sources.items()
    }


def main(build: Path, *options: str) -> None:
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        sys.exit("Chromium is needed and was not found; please install it, or set CHROMIUM to its path.")
    screenshots = options[1] if options[:1] == ("--screenshots",) else ""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in pages().items():
            (Path(folder) / f"{name}.html").write_text(text, encoding="utf-8")
        settings = {"browser": browser, "folder": folder, "screenshots": screenshots}
        done = subprocess.run(
            ["node", HERE / "report.cjs", json.dumps(settings)],
            env={**os.environ, "NODE_PATH": str(build / "node-browser" / "node_modules")},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    print(done.stdout, end="")
    lines = [line.partition(" ")[0] for line in done.stdout.splitlines()]
    print(f"{lines.count('passed')} passed, {lines.count('FAILED')} failed.")
    sys.exit(1 if done.returncode or "FAILED" in lines or "passed" not in lines else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
