# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The upload of reports that the guide shows, to a server that keeps what it is sent."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from integration.documents import blocks, named_files
from integration.tenants import CLIENT_ID, SECRET, TENANT_ID, make_user, tenant

GUIDE = "docs/awx-reports.md"
PLAY = "enable_and_upload.yml"
TOKEN = "sp=c&sig=only-to-create"
ANNA, BEN = "anna@contoso.example", "ben@contoso.example"
TENANT = tenant(make_user("anna", 1), make_user("ben", 2))


@pytest.fixture
def storage():
    """The address of a storage, and what it was sent: path, type of the blob, content."""
    kept = []

    class Storage(BaseHTTPRequestHandler):
        def do_PUT(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            kept.append((self.path, self.headers["x-ms-blob-type"], content))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Storage)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/reports", kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("refused", [[], [BEN]])
def test_each_report_is_uploaded_even_if_the_run_failed(simulator, ansible, storage, tmp_path, refused):
    address, kept = storage
    for user in refused:
        fault = {"match": {"path": "enableSmsSignIn$", "user": user}, "times": None, "then": {"status": 403}}
        simulator.inject(fault)
    settings = {
        "tenant_id": TENANT_ID,
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "graph_url": simulator.graph_url,
        "authority_host": simulator.login_url,
        "ca_path": str(simulator.ca_file),
        "users": [ANNA, BEN],
        "waves": [1, "100%"],
        "report_path": "{{ report_folder }}/{{ inventory_hostname }}-{{ awx_job_id }}.csv",
    }
    variables = {f"sms_sign_in_{name}": value for name, value in settings.items()}
    variables |= {"report_folder": str(tmp_path), "report_url": address, "report_token": TOKEN, "awx_job_id": 17}
    variables |= {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    inventory = {"tenants": {"hosts": {"contoso": variables}}}
    (tmp_path / "tenants.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    (tmp_path / PLAY).write_text(named_files(GUIDE)[PLAY], encoding="utf-8")

    done = ansible("ansible-playbook", "-i", "tenants.yml", PLAY)

    assert done.returncode == (2 if refused else 0), done.output
    names = ["contoso-17-wave-1.csv", "contoso-17-wave-2.csv"]
    expected = [(f"/reports/{name}?{TOKEN}", "BlockBlob", (tmp_path / name).read_bytes()) for name in names]
    assert sorted(kept) == expected
    assert TOKEN not in done.output and SECRET not in done.output
    assert ANNA.encode() in kept[0][2] + kept[1][2]


def test_the_artifact_of_the_guide_has_the_keys_of_the_statistics(simulator, ansible, options, tmp_path):
    ((_language, text),) = blocks(GUIDE, "json")
    shown = yaml.safe_load(text)["sms_sign_in_stats"]["contoso"]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {f"sms_sign_in_{name}": value for name, value in {**options, "users": [ANNA]}.items()},
        "roles": ["frontline.entra.sms_sign_in"],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")

    done = ansible("ansible-playbook", "play.yml", "--check")

    result = done.of("frontline.entra.sms_sign_in : Set the statistics").result
    assert shown.keys() <= result["ansible_stats"]["data"]["sms_sign_in_stats"]["localhost"].keys()
