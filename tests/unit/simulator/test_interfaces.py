# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal, the control interface and the command line."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
ANNA = "anna@contoso.example"


def test_the_journal_lists_requests(simulator: Any, graph: Any) -> None:
    headers = {"client-request-id": "mine"}
    answer = graph.phone("guest_x.example#EXT#@contoso.example", "?$select=id", headers=headers)
    graph.enable("nobody@contoso.example")
    first, second = simulator.journal()
    assert first.path == "/users/guest_x.example#EXT#@contoso.example/authentication/phoneMethods?$select=id"
    assert (first.kind, first.method, first.status, first.write) == ("graph", "GET", 200, False)
    assert (first.user, first.client_request_id) == ("guest_x.example#EXT#@contoso.example", "mine")
    assert first.request_id == answer.headers["request-id"] and answer.headers["client-request-id"] == "mine"
    assert first.at <= first.done <= second.at and second.seq == first.seq + 1
    assert (second.status, second.user, second.write, second.effect) == (404, None, True, False)
    assert second.reason == "no such user"
    simulator.clear_journal()
    assert simulator.journal() == []
    graph.phone(ANNA)
    assert simulator.journal()[0].seq == second.seq + 1


def test_every_answer_has_graphs_headers(graph: Any) -> None:
    answer = graph.phone(ANNA)
    assert answer.headers["Content-Type"].startswith("application/json;odata.metadata=minimal")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ServerInfo" in json.loads(answer.headers["x-ms-ags-diagnostic"])
    assert {"Date", "request-id", "client-request-id", "Strict-Transport-Security"} <= set(answer.headers)
    empty = graph.enable(ANNA)
    assert empty.content == b"" and "Content-Type" not in empty.headers and "Content-Length" not in empty.headers


def test_a_request_id_may_be_missing(simulator: Any, graph: Any) -> None:
    simulator.switch("request_id_header", False)
    assert "request-id" not in graph.phone(ANNA).headers


def control(simulator: Any, method: str, path: str, body: Any = None) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.request(
            method, f"{simulator.control_url}{path}", json=body, verify=str(simulator.ca_file), timeout=10
        )


def test_the_control_interface_does_the_same_as_python(simulator: Any, graph: Any) -> None:
    control(simulator, "POST", "/faults", [{"match": {}, "then": {"status": 503}}])
    assert graph.phone(ANNA).status_code == 503
    assert control(simulator, "GET", "/journal").json()[0]["status"] == 503
    control(simulator, "DELETE", "/journal")
    assert simulator.journal() == []
    changed = control(simulator, "POST", f"/users/{ANNA}", {"sms_sign_in": True}).json()
    assert changed == {
        "id": simulator.user_id(ANNA),
        "name": ANNA,
        "state": "ready",
        "enabled": True,
        "sms_sign_in": True,
        "attempted": False,
        "phone_types": ["mobile", "office"],
    }
    odd = "o'hara/x?100%..@contoso.example"
    assert control(simulator, "GET", f"/users/{quote(odd, safe='')}").json()["name"] == odd
    control(simulator, "POST", "/switches", {"by_name": "noop"})
    graph.disable(ANNA)
    assert simulator.state(ANNA) == "ready"
    assert control(simulator, "POST", "/policy", {"state": "disabled"}).json()["state"] == "disabled"
    assert simulator.state(ANNA) == "notAllowedByPolicy"
    token = control(simulator, "POST", "/token", {"user": ANNA, "scopes": ["User.Read"]}).json()["access_token"]
    graph.session.headers["Authorization"] = f"Bearer {token}"
    assert graph.call("GET", "/me").json()["userPrincipalName"] == ANNA
    control(simulator, "POST", "/reset")
    assert simulator.state(ANNA) == "notEnabled" and simulator.journal() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/users/nobody@contoso.example", None, 404),
        ("POST", "/token", {"user": "nobody@contoso.example"}, 404),
        ("POST", f"/users/{ANNA}", {"colour": 1}, 400),
        ("POST", "/switches", {"moon": 1}, 400),
        ("POST", "/policy", {"state": "on"}, 400),
        ("POST", "/faults", {"then": {}}, 400),
        ("POST", "/token", {"nonsense": 1}, 400),
        ("POST", "/switches", [], 400),
        ("GET", "/v1.0/groups", None, 404),
        ("GET", "/reset", None, 405),
    ],
)
def test_the_control_interface_refuses_invalid_requests(
    simulator: Any, method: str, path: str, body: Any, status: int
) -> None:
    assert control(simulator, method, path, body).status_code == status


