# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: its output, its clean-up, and its checks of every step."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import yaml

from integration.conftest import COLLECTIONS, PATIENCE

TESTS = COLLECTIONS / "ansible_collections" / "frontline" / "entra" / "tests"


@pytest.fixture
def temporary():
    """An empty folder with a space in its path, and a short one: sockets are made in it."""
    folder = Path(tempfile.mkdtemp(prefix="the demo "))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start(temporary):
    """Starts the demo in a copy of its folder, as make does, on a machine with other settings."""

    def run(change=None):
        shutil.copytree(TESTS / "demo", temporary / "demo", ignore=shutil.ignore_patterns("__pycache__"))
        tenant_file = temporary / "demo" / "tenant.yml"
        tenant = yaml.safe_load(tenant_file.read_text("utf-8"))
        if change:
            change(tenant)
        tenant_file.write_text(yaml.safe_dump(tenant), encoding="utf-8")
        (temporary / "tmp").mkdir()
        return subprocess.Popen(
            [sys.executable, temporary / "demo" / "run.py"],
            env={
                **os.environ,
                "PYTHONPATH": str(TESTS),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONUNBUFFERED": "1",
                "TMPDIR": str(temporary / "tmp"),
                "HOME": str(temporary / "home"),
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "ANSIBLE_DISPLAY_OK_HOSTS": "false",
                "ANSIBLE_STDOUT_CALLBACK": "oneline",
                "AZURE_TENANT_ID": "99999999-9999-9999-9999-999999999999",
                "AZURE_CLIENT_SECRET": "of-another-application",
                "AZURE_CLOUD_ENVIRONMENT": "AzureChinaCloud",
                "AZURE_AUTHORITY_HOST": "https://login.invalid",
                "REQUESTS_CA_BUNDLE": "/etc/hostname",
                "HTTPS_PROXY": "http://127.0.0.1:9",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return run


def left_behind(folder):
    """Files in the temporary folder and in the home, and processes that use them."""
    files = [str(file) for place in ("tmp", "home") for file in (folder / place).rglob("*")]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={folder / 'tmp'}".encode() in (process / "environ").read_bytes().split(b"\0"):
                files.append((process / "cmdline").read_bytes().decode())
        except OSError:  # it ended, or belongs to another user
            continue
    return files


def test_the_demo_runs_to_its_end_and_leaves_nothing_behind(start, temporary):
    demo = start()
    output, _unused = demo.communicate(timeout=PATIENCE)

    assert demo.returncode == 0, output
    headings = re.findall(r"^(\d)\. (.+)$", output, re.MULTILINE)
    assert [number for number, _unused in headings] == [str(number) for number in range(1, 9)]
    commands = re.findall(r"^\$ (\S+(?: \S+)?)", output, re.MULTILINE)
    assert commands[0] == "ansible-vault encrypt"
    plays = ("enable", "enable", "enable", "audit", "retire", "disable")
    assert commands[-6:] == [f"ansible-playbook frontline.entra.{play}_sms_sign_in" for play in plays]
    assert "\n$ANSIBLE_VAULT;1.2;AES256;contoso\n" in output
    assert "13 users: 5 would be enabled, 2 already enabled, 6 refused." in output
    refused = output.partition("Dry run: nothing is written.")[2].partition("Would change:")[0]
    groups = re.findall(r"^Refused, (\w+): \d users?\..*(?:\n {6}.*)*((?:\n  \S+)+)$", refused, re.MULTILINE)
    assert {reason: names.split() for reason, names in groups} == {
        "account_disabled": ["ivan@contoso.example"],
        "guest": ["kim_fabrikam.example#EXT#@contoso.example"],
        "no_mobile_phone": ["carl@contoso.example", "lars@contoso.example"],
        "not_allowed_by_policy": ["gina@contoso.example"],
        "phone_number_not_unique": ["dora@contoso.example"],
    }
    assert "12 users: 5 enabled, 2 already enabled, 5 refused." in output
    assert "12 users: 7 already enabled, 5 refused." in output
    assert "Locked out without SMS sign-in: 2 users." in output
    assert "12 users: 5 disabled, 4 already disabled, 1 blocked by policy, 2 refused." in output
    assert "12 users: 2 disabled, 9 already disabled, 1 blocked by policy." in output
    counts = re.findall(
        r"^(dry run|real run|second run|audit|retire|disable) +\d+ +(\d+) +(\d+)$", output, re.MULTILINE
    )
    assert counts == [
        ("dry run", "0", "0"),
        ("real run", "5", "5"),
        ("second run", "0", "0"),
        ("audit", "0", "0"),
        ("retire", "5", "5"),
        ("disable", "2", "2"),
    ]
    for noise in ("PLAY", "TASK", "WARNING", "2065550", "opens-the-simulated-tenant-only"):
        assert noise not in output
    assert left_behind(temporary) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_an_interrupted_demo_leaves_nothing_behind(start, temporary, number):
    demo = start()
    for line in demo.stdout:
        if line.startswith("$ ansible-playbook"):
            break
    time.sleep(1.5)  # somewhere in the dry run
    demo.send_signal(number)
    rest, _unused = demo.communicate(timeout=PATIENCE)

    assert demo.returncode == 130, rest
    assert "Traceback" not in rest
    assert left_behind(temporary) == []


DEAF = """
import os
from demo import run
run.GRACE = 0.2
demo = run.Demo.__new__(run.Demo)
demo._folder, demo._environment = ".", dict(os.environ)
demo.command("sh", "-c", "trap '' INT; touch started; while true; do sleep 1; done")
"""


def test_a_command_that_an_interrupt_does_not_stop_is_killed(temporary):
    (temporary / "tmp").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "TMPDIR": str(temporary / "tmp")}
    process = subprocess.Popen([sys.executable, "-c", DEAF], cwd=temporary, env=environment, stderr=subprocess.PIPE)
    while not (temporary / "started").exists():
        assert process.poll() is None
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)

    _output, error = process.communicate(timeout=PATIENCE)
    assert b"KeyboardInterrupt" in error
    assert left_behind(temporary) == []


def empty_exclude_group(tenant):
    """The run stops before the first write: an empty exclude group protects no user."""
    next(group for group in tenant["groups"] if group["name"] == "Break glass")["members"] = []


def one_more_attempt(tenant):
    """A user whose number is taken is tried in each run, which is a write that the dry run does not predict."""
    tenant["users"].append({"name": "dirk@contoso.example", "mobile": "+1 2065550109", "attempted": True})
    tenant["groups"][0]["members"].append("dirk@contoso.example")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [(empty_exclude_group, "This command failed:"), (one_more_attempt, "Other users were written to: ")],
)
def test_the_demo_fails_if_a_step_has_another_result(start, temporary, change, sentence):
    demo = start(change)
    output, _unused = demo.communicate(timeout=PATIENCE)

    assert demo.returncode == 1
    assert f"The demo failed. {sentence}" in output
    assert "agrees with the output above" not in output
    assert left_behind(temporary) == []
