# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""auth_method azure_cli with the real CLI, signed in to the simulator by each of its methods.

`make azure-cli` runs this with a CLI in an environment of its own, whose folder is in AZURE_CLI. The CLI uses the
simulator as its cloud, and after a sign-in it asks Azure Resource Manager for subscriptions: the one here has none.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from integration.documents import blocks
from integration.tenants import CLIENT_ID, READY, ROLES, SECRET, TENANT_ID, app, make_user, tenant

FOLDER = os.environ["AZURE_CLI"]
MICROSOFT_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
IDENTITY = "dddddddd-0000-0000-0000-000000000004"
HELPDESK = "helpdesk@contoso.example"
ANNA = "anna@contoso.example"
TENANT = tenant(
    make_user("anna", 1),
    make_user("helpdesk", 2),
    apps=[app(), {"client_id": IDENTITY, "managed_identity": True, "roles": ROLES}, {"client_id": MICROSOFT_CLI}],
    delegated=[
        {
            "user": HELPDESK,
            "client_id": MICROSOFT_CLI,
            "scopes": ["AuditLog.Read.All", "Directory.AccessAsUser.All", "User.ReadWrite.All"],
            "entra_roles": ["Authentication Administrator"],
        }
    ],
)


class NoSubscriptions(BaseHTTPRequestHandler):
    """Azure Resource Manager for an account without subscriptions."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        found = [{"id": f"/tenants/{TENANT_ID}", "tenantId": TENANT_ID}] if self.path.startswith("/tenants") else []
        body = json.dumps({"value": found}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Logs nothing."""


@pytest.fixture(scope="module")
def manager(tmp_path_factory):
    """The address of Azure Resource Manager, and the certificate of its authority."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), NoSubscriptions) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_address[1]}", authority.cert_pem.bytes()
        server.shutdown()


@pytest.fixture
def az(simulator, manager, monkeypatch, tmp_path):
    """Runs the CLI with the simulator as its cloud. It is in PATH for the module too."""
    url, certificate = manager
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(simulator.ca_file.read_bytes() + certificate)
    variables = {
        "PATH": FOLDER + os.pathsep + os.environ["PATH"],
        "AZURE_CONFIG_DIR": str(tmp_path / "azure"),
        "AZURE_CORE_COLLECT_TELEMETRY": "no",
        # As for Azure Stack: the login is no host of Microsoft.
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "REQUESTS_CA_BUNDLE": str(trusted),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    def run(*words, status=0):
        done = subprocess.run(["az", *words], capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == status, done.stderr
        return done.stdout

    places = {
        "active-directory": simulator.login_url,
        "active-directory-resource-id": "https://management.core.windows.net/",
        "microsoft-graph-resource-id": "https://graph.microsoft.com/",
        "resource-manager": url,
    }
    endpoints = [word for name, value in places.items() for word in (f"--endpoint-{name}", value)]
    run("cloud", "register", "--name", "simulator", "--skip-endpoint-discovery", *endpoints)
    run("cloud", "set", "--name", "simulator")
    return run


@pytest.fixture
def signed_in_user(az, simulator):
    """Signs a user in by a device code, as `az login --use-device-code` requires."""
    words = ("az", "login", "--use-device-code", "--allow-no-subscriptions", "--tenant", TENANT_ID)
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        said = []
        for line in process.stderr:
            said.append(line)
            if code := re.search(r"enter the code ([0-9A-F]{8})", line):
                simulator.answer_device_code(code[1], HELPDESK)
        assert process.wait(timeout=60) == 0, said


def enable(module, **more):
    options = {"auth_method": "azure_cli", "client_secret": None, "client_id": None, **more}
    return module(users=[ANNA], **options)


EVERY_SIGN_IN = {"match": {"kind": "login", "method": "POST"}, "times": None}
APPLICATION = ("login", "--service-principal", "--username", CLIENT_ID, "--tenant", TENANT_ID)


@pytest.mark.parametrize("tenant_id", [None, TENANT_ID])
def test_an_application_signs_in(az, simulator, module, tenant_id):
    az(*APPLICATION, "--password", SECRET, "--allow-no-subscriptions")

    result = enable(module, tenant_id=tenant_id)

    assert result["reason"] is None and simulator.state(ANNA) == READY
    assert result["auth"] == {"method": "azure_cli", "source": "options"}


def test_a_managed_identity_signs_in(az, simulator, module, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{simulator.identity_url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", simulator.identity_header)
    az("login", "--identity", "--allow-no-subscriptions")

    result = enable(module, tenant_id=None)

    assert result["reason"] is None and simulator.state(ANNA) == READY


def test_the_message_for_a_user_names_the_missing_permissions(az, simulator, module, signed_in_user):
    result = enable(module)

    assert result["reason"] == "permission_missing" and not result["changed"]
    assert "Microsoft's own application" in result["msg"] and "az login --service-principal" in result["msg"]
    assert simulator.writes() == []


def test_an_expired_sign_in_of_a_user_is_reported(az, simulator, module, signed_in_user):
    refusal = {
        "error": "invalid_grant",
        "error_description": "AADSTS700082: The refresh token has expired due to inactivity. Trace ID: x"
        " Correlation ID: 12345678-1234-1234-1234-123456789abc Timestamp: 2026-11-27 01:00:00Z",
        "error_codes": [700082],
    }
    simulator.inject({**EVERY_SIGN_IN, "then": {"status": 400, "body": refusal}})

    result = enable(module)

    assert result["reason"] == "authentication_failed" and "AADSTS700082" in result["msg"]
    assert "Sign in again" in result["msg"] and "az login --service-principal" in result["msg"]
    assert result["support"]["code"] == "AADSTS700082"


def test_a_cli_without_a_signed_in_account_is_reported(az, simulator, module):
    result = enable(module)

    assert result["reason"] == "authentication_failed" and "az login" in result["msg"]
    assert simulator.journal() == []


def test_an_expired_secret_is_reported(az, simulator, module):
    az(*APPLICATION, "--password", SECRET, "--allow-no-subscriptions")
    refusal = {"error": "invalid_client", "error_description": "AADSTS7000222: The keys are expired."}
    simulator.inject({**EVERY_SIGN_IN, "then": {"status": 401, "body": refusal}})

    result = enable(module)

    assert result["reason"] == "authentication_failed" and "The client secret has expired" in result["msg"]
    assert result["support"]["code"] == "AADSTS7000222" and "Microsoft's own" not in result["msg"]


def commands_of_the_guide():
    lines = (line for _language, text in blocks("docs/authentication.md", "sh") for line in text.splitlines())
    return [line for line in lines if line.startswith("az ")]


@pytest.mark.parametrize("command", commands_of_the_guide())
def test_the_cli_knows_the_commands_of_the_guide(az, command):
    words = shlex.split(command)[1:]
    names = list(itertools.takewhile(lambda word: not word.startswith("--"), words))

    known = az(*names, "--help")

    options = [word for word in words if word.startswith("--")]
    assert options and all(re.search(rf"{option}\b", known) for option in options)
