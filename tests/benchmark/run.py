# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed beside the peers, in one run: the module against `ansible.builtin.uri`, on a simulated tenant over TLS.

`make bench` prints the figures; `make bench ARGS="--write docs/performance.md"` writes them as a page as well.
Each is the median of rounds in which the contestants take turns, so that a machine that slows down slows them all.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

import pace
from graph_simulator import Simulator

CLIENT_ID = "aaaaaaaa-0000-0000-0000-000000000001"
SECRET = "only-known-to-the-simulator"
TENANT = "11111111-2222-3333-4444-555555555555"
USERS = 1000
TO_CHANGE = 300
SAMPLE = 50
TASKS = 10
MODELS = {
    "100 ms per call": {"per_call": 0.1},
    "60 ms per item, four items of a batch side by side, 40 ms per call": {
        "per_call": 0.04,
        "per_item": 0.06,
        "side_by_side": 4,
    },
}


def tenant(service_time: Mapping[str, float] | None = None) -> dict[str, Any]:
    """1,000 people who cannot sign in by SMS (`off...`), 1,000 who can (`on...`)."""
    people = [
        {"count": USERS, "name": "off{n:04}@contoso.example", "mobile": "+1 206{n:07}"},
        {"count": USERS, "name": "on{n:04}@contoso.example", "mobile": "+1 207{n:07}", "sms_sign_in": True},
    ]
    application = {
        "client_id": CLIENT_ID,
        "secrets": [SECRET],
        "roles": ["UserAuthMethod-Phone.ReadWrite.All"],
    }
    made: dict[str, Any] = {
        "tenant_id": TENANT,
        "domain": "contoso.example",
        "apps": [application],
        "users": people,
        "policy": {"state": "enabled", "include": [{"group": "all_users", "sign_in": True}]},
    }
    if service_time:
        made["service_time"] = dict(service_time)
    return made


class Peers:
    """The same jobs, written for each contestant."""

    def __init__(self, simulator: Simulator) -> None:
        self._tls = {"ca_path": str(simulator.ca_file)}
        self._graph = simulator.graph_url + "/v1.0"
        self._login = simulator.login_url
        self._token = simulator.token(client_id=CLIENT_ID)

    def ours(self, **options: Any) -> dict[str, Any]:
        connection = {"graph_url": self._graph.removesuffix("/v1.0"), "authority_host": self._login, **self._tls}
        identity = {"tenant_id": TENANT, "client_id": CLIENT_ID, "client_secret": SECRET}
        return {"frontline.entra.sms_sign_in": {**identity, **connection, **options}, "register": "ours"}

    def read(self, user: str, **extra: Any) -> dict[str, Any]:
        return self._uri(f"{self._graph}/users/{user}/authentication/phoneMethods", **extra)

    def write(self, user: str, action: str, **extra: Any) -> dict[str, Any]:
        mobile = "3179e48a-750b-4051-897c-87b9720928f7"
        url = f"{self._graph}/users/{user}/authentication/phoneMethods/{mobile}/{action}SmsSignIn"
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


def play(tasks: Sequence[Mapping[str, Any]], folder: Path) -> float:
    """Seconds that `ansible-playbook` takes for a play of `tasks`. Raises RuntimeError when the play fails."""
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
    environment = {**os.environ, "ANSIBLE_LOCALHOST_WARNING": "0", "ANSIBLE_NOCOLOR": "1"}
    # What this script needs, no user has.
    environment.pop("PYTHONPATH", None)
    started = time.perf_counter()
    done = subprocess.run(
        ["ansible-playbook", str(path)], env=environment, capture_output=True, text=True, check=False
    )
    taken = time.perf_counter() - started
    if done.returncode != 0:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return taken


def result_task(folder: Path) -> dict[str, Any]:
    """Keeps what the module returned, to count its calls."""
    options = {"content": "{{ ours | to_json }}", "dest": str(folder / "result.json"), "mode": "0600"}
    return {"ansible.builtin.copy": options}


