# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs against the simulator: the module in this process, or Ansible's commands in processes of their own.

A test file defines its tenant in TENANT, or in a function of that name; its tests share one simulator, which each
finds as loaded.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common import warnings as ansible_warnings
from ansible.module_utils.common.parameters import PASS_VARS

import ansible_collections.frontline.entra
from contract import Contract
from graph_simulator import Entry, Simulator
from graph_simulator import scenario as load_scenario
from graph_simulator.sms_policy import LOST
from integration import playing, servers, tenants
from integration.credentials import federated_token, key_pem, own_certificate, public_pem, rsa_key

# Fixtures of plays.
play, settings, write_variables = playing.play, playing.settings, playing.write_variables
encrypted_secret, secret_file, vault_password = playing.encrypted_secret, playing.secret_file, playing.vault_password

PATIENCE = 280
"""Seconds after which a command counts as hanging, far above the slowest: a machine may have other work to do."""
HERE = Path(__file__).parent
COLLECTIONS = Path(next(iter(ansible_collections.frontline.entra.__path__))).parents[2]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "covers(*ids): the lines of docs/tests.md and docs/faults.md that a test covers")
    config.addinivalue_line("markers", "adapters(*names): a test that needs these adapters, whatever --adapter says")
    config.addinivalue_line("markers", "commands: runs Ansible's commands and nothing of Ansible in its own process")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("adapters")
    if marker and "adapter" in metafunc.fixturenames:
        metafunc.parametrize("adapter", marker.args, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "start" in fixtures and "module" not in fixtures:
            item.add_marker("commands")


class Tenant(Simulator):
    """The simulator, with queries of its journal."""

    def writes(self) -> list[Entry]:
        """Requests that may change a user, alone or inside a batch."""
        return [entry for entry in self.journal() if entry.write and entry.kind != "login"]

    def calls(self, kind: str = "graph") -> list[Entry]:
        """HTTP calls to Graph, or "login" for the other side; a batch is one."""
        return [entry for entry in self.journal() if entry.kind == kind]

    def requests(self, path: str) -> list[Entry]:
        """Requests to Graph, alone or inside a batch, with this text in their path."""
        return [entry for entry in self.journal() if entry.kind in ("graph", "item") and path in entry.path]

    def affected(self) -> list[Entry]:
        """Requests that a fault affected."""
        return [entry for entry in self.journal() if entry.fault]

    def early(self, seconds: float) -> list[Entry]:
        """Requests to Graph sent less than `seconds` after the answer to an affected one."""
        outer = {entry.seq: entry for entry in self.calls()}
        answers = [(entry, max(entry.done, outer.get(entry.batch, entry).done)) for entry in self.affected()]

        def is_early(request: Entry, affected: Entry, answered: float) -> bool:
            # The affected request itself cannot have been sent again before; batches look alike.
            same = (request.method, request.path) == (affected.method, affected.path) and "$batch" not in affected.path
            return answered + (0 if same else tenants.SLACK) < request.at < answered + seconds

        requests = [entry for entry in self.journal() if entry.kind != "login"]
        return [request for request in requests if any(is_early(request, *answer) for answer in answers)]

    def tokens_asked(self) -> int:
        return sum("/oauth2/" in entry.path and entry.method == "POST" for entry in self.calls("login"))


class Result(dict[str, Any]):
    """What a module returned."""

    def user(self, name: str) -> dict[str, Any]:
        """The one entry of `users` for that name; a first name is sufficient."""
        (entry,) = [user for user in self["users"] if user["user"] in (name, f"{name}@contoso.example")]
        return entry

    @property
    def warned(self) -> str:
        """All warnings; their form differs between versions of Ansible."""
        return json.dumps(self.get("warnings", []))

    @property
    def other_warnings(self) -> list[Any]:
        """All warnings but the one that every run to enable has: when SMS sign-in ends."""
        return [warning for warning in self.get("warnings", []) if tenants.DATE not in json.dumps(warning)]

    @property
    def reasons(self) -> dict[str, str | None]:
        """The reason of every user, by name."""
        return {user["user"]: user["reason"] for user in self["users"]}


@dataclass(frozen=True)
class Task:
    """The result of a task of a play, as callbacks get it. `status`: ok, failed, skipped, unreachable."""

    status: str
    host: str
    task: str
    action: str
    result: Result


@dataclass(frozen=True)
class Played:
    """A finished command. `tasks` has every task of a play, those of roles too."""

    returncode: int
    stdout: str
    stderr: str
    tasks: list[Task]

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    def of(self, name: str) -> Task:
        """The one task of that name or action."""
        (task,) = [task for task in self.tasks if name in (task.task, task.action)]
        return task


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine affects a test."""
    for name in list(os.environ):
        meant = name.upper().startswith(("AZURE", "ANSIBLE_", "IDENTITY_", "IMDS_", "MSI_")) or name.upper().endswith(
            "_PROXY"
        )
        if meant or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def running_tenant(request: pytest.FixtureRequest, contract: Contract) -> Iterator[Tenant]:
    given = getattr(request.module, "TENANT", tenants.CONTOSO)
    with Tenant(given() if callable(given) else given, observe=contract.see) as running:
        yield running


@pytest.fixture
def simulator(running_tenant: Tenant) -> Iterator[Tenant]:
    """The simulator of this test file, as loaded and with an empty journal.

    A change of the SMS policy that drops unknown members fails the test.
    """
    running_tenant.reset()
    yield running_tenant
    assert [entry.reason for entry in running_tenant.journal() if entry.reason.startswith(LOST)] == []


@pytest.fixture
def scenario(simulator: Tenant) -> Callable[[str], None]:
    """Activates a scenario, by the name of its file."""

    def put(name: str) -> None:
        simulator.inject(load_scenario(name))

    return put


@pytest.fixture
def options(simulator: Tenant) -> dict[str, Any]:
    """Options that sign in to the simulator with the client secret."""
    return {
        "tenant_id": tenants.TENANT_ID,
        "client_id": tenants.CLIENT_ID,
        "client_secret": tenants.SECRET,
        "graph_url": simulator.graph_url,
        "authority_host": simulator.login_url,
        "ca_path": str(simulator.ca_file),
    }


@pytest.fixture
def module(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a module in this process: module(users=["anna@contoso.example"], check_mode=True).

    Another one than sms_sign_in is the first argument: module("sms_policy", state="enabled"). Options are added to those
    that sign in; None takes one away.
    """

    # Here, because ansible-core before 2.19 lacks both, on which the tests of Ansible's commands run as well.
    from ansible.module_utils import _internal
    from ansible.module_utils.testing import patch_module_args

    def run(name: str = "sms_sign_in", /, *, check_mode: bool = False, diff: bool = True, **given: Any) -> Result:
        arguments = {name: value for name, value in {**options, **given}.items() if value is not None}
        # Ansible keeps the warnings of a process, and shows each once; where a test has imported what runs on the
        # controller, it would print them instead.
        monkeypatch.setattr(ansible_warnings, "_global_warnings", {})
        monkeypatch.setattr(_internal, "is_controller", False)
        printed = io.StringIO()
        # What Ansible adds at the highest verbosity.
        passed = {"_ansible_check_mode": check_mode, "_ansible_diff": diff, "_ansible_verbosity": 4}
        if "inject_invocation" in PASS_VARS:  # ansible-core 2.21 leaves it out unless asked
            passed["_ansible_inject_invocation"] = True
        with (
            patch_module_args({**arguments, **passed}),
            contextlib.redirect_stdout(printed),
            pytest.raises(SystemExit),
        ):
            import_module(f"ansible_collections.frontline.entra.plugins.modules.{name}").main()
        return Result(json.loads(printed.getvalue()))

    return run


@pytest.fixture
def sign_in(module: Callable[..., Result]) -> Callable[..., Result]:
    """Enables one user with the given credential options alone."""

    def run(**given: Any) -> Result:
        return module(**{"users": ["anna@contoso.example"], "client_secret": None, **given})

    return run


@pytest.fixture
def credential_file(tmp_path: Path) -> Callable[[str | bytes], str]:
    """The path of a file with that content."""

    def write(content: str | bytes) -> str:
        path = tmp_path / "credential"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.fixture
def credentials(simulator: Tenant, tmp_path: Path) -> dict[str, str]:
    """One good credential of each method, as its option."""
    pem = key_pem(rsa_key()) + public_pem(own_certificate())
    (tmp_path / "certificate.pem").write_text(pem)
    (tmp_path / "federated").write_text(federated_token())
    return {
        "client_secret": tenants.SECRET,
        "certificate": pem,
        "certificate_path": str(tmp_path / "certificate.pem"),
        "federated_token": federated_token(),
        "federated_token_file": str(tmp_path / "federated"),
        "access_token": simulator.token(),
    }


@pytest.fixture(scope="module")
def other_host() -> Iterator[Tenant]:
    """A host that no option names: any request that arrives here should not have been sent."""
    with Tenant(tenants.CONTOSO) as running:
        yield running


@pytest.fixture
def elsewhere(other_host: Tenant) -> Tenant:
    other_host.clear_journal()
    return other_host


@pytest.fixture
def talkative_host() -> Iterator[str]:
    """Speaks something that is not TLS."""
    with servers.accepting(lambda plain: plain.sendall(b"220 mail.example ESMTP\r\n")) as url:
        yield url


@pytest.fixture
def home() -> Iterator[Path]:
    """The private home of Ansible's commands: all files that they leave behind are in it.

    Its path is short, since Ansible keeps a socket there, whose path may have 107 characters only.
    """
    with tempfile.TemporaryDirectory(prefix="home-", dir="/tmp") as folder:
        (Path(folder) / "tmp").mkdir()
        yield Path(folder)


@pytest.fixture
def adapter(request: pytest.FixtureRequest) -> str:
    """`action` if Ansible's commands do the work of our modules in its worker processes, else `module`."""
    given: str = getattr(request, "param", None) or request.config.getoption("--adapter")
    return given


@pytest.fixture
def start(home: Path, tmp_path: Path, adapter: str) -> Callable[..., subprocess.Popen[str]]:
    """Starts a command of Ansible in tmp_path in parallel to the test; `ansible` waits for its end."""

    def run(
        *command: str | Path, environment: Mapping[str, str] | None = None, cwd: Path = tmp_path, **pipes: Any
    ) -> subprocess.Popen[str]:
        variables = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "TMPDIR": str(home / "tmp"),
            "ANSIBLE_HOME": str(home / ".ansible"),
            # "~" in these would be the home in the user database.
            "ANSIBLE_REMOTE_TEMP": str(home / "remote"),
            "ANSIBLE_ASYNC_DIR": str(home / "async"),
            "ANSIBLE_CONFIG": str(HERE.parent / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PIPELINING": "true",
            # Always so before ansible-core 2.21.
            "ANSIBLE_INJECT_INVOCATION": "true",
            "RESULTS_FILE": str(tmp_path / "results.jsonl"),
            **(environment or {}),
        }
        words = [str(word) for word in command]
        if adapter == "module" and words[0] in ("ansible", "ansible-playbook"):
            words += ["-e", json.dumps({"frontline_entra_in_process": False})]
        return subprocess.Popen(words, cwd=cwd, env=variables, text=True, **pipes)

    return run


@pytest.fixture
def runner(start: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> Callable[..., tuple[Path, str]]:
    """Runs a play on localhost under ansible-runner: runner(text, "-vvvv"). Returns its folder and its output."""

    def run(text: str, *arguments: str) -> tuple[Path, str]:
        folder = tmp_path / "private"
        for name, content in (
            ("inventory/hosts", "localhost ansible_connection=local\n"),
            ("project/play.yml", text),
        ):
            (folder / name).parent.mkdir(parents=True)
            (folder / name).write_text(content, encoding="utf-8")
        pipe = subprocess.PIPE
        command = ("ansible-runner", "run", folder, "-p", "play.yml", *arguments)
        with start(*command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True) as process:
            try:
                stdout, stderr = process.communicate(timeout=PATIENCE)
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        assert process.returncode == 0, stdout + stderr
        return folder, stdout + stderr

    return run


@pytest.fixture
def ansible(start: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> Callable[..., Played]:
    """Runs a command of Ansible in tmp_path: ansible("ansible-vault", "view", "secrets.yml")."""

    def run(*command: str | Path, stdin: str = "", **more: Any) -> Played:
        results = tmp_path / "results.jsonl"
        results.unlink(missing_ok=True)
        pipe = subprocess.PIPE
        with start(*command, stdin=pipe, stdout=pipe, stderr=pipe, **more) as process:
            try:
                stdout, stderr = process.communicate(stdin, timeout=PATIENCE)
            except BaseException:
                process.kill()
                raise
        lines = results.read_text("utf-8").splitlines() if results.exists() else []
        tasks = [json.loads(line) for line in lines]
        played = [Task(**{**task, "result": Result(task["result"])}) for task in tasks]
        return Played(process.returncode, stdout, stderr, played)

    return run


@pytest.fixture
def playbook(ansible: Callable[..., Played], tmp_path: Path) -> Callable[..., Played]:
    """Runs a playbook given as text: playbook(text, "--check", environment={...}); more files go into tmp_path first."""

    def run(text: str, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Played:
        file = tmp_path / "play.yml"
        file.write_text(text, encoding="utf-8")
        return ansible("ansible-playbook", file, *arguments, environment=environment)

    return run
