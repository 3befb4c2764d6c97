# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""run.py BUILD: checks the simulator with programs that others wrote, each in its own environment below BUILD.

The simulator has Microsoft's names where the system allows it (names.py). Elsewhere clients get its addresses.

The command of each client prints its versions, then a line for each check that begins with `passed` or `FAILED`. The
run fails when a check failed, when a command ended badly, and when one checked nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from conformance import names
from graph_simulator import Simulator
from integration import credentials

HERE = Path(__file__).parent
PASSPHRASE = "only for these checks"


def tenant() -> dict[str, Any]:
    """The tenant of the clients; its first application has credentials of every kind."""
    loaded: dict[str, Any] = yaml.safe_load((HERE / "tenant.yml").read_text("utf-8"))
    loaded["apps"][0] |= {
        "certificates": [credentials.public_pem(credentials.own_certificate())],
        "federated": [credentials.federated_credential()],
    }
    return loaded


def write_credentials(folder: Path) -> None:
    """The application's credentials, as files that clients read."""
    key, certificate = credentials.rsa_key(), credentials.own_certificate()
    texts = {
        "key.pem": credentials.key_pem(key),
        "certificate.pem": credentials.public_pem(certificate),
        "app.pem": credentials.key_pem(key) + credentials.public_pem(certificate),
        "federated.jwt": credentials.federated_token(),
        "wrong-case.jwt": credentials.federated_token(sub=credentials.SUBJECT.upper()),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "app.pfx").write_bytes(credentials.pfx(key, certificate, PASSPHRASE))


def run_client(heading: str, command: list[str | Path], **more: str) -> tuple[int, int]:
    """Start a simulator and a client, and show its output. Returns how many checks passed, and how many failed."""
    print(f"== {heading}", flush=True)
    start = time.monotonic()
    given = tenant()
    app, identity = given["apps"]
    counts = {"passed": 0, "FAILED": 0}
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context((names.Named if names.inside() else Simulator)(given))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
        write_credentials(folder)
        trust = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), str(simulator.ca_file))
        addresses = {
            "GRAPH_URL": simulator.graph_url,
            "LOGIN_URL": simulator.login_url,
            "CONTROL_URL": simulator.control_url,
            "MACHINE_URL": simulator.identity_url,
            "MACHINE_HEADER": simulator.identity_header,
            "TENANT_ID": given["tenant_id"],
            "CLIENT_ID": app["client_id"],
            "CLIENT_SECRET": app["secrets"][0],
            "MACHINE_CLIENT_ID": identity["client_id"],
            "CREDENTIALS": str(folder),
            "PASSPHRASE": PASSPHRASE,
        }
        if names.inside():
            addresses["MICROSOFTS_NAMES"] = "1"
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
    if names.inside():
        names.settle()
    else:
        problem = names.enter([__file__, str(build)])
        print(f"The simulator cannot have Microsoft's names here, so clients get its addresses: {problem}\n")
    packages = build / "node-conformance"
    # Node finds packages only in the folder of the importing module.
    shutil.copy(HERE / "node_clients.mjs", packages)
    python = build / "venv-msgraph" / "bin" / "python"
    results = [
        run_client("Microsoft's Python SDK", [python, HERE / "msgraph_sdk.py"]),
        run_client("azure-identity for Python", [python, HERE / "azure_identity_sdk.py"]),
        run_client(
            "Microsoft's JavaScript client",
            ["node", HERE / "graph_client.cjs"],
            NODE_PATH=str(packages / "node_modules"),
        ),
        run_client("Microsoft's identity clients and TypeScript SDK", ["node", packages / "node_clients.mjs"]),
    ]
    left_out = ""
    if os.environ.get("GRAPH_OPENAPI"):
        schemathesis = build / "venv-schemathesis" / "bin" / "schemathesis"
        results.append(run_client("schemathesis", [sys.executable, HERE / "any_request.py", schemathesis]))
    else:
        left_out = " Left out: schemathesis, which needs a description of Graph, a file that GRAPH_OPENAPI names."
    passed, failed = (sum(counts) for counts in zip(*results, strict=True))
    print(f"{passed} checks by {len(results)} judges passed, {failed} failed.{left_out}")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