@contextlib.contextmanager
def run(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A running command, which ends with the test."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-m", "graph_simulator", *arguments],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_a_file_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    tenant, ca, ready = tmp_path / "my tenant.yml", tmp_path / "ca.pem", tmp_path / "ready.json"
    tenant.write_text(f"apps: [{{client_id: app}}]\nusers: [{{name: {ANNA}, mobile: '+1 2065550101'}}]\n", "utf-8")
    scenario = tmp_path / "off.yml"
    scenario.write_text("{name: blocked, faults: [{at: 0, then: {state: {policy: {state: disabled}}}}]}\n", "utf-8")
    with run(
        "--tenant",
        str(tenant),
        "--scenario",
        str(scenario),
        "--port",
        "0",
        "--ca-out",
        str(ca),
        "--ready-file",
        str(ready),
    ) as process:
        assert process.stdout is not None
        urls = json.loads(process.stdout.readline())
        assert urls == json.loads(ready.read_text("utf-8"))
        assert set(urls) == {"graph_url", "login_url", "control_url", "identity_url", "identity_header", "ca_file"}
        with requests.Session() as session:
            session.trust_env = False
            session.verify = str(ca)
            shown = session.get(f"{urls['control_url']}/users/{ANNA}", timeout=10).json()
            assert (shown["name"], shown["state"]) == (ANNA, "notAllowedByPolicy")
            assert session.get(f"{urls['graph_url']}/v1.0/me", timeout=10).status_code == 401
            process.send_signal(number)
            assert process.wait(10) == 0
        assert process.stderr is not None and process.stderr.read() == ""


def test_the_command_keeps_an_authority_and_serves_other_names(tmp_path: Path) -> None:
    tenant, kept, ca = tmp_path / "tenant.yml", tmp_path / "authority.pem", tmp_path / "ca.pem"
    tenant.write_text("users: []\n", "utf-8")
    options = (
        "--host",
        "0.0.0.0",
        "--name",
        "sim.example",
        "--name",
        "192.0.2.1",
        "--ca",
        str(kept),
        "--ca-out",
        str(ca),
    )
    certificates = set()
    for _start in range(2):
        with run("--tenant", str(tenant), *options) as process:
            assert process.stdout is not None
            urls = json.loads(process.stdout.readline())
            assert urls["graph_url"].startswith("https://sim.example:")
            port = urls["graph_url"].rpartition(":")[2]
            with requests.Session() as session:
                session.trust_env = False
                session.verify = str(ca)
                assert session.get(f"https://localhost:{port}/v1.0/me", timeout=10).status_code == 401
        certificates.add(ca.read_text("utf-8"))
    assert len(certificates) == 1 and "PRIVATE" not in certificates.pop()


def test_the_command_reports_errors(simulator: Any, tmp_path: Path) -> None:
    tenant = tmp_path / "tenant.yml"
    tenant.write_text("colour: red\n", "utf-8")
    taken = simulator.graph_url.rpartition(":")[2]
    good = tmp_path / "good.yml"
    good.write_text("users: []\n", "utf-8")
    scenario = tmp_path / "scenario.yml"
    scenario.write_text("{name: odd, switches: {moon: 1}}\n", "utf-8")
    for arguments, words in (
        (("--tenant", str(tenant)), "unknown keys in the tenant: colour"),
        (("--tenant", str(tmp_path / "missing.yml")), "No such file"),
        (("--tenant", str(good), "--port", taken), "already in use"),
        (("--tenant", str(good), "--host", "192.0.2.1"), "assign requested address"),
        (("--tenant", str(good), "--ca", str(good)), "must hold a private key and a certificate"),
        (("--tenant", str(good), "--scenario", str(scenario)), "unknown switch 'moon'"),
        (("--tenant", str(good), "--scenario", str(good)), "good.yml: a scenario is a mapping with a name"),
    ):
        with run(*arguments) as process:
            assert process.wait(10) == 2
            assert process.stderr is not None and words in process.stderr.read()
