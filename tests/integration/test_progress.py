# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a long run, shown to the user who waits."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest
import yaml

from integration.conftest import COLLECTIONS, HERE
from integration.tenants import tenant

pytestmark = pytest.mark.adapters("action", "module")
HOSTS = {
    "first": {},
    "second": {},
    "not-wanted": {"shown": False},
    "not-to-be-seen": {"hidden": True},
    "in-the-background": {"seconds": 60},
    "elsewhere": {"ansible_connection": "elsewhere"},
}
"""Hosts, each with its own group, and the variables of its case."""
LATE = 8
"""Seconds until reads show that the last of each group is enabled. A run looks at seven and at fifteen: it is a long one."""


def users(group, row):
    """Four users whose write shows at once, and one whose write shows late."""
    yield {"count": 4, "name": f"{group}{{n}}@contoso.example", "mobile": f"+44 16329{row}{{n:04}}"}
    yield {"name": f"{group}5@contoso.example", "mobile": f"+44 16329{row}0005", "lag": LATE}


TENANT = tenant(
    *(user for row, group in enumerate(HOSTS) for user in users(group, row)),
    {"count": 5, "name": "worker{n}@contoso.example", "mobile": "+44 1633960{n:03}"},
    groups=[{"name": group, "members_match": f"{group}*"} for group in [*HOSTS, "worker"]],
)
LINE = re.compile(
    r"^([\w-]+): switching 4 of 5 users, [\d.]+ a second, ([\d.]+)% throttled,"
    r"(?: waiting \d+ s for the service,)? \d+ s left\r?\n",
    re.MULTILINE,
)
LINES = re.compile(r": (reading|switching) \d+ of ")


@pytest.fixture
def play(options):
    """The text of a play with one task of this collection: play(hosts, keywords of the task, option=...)."""

    def text(hosts="localhost", keywords=None, **more):
        task = {"name": "Enable", "frontline.entra.sms_sign_in": {**options, **more}, **(keywords or {})}
        return yaml.safe_dump([{"hosts": hosts, "gather_facts": False, "tasks": [task]}])

    return text


@pytest.mark.parametrize("captured", [True, False], ids=["captured", "terminal"])
def test_a_long_run_reports_its_progress(simulator, play, start, tmp_path, captured):
    """Hosts in parallel. Captured output has it at once too, and standard output is unchanged for programs."""
    first = simulator.user_id("first1@contoso.example")
    then = {"status": 429, "headers": {"Retry-After": "1"}}
    simulator.inject({"match": {"kind": "item", "path": first}, "then": then})
    python = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {name: {**python, **variables} for name, variables in HOSTS.items()}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    keywords = {"no_log": "{{ hidden | default(false) }}", "async": "{{ seconds | default(0) }}", "poll": 1}
    given = {"groups": ["{{ inventory_hostname }}"], "progress": "{{ shown | default('') }}"}
    # A relative path is one in the folder of the playbook.
    given["progress_path"] = "{{ inventory_hostname }}.json"
    (tmp_path / "play.yml").write_text(play("all", keywords, **given))

    reader, writer = os.pipe() if captured else pty.openpty()
    with open(tmp_path / "stdout", "w+") as file:
        process = start(
            "ansible-playbook",
            "--forks=6",
            "--inventory=hosts.yml",
            "play.yml",
            environment={"ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connections")},
            stdin=subprocess.DEVNULL,
            stdout=file if captured else writer,
            stderr=writer,
        )
        os.close(writer)
        began, seen = time.monotonic(), []
        with process, os.fdopen(reader) as stream:
            try:
                seen.extend((time.monotonic() - began, line) for line in stream)
            except OSError:  # a terminal reports its closed end this way
                assert not captured
        ended = time.monotonic() - began
        file.seek(0)
        stdout = file.read()

    assert process.returncode == 0, (stdout, seen)
    reported = [(at, *match.groups()) for at, line in seen if (match := LINE.match(line))]
    assert {name: float(share) > 0 for _at, name, share in reported} == {"first": True, "second": False}, seen
    assert all(10 < at < ended - 1 for at, *_rest in reported[:2]), (reported, ended)
    # No other line of progress, in any words.
    assert {line.split(":")[0] for _at, line in seen if LINES.search(line)} == {"first", "second"}, seen
    assert not LINES.search(stdout) and ("changed: [first]" in stdout) is captured
    assert all(simulator.state(f"{name}5@contoso.example") == "ready" for name in HOSTS)
    last = json.loads((tmp_path / "first.json").read_text())
    assert (last["phase"], last["done"], last["total"], last["throttled"]) == ("switching", 5, 5, 1) and last[
        "sent"
    ] > 10


def test_a_short_run_reports_nothing_and_progress_does_not_change_the_result(simulator, play, playbook, home):
    def run(progress):
        simulator.reset()
        played = playbook(play(groups=["worker"], progress=progress), "--diff")
        assert played.returncode == 0 and not LINES.search(played.output) and not list(home.rglob("progress-*"))
        result = played.of("Enable").result
        assert result["invocation"]["module_args"].pop("progress") is progress
        assert result["requests"].pop("seconds") < 10
        return played.stdout, result

    reported, silent = run(True), run(False)
    assert reported == silent
    assert reported[1]["summary"]["changed"] == 5 and reported[1]["invocation"]["module_args"]["progress_path"] is None


def test_without_a_play_the_result_is_the_same(simulator, ansible, options, home):
    """`ansible -m`, and the module by itself, which does not print progress."""
    given = {**options, "groups": ["worker"]}
    by_command = ansible("ansible", "localhost", "-m", "frontline.entra.sms_sign_in", "-a", json.dumps(given))
    assert by_command.stdout.startswith("localhost | CHANGED => {"), by_command.output
    simulator.reset()
    (home / "arguments.json").write_text(json.dumps({"ANSIBLE_MODULE_ARGS": given}))
    file = COLLECTIONS / "ansible_collections/frontline/entra/plugins/modules/sms_sign_in.py"
    alone = ansible(sys.executable, file, home / "arguments.json", environment={"PYTHONPATH": str(COLLECTIONS)})
    summaries = [json.loads(text[text.index("{") :])["summary"] for text in (by_command.stdout, alone.stdout)]
    assert summaries[0] == summaries[1] and summaries[0]["changed"] == 5


def test_an_unwritable_progress_file_is_a_warning(simulator, play, playbook, tmp_path):
    path = str(tmp_path / "missing" / "progress.json")
    result = playbook(play(groups=["worker"], progress_path=path)).of("Enable").result
    assert result["reason"] is None and "'progress_path' cannot be written" in result.warned


def test_ctrl_c_ends_a_run_at_once_and_leaves_no_file(simulator, play, start, tmp_path, home, adapter):
    simulator.inject({"match": {"kind": "item"}, "then": {"status": 429, "headers": {"Retry-After": "30"}}})
    (tmp_path / "play.yml").write_text(play(groups=["worker"]))
    # A session of its own, to all of which the key goes.
    process = start("ansible-playbook", "play.yml", stdin=subprocess.DEVNULL, start_new_session=True)
    with process:
        while not simulator.affected():
            assert process.poll() is None
            time.sleep(0.05)
        # The module writes its file once it has read the answer.
        while adapter == "module" and not list(home.rglob("progress-*.json")):
            assert process.poll() is None
            time.sleep(0.05)
        assert bool(list(home.rglob("progress-*.json"))) is (adapter == "module")
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=8)
    assert not list(home.rglob("progress-*")) and not list((home / ".ansible" / "tmp").iterdir())
