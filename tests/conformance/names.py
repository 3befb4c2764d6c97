# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator under Microsoft's own names, so that clients run as their documentation says, without other addresses.

The names lead to loopback addresses in network and mount namespaces of their own; the machine's hosts file and network
stay unchanged. Linux allows that to root, and on many systems to all users.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from tempfile import NamedTemporaryFile

from graph_simulator import Simulator
from graph_simulator.simulator import Place

GRAPH, LOGIN, MACHINE = "graph.microsoft.com", "login.microsoftonline.com", "169.254.169.254"
# The other names of the login, which clients get from its instance discovery.
LOGIN_NAMES = (LOGIN, "login.windows.net", "login.microsoft.com", "sts.windows.net")
HOSTS = f"127.0.0.1 localhost\n127.0.0.2 {GRAPH}\n127.0.0.3 {' '.join(LOGIN_NAMES)}\n"
_INSIDE = "CONFORMANCE_NAMES"
_SETUP = (
    f'mount --bind "$HOSTS_FILE" /etc/hosts && ip link set lo up && ip address add {MACHINE}/32 dev lo && exec "$@"'
)
_WAYS = (["unshare", "--net", "--mount"], ["unshare", "--map-root-user", "--net", "--mount"])


class Named(Simulator):
    """Graph, login and managed identity where clients look for them."""

    def _places(self) -> tuple[Place, Place, Place, Place]:
        return (
            Place("127.0.0.2", 443, f"https://{GRAPH}"),
            Place("127.0.0.3", 443, f"https://{LOGIN}"),
            Place("127.0.0.1", 0, "https://localhost:{port}"),
            Place(MACHINE, 80, f"http://{MACHINE}"),
        )

    def _certified(self) -> Sequence[str]:
        return ("localhost", GRAPH, *LOGIN_NAMES)


def inside() -> bool:
    """Whether this process has the names."""
    return _INSIDE in os.environ


def settle() -> None:
    """Remove the file that the hosts file is mounted from; the mount keeps its content."""
    os.unlink(os.environ["HOSTS_FILE"])


def enter(arguments: Sequence[str]) -> str:
    """Run this program again in new namespaces, with these arguments. Returns only if that fails: the reason."""
    with NamedTemporaryFile("w", prefix="hosts-", delete=False) as file:
        file.write(HOSTS)
    os.chmod(file.name, 0o644)
    environment = {**os.environ, _INSIDE: "1", "HOSTS_FILE": file.name}
    problem = ""
    for way in _WAYS:
        command = [*way, "sh", "-c", _SETUP, "names"]
        try:
            trial = subprocess.run([*command, "true"], env=environment, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            problem = f"{way[0]} was not found"
            break
        if trial.returncode == 0:
            sys.stdout.flush()
            os.execvpe(command[0], [*command, sys.executable, *arguments], environment)
        problem = trial.stderr.strip()
    os.unlink(file.name)
    return problem
