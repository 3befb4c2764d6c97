# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""run.py BUILD: has the simulator judged by programs that others wrote, each in its own environment below BUILD.

A judge's command prints its versions, then a line for each thing checked that begins with `passed` or `FAILED`. The run
fails when something failed, when a command ended badly, and when one checked nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import yaml

from graph_simulator import Simulator

HERE = Path(__file__).parent


def judged(heading: str, command: list[str | Path], **more: str) -> tuple[int, int]:
    """Start a simulator and a judge of it, and show what it says: how many checks passed, and how many failed."""
    print(f"== {heading}", flush=True)
    start = time.monotonic()
    tenant = yaml.safe_load((HERE / "tenant.yml").read_text("utf-8"))
    (app,) = tenant["apps"]
    counts = {"passed": 0, "FAILED": 0}
    with Simulator(tenant) as simulator:
        trust = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), str(simulator.ca_file))
        addresses = {
            "GRAPH_URL": simulator.graph_url,
            "LOGIN_URL": simulator.login_url,
            "CONTROL_URL": simulator.control_url,
            "TENANT_ID": tenant["tenant_id"],
            "CLIENT_ID": app["client_id"],
            "CLIENT_SECRET": app["secrets"][0],
        }
        environment = {**os.environ, **trust, **addresses, **more}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, encoding="utf-8") as process:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                if (word := line.partition(" ")[0]) in counts:
                    counts[word] += 1
    if not counts["FAILED"] and (process.returncode or not counts["passed"]):
        print(f"FAILED to the end: exit status {process.returncode} after {counts['passed']} checks")
        counts["FAILED"] = 1
    print(f"{counts['passed']} passed, {counts['FAILED']} failed, {time.monotonic() - start:.0f} s\n", flush=True)
    return counts["passed"], counts["FAILED"]


def main(build: Path) -> None:
    packages = build / "node-conformance" / "node_modules"
    results = [
        judged("Microsoft's Python SDK", [build / "venv-msgraph" / "bin" / "python", HERE / "msgraph_sdk.py"]),
        judged("Microsoft's JavaScript client", ["node", HERE / "graph_client.cjs"], NODE_PATH=str(packages)),
    ]
    left_out = ""
    if os.environ.get("GRAPH_OPENAPI"):
        schemathesis = build / "venv-schemathesis" / "bin" / "schemathesis"
        results.append(judged("schemathesis", [sys.executable, HERE / "any_request.py", schemathesis]))
    else:
        left_out = " Left out: schemathesis, which needs a description of Graph, a file that GRAPH_OPENAPI names."
    passed, failed = (sum(counts) for counts in zip(*results, strict=True))
    print(f"{passed} checks by {len(results)} judges passed, {failed} failed.{left_out}")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
