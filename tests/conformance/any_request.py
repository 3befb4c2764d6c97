# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""any_request.py SCHEMATHESIS: schemathesis against the simulator, as an application, as a user and without sign-in.

Run by run.py, with Microsoft's description of Graph in $GRAPH_OPENAPI. Prints a line per operation, `passed` or
`FAILED` and what was checked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import requests

from contract import metadata
from surface import login, surface

GRAPH, LOGIN, CONTROL = os.environ["GRAPH_URL"], os.environ["LOGIN_URL"], os.environ["CONTROL_URL"]
APP = {"client_id": os.environ["CLIENT_ID"]}
ADMINISTRATOR = {
    "user": "anna@contoso.example",
    "scopes": ["UserAuthenticationMethod.ReadWrite.All", "Group.Read.All", "User.ReadBasic.All", "Policy.Read.All"],
    "entra_roles": ["Authentication Administrator"],
}
METHODS = [
    "3179e48a-750b-4051-897c-87b9720928f7",
    "b6332ec1-7057-4abe-9331-3d72feddfe41",
    "e37fc753-ff3b-4958-9484-eaa9425c82bc",
]
USERS = [f"{name}@contoso.example" for name in ("anna", "bob", "twin", "carl", "guest_x.example#EXT#")]
# Per operation; enough to reach each branch of its handler, and few enough for half a minute in all.
EXAMPLES = 40
# No server error is a documented answer but 501, so that the first of these finds all others.
CHECKS = "status_code_conformance,content_type_conformance,response_schema_conformance"


def control(method: str, path: str, body: Any = None) -> Any:
    answer = requests.request(method, f"{CONTROL}{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()


def operations(schemathesis: str, document: Any, url: str, token: str | None) -> Iterator[tuple[str, str]]:
    """Each operation of the document with what schemathesis found wrong with it, "" for nothing."""
    with tempfile.TemporaryDirectory() as folder:
        file, report = Path(folder, "openapi.json"), Path(folder, "report.xml")
        file.write_text(json.dumps(document), "utf-8")
        command = [schemathesis, "run", file, "--url", url, "--checks", CHECKS, "--phases", "coverage,fuzzing"]
        command += ["--max-examples", str(EXAMPLES), "--seed", "1", "--suppress-health-check", "all"]
        command += ["--warnings", "off", "--report", "junit", "--report-junit-path", report]
        command += ["--tls-verify", os.environ["SSL_CERT_FILE"]]
        command += ["--header", f"Authorization: Bearer {token}"] if token else []
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        run = subprocess.run(command, cwd=folder, check=False, **output)
        if not report.exists():
            sys.exit(run.stdout)
        for case in ElementTree.parse(report).iter("testcase"):
            found = [one.text or one.tag for one in case if one.tag in ("failure", "error")]
            yield case.get("name", ""), " ".join(" ".join(found).split())[:600]


def main(schemathesis: str) -> int:
    print(subprocess.run([schemathesis, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip())
    token = control("POST", "/token", APP)["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    groups = requests.get(f"{GRAPH}/v1.0/groups", headers=headers, timeout=10).json()["value"]
    keys = {
        "users": USERS,
        "groups": [group["id"] for group in groups],
        "phoneMethods": METHODS,
        "userRegistrationDetails": [control("GET", f"/users/{name}")["id"] for name in USERS[:2]],
        "authenticationMethodConfigurations": ["sms"],
    }
    document = metadata()
    if document is None:
        sys.exit("GRAPH_OPENAPI names no description of Graph.")
    graph = surface(document, keys)
    failed = 0
    for who, described, url, bearer in (
        ("an application", graph, f"{GRAPH}/v1.0", token),
        ("a user", graph, f"{GRAPH}/v1.0", control("POST", "/token", ADMINISTRATOR)["access_token"]),
        ("no user", login(os.environ["TENANT_ID"], APP["client_id"]), LOGIN, None),
    ):
        control("POST", "/reset")
        for name, wrong in operations(schemathesis, described, url, bearer):
            failed += bool(wrong)
            print(f"FAILED {name} by {who}: {wrong}" if wrong else f"passed {name} by {who}", flush=True)
        # Schemathesis does not look into batches; the journal does.
        entries = control("GET", "/journal")
        items = [entry for entry in entries if entry["kind"] == "item"]
        faults = [entry for entry in entries if entry["status"] >= 500 and entry["status"] != 501]
        broken = [f"{entry['method']} {entry['path']}" for entry in faults]
        failed += bool(broken)
        asked = f"{len(entries) - len(items)} requests and {len(items)} items of batches by {who}"
        summary = f"{asked}: none breaks the simulator"
        print(f"FAILED {summary}: {broken[0]}" if broken else f"passed {summary}", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
