# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""X1: a run that is stopped or killed during its writes."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from integration.tenants import CLIENT_ID, SECRET, TENANT_ID, tenant

COUNT = 240
TENANT = tenant(
    {"count": COUNT, "name": "worker{n:03}@contoso.example", "mobile": "+44 1632{n:06}"},
    groups=[{"name": "Frontline", "members_match": "*"}],
    # Slow enough to be met in the middle.
    service_time={"per_call": 0.2},
)
pytestmark = pytest.mark.adapters("action", "module")
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - frontline.entra.sms_sign_in:
        groups: [Frontline]
        tenant_id: {tenant_id}
        client_id: {client_id}
        client_secret: {secret}
        graph_url: {simulator.graph_url}
        authority_host: {simulator.login_url}
        ca_path: {simulator.ca_file}
        report_path: {report}
        return_users: none
"""


@pytest.fixture
def play(simulator, tmp_path):
    path = tmp_path / "play.yml"
    path.write_text(
        PLAY.format(
            tenant_id=TENANT_ID, client_id=CLIENT_ID, secret=SECRET, simulator=simulator, report=tmp_path / "report.csv"
        )
    )
    return path


def children(process_id):
    return [int(word) for word in Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()]


def youngest(process_id):
    """The process that does the work: the last in the line that begins with ansible-playbook."""
    while below := children(process_id):
        process_id = below[-1]
    return process_id


def descendants(process_id):
    return [process_id, *(found for child in children(process_id) for found in descendants(child))]


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def gone(process_id):
    try:
        return "State:\tZ" in Path(f"/proc/{process_id}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def written(simulator):
    """Users whose state a write moved, once for each time."""
    return [entry.user for entry in simulator.writes() if entry.effect]


def settle(simulator):
    """Wait for the writes that were on their way when their sender was killed."""
    seen = None
    while seen != (seen := len(written(simulator))):
        time.sleep(1)


def report_of(folder):
    with (folder / "report.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def interrupted(start, simulator, play, tmp_path):
    """Starts the play, sends a signal once the first users were written to, and waits for the end of both processes."""

    def run(number, whom):
        output = (tmp_path / "output").open("w+")
        process = start("ansible-playbook", "-vvvv", play, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        with process:
            wait_until(lambda: written(simulator))
            module = youngest(process.pid)
            # The worker may have a helper of Ansible beside it.
            worker = next(child for child in children(process.pid) if module in descendants(child))
            os.kill({"ansible-playbook": process.pid, "worker": worker, "module": module}[whom], number)
            signalled = time.monotonic()
            process.wait(timeout=30)
            wait_until(lambda: gone(module))
        output.seek(0)
        return process.returncode, output.read(), time.monotonic() - signalled

    return run


def assert_no_secret_is_left(home, folder, output):
    files = [
        path
        for path in [*home.rglob("*"), *folder.rglob("*")]
        if path.is_file() and path.name not in ("play.yml", "again.yml")
    ]
    for text in [output, *(path.read_bytes().decode("utf-8", "replace") for path in files)]:
        assert SECRET not in text and not re.search(r"eyJ[\w-]{10,}\.", text)
        assert "1632000" not in text.replace(" ", "")
    assert not [path for path in files if path.name.startswith(".report-")]


@pytest.fixture
def again(ansible, options, tmp_path):
    """Runs one task to its end: again(groups=["Frontline"])."""

    def run(**given):
        task = {"frontline.entra.sms_sign_in": {**options, **given}}
        path = tmp_path / "again.yml"
        path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
        return ansible("ansible-playbook", path).of("frontline.entra.sms_sign_in").result

    return run


def assert_a_rerun_converges(simulator, again):
    assert again(groups=["Frontline"])["reason"] is None
    assert len(written(simulator)) == COUNT and len(set(written(simulator))) == COUNT
    before = len(simulator.writes())
    assert not again(groups=["Frontline"])["changed"] and len(simulator.writes()) == before


@pytest.mark.covers("X1")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_module_verifies_its_writes_and_reports(number, interrupted, simulator, again, home, tmp_path):
    status, output, took = interrupted(number, "module")
    assert status == 2 and took < 7
    rows = report_of(tmp_path)
    outcomes = [row["outcome"] for row in rows]
    changed = [row["user"] for row in rows if row["outcome"] == "changed"]
    assert 0 < len(changed) < COUNT and outcomes.count("skipped") == COUNT - len(changed)
    assert sorted(changed) == sorted(written(simulator))
    assert f"The task was stopped ({number.name})" in output
    assert_no_secret_is_left(home, tmp_path, output)
    assert_a_rerun_converges(simulator, again)


@pytest.mark.covers("X1")
@pytest.mark.parametrize(
    ("number", "whom"),
    [(signal.SIGKILL, "module"), (signal.SIGTERM, "ansible-playbook"), (signal.SIGKILL, "ansible-playbook")],
)
def test_a_killed_run_leaves_a_usable_report_and_no_secret(number, whom, interrupted, simulator, again, home, tmp_path):
    status, output, _took = interrupted(number, whom)
    assert status != 0
    rows = report_of(tmp_path)
    assert len(rows) == COUNT and {row["outcome"] for row in rows} <= {"planned", "changed", "skipped"}
    assert {row["user"] for row in rows if row["outcome"] == "changed"} <= set(written(simulator))
    assert_no_secret_is_left(home, tmp_path, output)
    assert_a_rerun_converges(simulator, again)


@pytest.mark.covers("X1")
@pytest.mark.parametrize(
    ("number", "whom"),
    [
        (signal.SIGKILL, "ansible-playbook"),
        (signal.SIGHUP, "ansible-playbook"),
        (signal.SIGTERM, "ansible-playbook"),
        (signal.SIGINT, "ansible-playbook"),
        (signal.SIGTERM, "worker"),
    ],
)
def test_a_module_stops_when_ansible_has_ended(number, whom, interrupted, simulator, tmp_path):
    """It only finishes the writes under way, and its report names them."""
    # Once all are read, calls are under way for longer than it takes to notice; a second round would reach all users.
    simulator.inject({"match": {"outer": True}, "skip": COUNT // 20, "times": None, "then": {"delay": 3}})
    status, _output, _took = interrupted(number, whom)
    assert status != 0
    changed = [row["user"] for row in report_of(tmp_path) if row["outcome"] == "changed"]
    assert 0 < len(changed) <= len(written(simulator)) < COUNT
    assert set(changed) <= set(written(simulator))


@pytest.mark.covers("X1")
@pytest.mark.adapters("module")
def test_a_module_stops_when_its_worker_was_killed(interrupted, simulator, tmp_path):
    simulator.inject({"match": {"outer": True}, "skip": COUNT // 20, "times": None, "then": {"delay": 3}})
    status, _output, _took = interrupted(signal.SIGKILL, "worker")
    changed = [row["user"] for row in report_of(tmp_path) if row["outcome"] == "changed"]
    assert status != 0 and 0 < len(changed) <= len(written(simulator)) < COUNT


@pytest.mark.covers("X1")
def test_a_killed_run_can_be_rolled_back(interrupted, simulator, again, tmp_path):
    interrupted(signal.SIGKILL, "module")
    settle(simulator)
    enabled = {name for name in written(simulator) if simulator.state(name) == "ready"}
    outcomes = {row["user"]: row["outcome"] for row in report_of(tmp_path)}
    assert enabled and any(outcomes[name] == "planned" for name in enabled)

    back = again(users_from=str(tmp_path / "report.csv"))

    assert back["reason"] is None and "without verification" in back.warned
    assert back["summary"]["changed"] == len(enabled)
    assert {simulator.state(name) for name in outcomes} == {"notEnabled"}
