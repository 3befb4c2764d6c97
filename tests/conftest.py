# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test follows Microsoft's metadata, where they are known; see contract.py."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from contract import Contract, metadata

CONTRACT = Contract(metadata())

# Older versions of ansible-core lack what gives a module its arguments. There the tests of commands run modules.
collect_ignore = (
    ["unit/plugins/module_utils/test__module.py", "unit/plugins/modules/test_report.py"]
    if find_spec("ansible.module_utils.testing") is None
    else []
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--adapter",
        choices=("action", "module"),
        default="action",
        help="where Ansible's commands do the work of our modules: in its worker processes (action), or in their own",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "beyond_metadata(pattern): a kind of violation that a test brings about on purpose"
    )
    # A shell starts a job in the background, and nohup any, with these ignored; processes of tests would inherit that.
    if threading.current_thread() is threading.main_thread():
        for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
            if signal.getsignal(number) is signal.SIG_IGN:
                signal.signal(number, handler)


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The observer of the simulators that tests run."""
    return CONTRACT


@pytest.fixture(autouse=True)
def within_metadata(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test with a body that contradicts the metadata, or with none where the test expects one."""
    yield
    violations = CONTRACT.violations(*(mark.args[0] for mark in request.node.iter_markers("beyond_metadata")))
    if violations:
        pytest.fail("\n".join(["Graph's metadata say otherwise:", *violations]), pytrace=False)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses connections, and that no other process can get during the test."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands what it compared to the process that prints the summary."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["contract"] = CONTRACT.totals()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Adds what a worker compared; a worker that crashed hands over nothing, and fails the run anyway."""
    if totals := getattr(node, "workeroutput", {}).get("contract"):
        CONTRACT.add(totals)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if CONTRACT.active:
        terminalreporter.write_line(f"{CONTRACT.compared} bodies were compared with Graph's metadata.")
        for name, count in sorted(CONTRACT.not_described.items()):
            terminalreporter.write_line(f"not described there, hence not compared: {name} ({count})")
