# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real AWX on this machine, and its API."""

from __future__ import annotations

import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

import requests

OLDER, NEWEST = "2.18", "2.21"
IMAGES = {OLDER: "localhost/awx-lab-ee:latest", NEWEST: "localhost/awx-lab-ee:core-2.21"}
"""Execution environments by version of ansible-core. The lab makes the first when it is set up."""

SECOND = {"EE_TAG": IMAGES[NEWEST], "EE_CORE": "ansible-core==2.21.*", "EE_SUITE": "trixie", "EE_PIP": "requests msal"}
MOUNTED = "/srv/sms-sign-in"
"""The folder for reports that jobs see."""

ENDED = ("successful", "failed", "error", "canceled")


class Lab:
    """The folder of tools that builds and starts AWX, and what it built."""

    def __init__(self, tools: Path, source: str, root: Path) -> None:
        self.root, self.tools = root, tools
        self.reports = root / "reports"
        self._given = {
            **os.environ,
            "AWX_LAB_ROOT": str(root),
            "AWX_SRC_GIT": source,
            "AWX_LAB_SHOW_PATHS": f"{self.reports}:{MOUNTED}:rw",
        }
        self.variables = self._read_variables()

    def _read_variables(self) -> dict[str, str]:
        """What the lab's env.sh sets: the address of AWX, its account, the place of its collection."""
        told = subprocess.run(
            ["bash", "-c", f". {self.tools}/env.sh && env -0"], env=self._given, stdout=subprocess.PIPE, check=True
        )
        pairs = (pair.partition(b"=") for pair in told.stdout.split(b"\0") if pair)
        return {os.fsdecode(name): os.fsdecode(value) for name, _sign, value in pairs}

    def script(self, name: str, **more: str) -> None:
        subprocess.run(["bash", self.tools / name], env={**self._given, **more}, check=True, stdout=sys.stderr)

    def start(self) -> None:
        """Build what is missing, and start AWX with the mounted folder."""
        self.reports.mkdir(parents=True, exist_ok=True)
        # A job's user in the container is root, which is the user that started the container.
        if not (self.root / "runner-new").exists():
            self.script("setup.sh")
        exists = ["podman", "image", "exists", IMAGES[NEWEST]]
        if subprocess.run(exists, env=self.variables, check=False).returncode:
            self.script("build-ee.sh", **SECOND)
        self.script("down.sh")
        self.script("up.sh")

    def ansible(self, core: str) -> str:
        """ansible-playbook: the one of the lab, or the one of this environment."""
        return str(self.root / "avenv" / "bin" / "ansible-playbook") if core == OLDER else "ansible-playbook"

    def publish(self, folder: Path, name: str) -> str:
        """Make a bare repository that AWX can clone of a folder's commits; its address."""
        repository = self.root / "repos" / name
        shutil.rmtree(repository, ignore_errors=True)
        subprocess.run(["git", "clone", "--quiet", "--bare", folder, repository], check=True)
        return f"git://127.0.0.1:{self.variables.get('AWX_LAB_GITPORT', '9419')}/{name}"


class Awx:
    """The API of AWX."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._host = variables["CONTROLLER_HOST"]
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (variables["CONTROLLER_USERNAME"], variables["CONTROLLER_PASSWORD"])
        # Its modules make a token for each task if they have none.
        self.token: str = self.create("tokens", scope="write")["token"]

    def _url(self, path: str) -> str:
        return self._host + (path if path.startswith("/") else f"/api/v2/{path}")

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self._session.get(self._url(path), params=query, timeout=60)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page: str | None = path
        while page:
            answer = self.get(page, **({"page_size": 200, **query} if page == path else {}))
            found += answer["results"]
            page = answer["next"]
        return found

    def send(self, method: str, path: str, **data: Any) -> requests.Response:
        return self._session.request(method, self._url(path), json=data, timeout=60)

    def one(self, kind: str, name: str) -> dict[str, Any]:
        (found,) = self.all(f"{kind}/", name=name)
        return found

    def create(self, kind: str, **data: Any) -> dict[str, Any]:
        answer = self.send("POST", f"{kind}/", **data)
        if answer.status_code >= 400:
            raise RuntimeError(f"{kind}: {answer.status_code} {answer.text}")
        made: dict[str, Any] = answer.json()
        return made

    def launch(self, name: str, **data: Any) -> requests.Response:
        return self.send("POST", self.one("unified_job_templates", name)["url"] + "launch/", **data)

    def wait(self, job: dict[str, Any], seconds: float = 900) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            now = self.get(job["url"])
            if now["status"] in ENDED and now.get("event_processing_finished", True):
                return now
            time.sleep(1)
        raise TimeoutError(f"{job['url']} is {now['status']} after {seconds} s")

    def run(self, name: str, seconds: float = 900, **data: Any) -> dict[str, Any]:
        """Launch a template and wait for its end."""
        answer = self.launch(name, **data)
        if answer.status_code >= 400:
            raise RuntimeError(f"{name}: {answer.status_code} {answer.text}")
        return self.wait(answer.json(), seconds)

    def output(self, job: dict[str, Any]) -> str:
        url = self._url(job["related"]["stdout"])
        return self._session.get(url, params={"format": "txt_download"}, timeout=60).text

    def nodes(self, workflow: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The jobs of a workflow by node; a node without a job is left out."""
        nodes = self.all(workflow["related"]["workflow_nodes"])
        return {node["identifier"]: self.get(node["related"]["job"]) for node in nodes if "job" in node["related"]}

    def approval(self, workflow: dict[str, Any], seconds: float = 600) -> dict[str, Any]:
        """Wait until the workflow waits for its approval."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            job = self.nodes(workflow).get("approval")
            if job and job["status"] == "pending":
                return job
            if self.get(workflow["url"])["status"] in ENDED:
                break
            time.sleep(1)
        raise TimeoutError(f"{workflow['url']} does not wait for an approval")

    def approve(self, approval: dict[str, Any]) -> None:
        self.send("POST", approval["url"] + "approve/").raise_for_status()


class Webhook(http.server.ThreadingHTTPServer):
    """Receives notifications."""

    def __init__(self) -> None:
        received: queue.Queue[dict[str, Any]] = queue.Queue()
        self._received = received

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.put(json.loads(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Nothing on the terminal."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.shutdown()
        self.server_close()

    def of(self, job: dict[str, Any], seconds: float = 120) -> dict[str, Any]:
        """The notification of a job; those before it are dropped."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                found = self._received.get(timeout=left)
            except queue.Empty:
                break
            if found["url"].endswith(f"/{job['id']}"):
                return found
        raise TimeoutError(f"no notification of {job['url']}")
