# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rehearsal guide, command by command, in an empty folder of a user who installed the collection from its tarball.

The commands have only what a user has: a home folder, the collection in it, and Ansible on the PATH. Only the ports of
the guide are replaced by free ones, also those that `make simulator` chooses.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from integration.documents import ROOT, blocks, commands, named_files

GUIDE = "docs/rehearsal.md"
PORTS = ("8443", "8444", "8445")
# Of the environment of these tests, what belongs to Ansible, Python, make or this repository.
_OURS = re.compile(r"(ANSIBLE|PYTHON|PYTEST|MAKE|MFLAGS|GIT_|VIRTUAL_ENV|COVERAGE)|^(BUILD|ARGS|PY)$")

pytestmark = pytest.mark.commands


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The variables of a user whose home folder holds the collection, installed from its tarball."""
    home = tmp_path_factory.mktemp("home")
    variables = {name: value for name, value in os.environ.items() if not _OURS.match(name)} | {"HOME": str(home)}
    for line in (
        f"ansible-galaxy collection build --output-path {home} {ROOT}",
        f"ansible-galaxy collection install {home}/frontline-entra-*.tar.gz",
    ):
        subprocess.run(line, shell=True, check=True, cwd=home, env=variables, stdout=subprocess.PIPE)
    return variables


def free_ports():
    """Free ports below those that the system hands out, so that no server of another test gets one of them."""
    for port in random.sample(range(20_000, 32_000), 1000):
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            yield str(port)


class Guide:
    """Runs the commands of the guide unchanged, except for the ports."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder, self._environment = folder, environment
        self._ports = dict(zip(PORTS, free_ports(), strict=False))
        ((_language, users),) = blocks(GUIDE, "csv")
        for name, text in {**named_files(GUIDE), "users.csv": users}.items():
            (folder / name).write_text(self._here(text), encoding="utf-8")

    def _here(self, text: str) -> str:
        if text.startswith("make "):
            return "{} ARGS='--port {} --login-port {} --control-port {}'".format(text, *self._ports.values())
        return re.sub("|".join(PORTS), lambda match: self._ports[match[0]], text)

    def type_in(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", self._here(command)],
            cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    @contextlib.contextmanager
    def running(self, command: str):
        """Starts the simulator in another terminal; returns its ready line."""
        with subprocess.Popen(
            ["bash", "-c", self._here(command)],
            cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, text=True, start_new_session=True,
        ) as process:  # fmt: skip
            try:
                (ready,) = itertools.islice((line for line in process.stdout if line.startswith("{")), 1)
                yield json.loads(ready)
            finally:
                os.killpg(process.pid, signal.SIGINT)


def steps():
    """The commands of the guide: two that start a simulator, each with the plays behind it, and the last ones."""
    every = commands(GUIDE)
    first, second = [place for place, command in enumerate(every) if command.startswith("make ")]
    plays = [
        [line for line in part if line.startswith("ansible-playbook ")]
        for part in (every[first:second], every[second:])
    ]
    return [every[first], every[second]], plays, [line for line in every if line.startswith("curl ")]


def test_the_rehearsal_of_a_tenant(environment, tmp_path):
    (start, _users), ((dry, real, audit, preview, retire), _plays), (whole, count, refusals) = steps()
    guide = Guide(tmp_path, environment)
    with guide.running(start) as ready:
        assert ready["ca_file"] == str(tmp_path / "ca.pem")
        assert "501 would be enabled" in guide.type_in(dry)
        assert json.loads(guide.type_in(count)) == {"count": 0}
        assert "501 enabled" in guide.type_in(real)
        assert json.loads(guide.type_in(count)) == {"count": 501}
        entries = json.loads(guide.type_in(whole))
        assert sum(entry["write"] for entry in entries if entry["kind"] != "login") == 501
        assert json.loads(guide.type_in(refusals)) == [entry for entry in entries if entry["status"] >= 400]
        assert "1 of the users in ready has no usable other method." in guide.type_in(audit)
        assert "501 would be disabled" in guide.type_in(preview)
        assert json.loads(guide.type_in(count)) == {"count": 501}
        assert "501 disabled" in guide.type_in(retire)
        assert json.loads(guide.type_in(count)) == {"count": 1002}
    certificate = (tmp_path / "ca.pem").read_text("utf-8")
    with guide.running(start):
        assert json.loads(guide.type_in(whole)) == []
    assert (tmp_path / "ca.pem").read_text("utf-8") == certificate


def test_the_rehearsal_of_a_list_of_users(environment, tmp_path):
    (_tenant, start), (_plays, (dry, real)), (_whole, count, refusals) = steps()
    guide = Guide(tmp_path, environment)
    with guide.running(start) as ready:
        assert (ready["group"], ready["secret"]) == ("Everybody", "only-for-the-rehearsal")
        guide.type_in(dry)
        assert json.loads(guide.type_in(count)) == {"count": 0}
        assert "2 enabled" in guide.type_in(real)
        assert json.loads(guide.type_in(count)) == {"count": 2}
        assert {entry["status"] for entry in json.loads(guide.type_in(refusals))} <= {409}


def test_the_simulator_does_not_change_the_installed_collection(environment, tmp_path):
    collection = Path(environment["HOME"], ".ansible/collections/ansible_collections/frontline/entra")

    def files():
        return {str(file.relative_to(collection)) for file in collection.rglob("*")}

    before = files()
    (start, _users), _plays, _curls = steps()
    with Guide(tmp_path, environment).running(start):
        pass
    assert files() == before and "tests/graph_simulator/simulator.py" in before


def test_other_targets_of_make_refer_to_a_clone(environment):
    collection = Path(environment["HOME"], ".ansible/collections/ansible_collections/frontline/entra")
    done = subprocess.run(
        ["make", "-C", collection, "demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "In an installed collection only 'make simulator' works; use a clone." in done.stdout
    assert "Traceback" not in done.stdout