def one_user(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds per task, round by round: plays of ten tasks less an empty play, divided by ten."""
    taken: dict[str, list[float]] = {"ours": [], "one uri task": [], "four uri tasks": []}
    with Simulator(tenant()) as simulator:
        peers = Peers(simulator)
        for number in range(rounds):
            simulator.reset()
            users = [f"off{number:04}@contoso.example" for number in range(1, TASKS + 1)]
            others = [f"off{number:04}@contoso.example" for number in range(101, TASKS + 101)]
            plays = {
                "ours": [peers.ours(user=user) for user in users],
                "one uri task": [peers.read(user) for user in users],
                "four uri tasks": [task for user in others for task in peers.four_tasks(user, "enable")],
            }
            empty = play([], folder)
            for name, tasks in plays.items():
                taken[name].append((play(tasks, folder) - empty) / TASKS)
            changed = sum(entry.effect for entry in simulator.journal())
            if changed != 2 * TASKS:
                raise RuntimeError(f"{changed} changes in round {number} instead of {2 * TASKS}")
    return taken


def many_users(folder: Path, rounds: int, service_time: Mapping[str, float]) -> dict[str, Any]:
    """1,000 users by name of whom 300 are to change; the loop does 50 of whom 15, and is scaled by 20."""
    ours, loop, calls = [], [], 0
    with Simulator(tenant(service_time)) as simulator:
        peers = Peers(simulator)
        for _round in range(rounds):
            simulator.reset()
            users = [f"off{number:04}@contoso.example" for number in range(1, TO_CHANGE + 1)]
            users += [f"on{number:04}@contoso.example" for number in range(1, USERS - TO_CHANGE + 1)]
            empty = play([], folder)
            ours.append(play([peers.ours(users=users, return_users="none"), result_task(folder)], folder) - empty)
            result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
            if result["summary"]["changed"] != TO_CHANGE:
                raise RuntimeError(result["msg"])
            calls = result["requests"]["sent"]
            simulator.reset()
            share = SAMPLE * TO_CHANGE // USERS
            sample = users[:share] + users[-(SAMPLE - share) :]
            tasks = [
                peers.sign_in(),
                peers.read("{{ item }}", loop=sample),
                peers.write("{{ item }}", "enable", loop=sample[:share]),
                peers.read("{{ item }}", loop=sample[:share]),
            ]
            loop.append((play(tasks, folder) - empty) * USERS / SAMPLE)
    return {"ours": ours, "loop": loop, "calls": calls}


def machine() -> str:
    from ansible.release import __version__ as core

    python, today = platform.python_version(), time.strftime("%Y-%m-%d")
    return f"{os.cpu_count()} cores, Python {python}, ansible-core {core}, {today}"


def ratio(over: Sequence[float], under: Sequence[float]) -> str:
    """The median of the ratios round by round, with their range."""
    ratios = [a / b for a, b in zip(over, under, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def report(single: Mapping[str, list[float]], many: Mapping[str, Mapping[str, Any]], rounds: tuple[int, int]) -> str:
    """The page, in Markdown."""
    most = 1.1 * (USERS / 20 + 2 * TO_CHANGE / 20 + 3)
    calls = next(iter(many.values()))["calls"]
    lines = [
        "<!--",
        *(line.removeprefix("# ") for line in Path(__file__).read_text(encoding="utf-8").splitlines()[:3]),
        "-->",
        "",
        "# Performance",
        "",
        "Made by `make bench ARGS='--write docs/performance.md'`, which runs all contestants in turn on one machine",
        f"({machine()}), against a simulated tenant over TLS.",
        "Both sides use the same interpreter, with pipelining on and no token kept between tasks.",
        "Medians of rounds; the range of the rounds is in brackets. Compare ratios: the seconds are this machine's.",
        "",
        "## One user in one task",
        "",
        f"A play of {TASKS} such tasks less an empty play, divided by {TASKS}; {rounds[0]} rounds; no simulated"
        " latency.",
        "Ours signs in through MSAL, reads, writes and reads back. The one `ansible.builtin.uri` task sends one GET",
        "with a token got before. The four tasks sign in, read, write and read back.",
        "",
        "| contestant | seconds per user | ours / it | wanted |",
        "|---|---|---|---|",
        f"| `frontline.entra.sms_sign_in` | {statistics.median(single['ours']):.3f} | | |",
    ]
    for name, wanted in (("one uri task", "at most 1.25"), ("four uri tasks", "at most 0.45")):
        figure = statistics.median(single[name])
        lines.append(f"| {name} | {figure:.3f} | {ratio(single['ours'], single[name])} | {wanted} |")
    lines += [
        "",
        f"## {USERS:,} users in one task, {TO_CHANGE} to change",
        "",
        f"{calls} HTTP calls, the login's two among them; wanted: at most {most:.1f}.",
        f"The loop of `ansible.builtin.uri` does the same for {SAMPLE} users, and its time is multiplied by"
        f" {USERS // SAMPLE}; {rounds[1]} round{'s' * (rounds[1] != 1)}.",
        "",
        "| the service takes | ours, seconds | loop, seconds (scaled) | loop / ours | wanted |",
        "|---|---|---|---|---|",
    ]
    for number, (name, taken) in enumerate(many.items()):
        figures = [f"{statistics.median(taken[side]):.1f}" for side in ("ours", "loop")]
        wanted = "at least 30" if number == 0 else "published beside"
        lines.append(f"| {name} | {' | '.join(figures)} | {ratio(taken['loop'], taken['ours'])} | {wanted} |")
    return "\n".join([*lines, "", *pace.section()]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of one user in one task")
    parser.add_argument("--many-rounds", type=int, default=3, help="rounds of many users")
    parser.add_argument("--write", type=Path, help="write the page to this file of the repository too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        single = one_user(folder, options.rounds)
        many = {model: many_users(folder, options.many_rounds, times) for model, times in MODELS.items()}
    page = report(single, many, (options.rounds, options.many_rounds))
    print(page)
    if options.write:
        # It runs in a copy of the repository, and the page is to stay.
        (Path(os.environ["REPOSITORY"]) / options.write).write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
