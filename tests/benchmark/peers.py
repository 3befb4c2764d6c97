# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated tenant, the same jobs as tasks of each tool, and plays of these tasks."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from graph_simulator import Simulator

CLIENT_ID = "aaaaaaaa-0000-0000-0000-000000000001"
SECRET = "only-known-to-the-simulator"
TENANT = "11111111-2222-3333-4444-555555555555"
MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
CALL = 0.1
"""Seconds that a call takes in the model that most figures are made with."""

MODELS: dict[str, dict[str, float]] = {
    "100 ms per call": {"per_call": CALL},
    "60 ms per item, four items of a batch side by side, 40 ms per call": {
        "per_call": 0.04,
        "per_item": 0.06,
        "side_by_side": 4,
    },
}


def off(numbers: range) -> list[str]:
    """Names of users with SMS sign-in off."""
    return [f"off{number:06}@contoso.example" for number in numbers]


def on(numbers: range) -> list[str]:
    """Names of users with SMS sign-in on."""
    return [f"on{number:06}@contoso.example" for number in numbers]


def tenant(users_off: int, users_on: int, service_time: Mapping[str, float] | None = None) -> dict[str, Any]:
    """A tenant of the users that `off` and `on` name, counted from 1."""
    kinds = (
        {"count": users_off, "name": "off{n:06}@contoso.example", "mobile": "+1 206{n:07}"},
        {"count": users_on, "name": "on{n:06}@contoso.example", "mobile": "+1 207{n:07}", "sms_sign_in": True},
    )
    application = {
        "client_id": CLIENT_ID,
        "secrets": [SECRET],
        "roles": ["UserAuthMethod-Phone.ReadWrite.All"],
    }
    made: dict[str, Any] = {
        "tenant_id": TENANT,
        "domain": "contoso.example",
        "apps": [application],
        "users": [kind for kind in kinds if kind["count"]],
        "policy": {"state": "enabled", "include": [{"group": "all_users", "sign_in": True}]},
    }
    if service_time:
        made["service_time"] = dict(service_time)
    return made


class Peers:
    """The same jobs, written for each tool."""

    def __init__(self, simulator: Simulator) -> None:
        self._tls = {"ca_path": str(simulator.ca_file)}
        self._graph = simulator.graph_url + "/v1.0"
        self._login = simulator.login_url
        self._token = simulator.token(client_id=CLIENT_ID)

    def options(self, **more: Any) -> dict[str, Any]:
        """Those of our module."""
        connection = {"graph_url": self._graph.removesuffix("/v1.0"), "authority_host": self._login, **self._tls}
        identity = {"tenant_id": TENANT, "client_id": CLIENT_ID, "client_secret": SECRET}
        return {**identity, **connection, **more}

    def ours(self, **more: Any) -> dict[str, Any]:
        return {"frontline.entra.sms_sign_in": self.options(**more), "register": "ours"}

    def with_token(self, **more: Any) -> dict[str, Any]:
        """Ours, with a token obtained before."""
        task = self.ours(access_token=self._token, **more)
        for option in ("tenant_id", "client_id", "client_secret"):
            del task["frontline.entra.sms_sign_in"][option]
        return task

    def read(self, user: str, **extra: Any) -> dict[str, Any]:
        return self._uri(f"{self._graph}/users/{user}/authentication/phoneMethods", **extra)

    def write(self, user: str, action: str, **extra: Any) -> dict[str, Any]:
        url = f"{self._graph}/users/{user}/authentication/phoneMethods/{MOBILE}/{action}SmsSignIn"
        return self._uri(url, {"method": "POST", "status_code": 204}, **extra)

    def sign_in(self) -> dict[str, Any]:
        body = {
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
            "grant_type": "client_credentials",
            "scope": "https://graph.microsoft.com/.default",
        }
        options = {"method": "POST", "body_format": "form-urlencoded", "body": body, "headers": {}}
        return self._uri(f"{self._login}/{TENANT}/oauth2/v2.0/token", options)

    def four_tasks(self, user: str, action: str) -> list[dict[str, Any]]:
        return [self.sign_in(), self.read(user), self.write(user, action), self.read(user)]

    def _uri(self, url: str, options: Mapping[str, Any] | None = None, **extra: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        return {"ansible.builtin.uri": {"url": url, "headers": headers, **self._tls, **(options or {})}, **extra}


class Taken(NamedTuple):
    """Seconds of a process from its start to its end, of its CPUs, and of the CPUs of this one, the simulator's."""

    seconds: float
    cpu: float
    simulator_cpu: float


def run(command: Sequence[str | Path], more: Mapping[str, str]) -> tuple[Taken, str]:
    """What a command took and printed, with `more` in its environment. Raises RuntimeError when it fails."""
    # Variables of this script, which no user has.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more
    before, own, started = _children_cpu(), time.process_time(), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    taken = Taken(time.perf_counter() - started, _children_cpu() - before, time.process_time() - own)
    if done.returncode != 0:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return taken, done.stdout


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def play(tasks: Sequence[Mapping[str, Any]], folder: Path) -> Taken:
    """What `ansible-playbook` takes for a play of `tasks`."""
    content = {
        "name": "Benchmark",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "ansible_pipelining": True},
        "tasks": [{"name": f"Task {number}", **task} for number, task in enumerate(tasks)],
    }
    path = folder / "play.yml"
    path.write_text(yaml.safe_dump([content], sort_keys=False), encoding="utf-8")
    return run(["ansible-playbook", path], {"ANSIBLE_LOCALHOST_WARNING": "0", "ANSIBLE_NOCOLOR": "1"})[0]


def play_ours(task: Mapping[str, Any], folder: Path) -> tuple[Taken, dict[str, Any]]:
    """What a play of this one task of ours takes, and what the module returned."""
    path = folder / "result.json"
    keep = {"ansible.builtin.copy": {"content": "{{ ours | to_json }}", "dest": str(path), "mode": "0600"}}
    taken = play([task, keep], folder)
    return taken, json.loads(path.read_text(encoding="utf-8"))
