# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to ways to sign in: its play and its pipelines run as they stand, on platforms that are simulated."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from integration.credentials import federated_credential, federated_token
from integration.documents import named_files
from integration.tenants import CLIENT_ID, READY, app, make_user, tenant

GUIDE = "docs/authentication.md"
LEAST = "UserAuthMethod-Phone.ReadWrite.All"
ANNA = "anna@contoso.example"
TENANT = tenant(
    make_user("anna", 1),
    make_user("helpdesk", 2),
    apps=[
        app(roles=[LEAST], federated=[federated_credential()]),
        {"client_id": "dddddddd-0000-0000-0000-000000000004", "managed_identity": True, "roles": [LEAST]},
    ],
    delegated=[
        {
            "user": "helpdesk@contoso.example",
            "client_id": CLIENT_ID,
            "scopes": [LEAST],
            "entra_roles": ["Authentication Administrator"],
        }
    ],
)
pytestmark = pytest.mark.covers("M19")


@pytest.fixture
def files(simulator, tmp_path):
    """The files of the guide. Its play reaches the simulator: the one thing that a reader does not need."""
    found = named_files(GUIDE)
    places = {"graph_url": simulator.graph_url, "authority_host": simulator.login_url, "ca_path": simulator.ca_file}
    head = "    group/frontline.entra.graph:\n"
    play = found["enable.yml"].replace(
        head, head + "".join(f"      {name}: {value}\n" for name, value in places.items())
    )
    (tmp_path / "enable.yml").write_text(play, encoding="utf-8")
    return found


@pytest.fixture
def enabled(files, ansible, simulator):
    """Runs a command that enables the user."""

    def run(*command, **environment):
        done = ansible(*command, environment={name: str(value) for name, value in environment.items()})
        assert done.returncode == 0, done.output
        assert simulator.state(ANNA) == READY
        return {entry.authorization for entry in simulator.journal()}

    return run


def test_a_managed_identity(enabled, simulator):
    variables = {
        "IDENTITY_ENDPOINT": f"{simulator.identity_url}/msi/token",
        "IDENTITY_HEADER": simulator.identity_header,
    }

    assert enabled("ansible-playbook", "enable.yml", "-e", "entra_auth_method=managed_identity", **variables) == {"ok"}


def test_kubernetes(files, enabled, tmp_path):
    (container,) = yaml.safe_load(files["pod.yml"])["spec"]["containers"]
    variables = {entry["name"]: entry["value"] for entry in container["env"]}
    (mount,) = container["volumeMounts"]
    assert variables["AZURE_FEDERATED_TOKEN_FILE"] == f"{mount['mountPath']}/token"
    (tmp_path / "token").write_text(federated_token(), encoding="utf-8")

    enabled(*container["command"], **{**variables, "AZURE_FEDERATED_TOKEN_FILE": tmp_path / "token"})


class Issuer(BaseHTTPRequestHandler):
    """Hands out tokens as GitHub does to a job."""

    def do_GET(self):
        asked_well = self.path == "/token?api-version=2&audience=api://AzureADTokenExchange"
        known = self.headers["Authorization"] == "bearer of-the-job"
        self.send_response(200 if asked_well and known else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"count": 1, "value": federated_token()}).encode())

    def log_message(self, *_args):
        """Says nothing."""


def test_github_actions(files, enabled, tmp_path):
    (job,) = yaml.safe_load(files[".github/workflows/enable.yml"])["jobs"].values()
    script = job["steps"][-1]["run"]
    with ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/token?api-version=2"
        given = {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-job"}
        enabled("bash", "-ec", script, **job["env"], **given, RUNNER_TEMP=tmp_path)
        server.shutdown()

    assert (tmp_path / "entra-token").stat().st_mode & 0o777 == 0o600


def test_gitlab(files, enabled):
    job = yaml.safe_load(files[".gitlab-ci.yml"])["enable"]
    assert job["id_tokens"] == {"AZURE_FEDERATED_TOKEN": {"aud": "api://AzureADTokenExchange"}}

    enabled("bash", "-ec", "\n".join(job["script"]), **job["variables"], AZURE_FEDERATED_TOKEN=federated_token())


def test_a_signed_in_user(enabled, simulator):
    enabled("ansible-playbook", "enable.yml", AZURE_ACCESS_TOKEN=simulator.token(user="helpdesk@contoso.example"))
