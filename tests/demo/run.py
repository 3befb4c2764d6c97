# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main workflow on a simulated tenant, with real Ansible commands; see tenant.yml for the users.

The outputs are compared with the journal of the tenant. Ends with 1 if they do not agree.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from graph_simulator import Simulator

TENANT = Path(__file__).parent / "tenant.yml"
WIDTH = 110
GRACE = 10.0
"""Seconds that an interrupted command has to stop."""


class DemoFailed(Exception):
    """The demo did not go as expected."""


def expect(truth: bool, sentence: str) -> None:
    if not truth:
        raise DemoFailed(sentence)


@dataclass(frozen=True)
class Run:
    """The printed summary of a playbook run, and its requests to the tenant: names of users, in order."""

    summary: list[str]
    requests: int
    written: list[str]
    effects: list[str]

    def listed(self, title: str) -> list[str]:
        """The names that the summary has below the line that begins with `title`."""
        begin = next(number for number, line in enumerate(self.summary, 1) if line.startswith(f"{title}:"))
        names = itertools.takewhile(lambda line: line.startswith("  "), self.summary[begin:])
        return [line.strip().split(":")[0] for line in names]


class Demo:
    """Ansible's commands in `folder`, against `tenant`."""

    def __init__(self, folder: Path, tenant: Simulator) -> None:
        self._folder = folder
        self._tenant = tenant
        # Settings of this machine are removed, except those that `make` gave. Only the simulator is called.
        given = ("ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_CONFIG")
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in given or not (name.startswith("ANSIBLE_") or name.lower().endswith("_proxy"))
        }
        self._environment = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "ANSIBLE_HOME": str(folder / ".ansible"),
            "ANSIBLE_REMOTE_TEMP": str(folder / ".ansible" / "tmp"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def command(self, *words: str) -> str:
        """Show and run a command; returns what it prints. Raises DemoFailed when it fails, with all that it printed."""
        print(textwrap.fill(f"$ {shlex.join(words)}", WIDTH, subsequent_indent="    ", break_on_hyphens=False))
        with subprocess.Popen(
            words,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Ctrl-C reaches this process only, which passes it on: once, so that Ansible can stop its own workers.
            process_group=0,
        ) as process:
            try:
                output, _rest = process.communicate()
            except KeyboardInterrupt:
                process.send_signal(signal.SIGINT)
                try:
                    process.communicate(timeout=GRACE)
                except subprocess.TimeoutExpired:
                    # Ansible waits forever for the queue of results if a worker died with its lock.
                    os.killpg(process.pid, signal.SIGKILL)
                    process.communicate()
                raise
        expect(process.returncode == 0, f"This command failed:\n{output}")
        return output

    def play(self, playbook: str, *more: str) -> Run:
        """Run a playbook of the collection and show the role's summary."""
        self._tenant.clear_journal()
        output = self.command(
            *("ansible-playbook", f"frontline.entra.{playbook}", "--vault-id", "contoso@vault-password"),
            *("-e", "@secrets.yml", "-e", "@settings.yml", *more),
        )
        found = re.search(r"Print the summary\] \*+\nok: \[localhost\] => (\{\n.*?\n\})\n", output, re.DOTALL)
        expect(found is not None, f"There is no summary in this:\n{output}")
        summary: list[str] = json.loads(found[1])["msg"] if found else []
        for line in summary:
            print(textwrap.fill(line, WIDTH, subsequent_indent="      "))
        print()
        journal = [entry for entry in self._tenant.journal() if entry.kind != "login"]
        writes = [entry for entry in journal if entry.write]
        return Run(
            summary,
            sum(entry.kind == "graph" for entry in journal),
            sorted(str(entry.user) for entry in writes),
            sorted(str(entry.user) for entry in writes if entry.effect),
        )


def run_demo(demo: Demo, folder: Path, tenant: Simulator, description: dict[str, Any]) -> None:
    names = [user["name"] for user in description["users"]]

    def ready() -> list[str]:
        return sorted(name for name in names if tenant.state(name) == "ready")

    print("1. Encrypt the secret with Ansible Vault\n")
    write(folder / "vault-password", secrets.token_urlsafe(32))
    (app,) = description["apps"]
    write(folder / "secrets.yml", yaml.safe_dump({"sms_sign_in_client_secret": app["secrets"][0]}))
    demo.command("ansible-vault", "encrypt", "--vault-id", "contoso@vault-password", "secrets.yml")
    head = demo.command("head", "-n", "1", "secrets.yml")
    print(head)
    expect(head.startswith("$ANSIBLE_VAULT;1.2;AES256;contoso"), "The file is not encrypted.")

    print("All other settings are plain text, in settings.yml\n")
    settings = {
        "sms_sign_in_tenant_id": description["tenant_id"],
        "sms_sign_in_client_id": app["client_id"],
        "sms_sign_in_groups": ["Frontline"],
        "sms_sign_in_exclude_groups": ["Break glass"],
        "sms_sign_in_tolerate": [
            *("no_mobile_phone", "not_allowed_by_policy", "phone_number_not_unique", "account_disabled", "guest"),
        ],
    }
    simulator = {
        # A variable of this machine might name another one.
        "sms_sign_in_cloud": "global",
        "sms_sign_in_graph_url": tenant.graph_url,
        "sms_sign_in_authority_host": tenant.login_url,
        "sms_sign_in_ca_path": str(tenant.ca_file),
    }
    shown = yaml.safe_dump(settings, sort_keys=False)
    write(folder / "settings.yml", shown + yaml.safe_dump(simulator, sort_keys=False))
    print(shown)

    print("2. Preview: which users would change, which would be refused, and why\n")
    before = ready()
    dry = demo.play("enable_sms_sign_in", "--check")
    expect(not dry.written and ready() == before, "The dry run wrote something.")

    print("3. Apply. Two users share a number, so Dora is excluded for now\n")
    without_dora = ("-e", "sms_sign_in_exclude_users=dora@contoso.example", "-e", "sms_sign_in_return_users=changed")
    real = demo.play("enable_sms_sign_in", *without_dora)
    expected = sorted(dry.listed("Would change"))
    expect(real.effects == expected, f"The dry run predicted {expected}, but {real.effects} were changed.")
    expect(real.written == expected, f"Other users were written to: {real.written}.")
    expect(ready() == sorted([*before, *expected]), f"The enabled users are {ready()}.")

    print("4. Apply again: nothing changes\n")
    again = demo.play("enable_sms_sign_in", *without_dora)
    expect(not again.written, f"The second run wrote to {again.written}.")

    print("5. Audit: who has SMS sign-in, and who would be locked out without it\n")
    enabled = ready()
    audit = demo.play("audit_sms_sign_in", "-e", "sms_sign_in_other_methods=true")
    locked_out = sorted(audit.listed("Locked out without SMS sign-in"))
    expect(not audit.written, f"The audit wrote to {audit.written}.")

    print("6. Retire: disable the users that have another method\n")
    confirmed = ("-e", "sms_sign_in_tolerate=no_other_method", "-e", "sms_sign_in_confirm=true")
    retire = demo.play("retire_sms_sign_in", *without_dora, *confirmed)
    expected = sorted(set(enabled) - set(locked_out))
    expect(retire.effects == retire.written == expected, f"Expected: {expected}. Written to: {retire.written}.")

    print("7. Disable the rest, as if they had another method now\n")
    rest = ready()
    off = demo.play("disable_sms_sign_in", *without_dora)
    expect(off.effects == off.written == rest, f"Enabled users: {rest}. Written to: {off.written}.")
    expect(not ready(), f"Some users are still enabled: {ready()}.")

    print("8. What the tenant saw\n")
    print(f"{'':12}{'calls':>8}{'writes':>8}{'changes':>9}")
    runs = {"dry run": dry, "real run": real, "second run": again, "audit": audit, "retire": retire, "disable": off}
    for name, run in runs.items():
        print(f"{name:12}{run.requests:8}{len(run.written):8}{len(run.effects):9}")
    print("\nThe journal of the tenant agrees with the output above.")
    print("Next: docs/getting-started.md prepares a real tenant, docs/exit.md has each step of the exit,")
    print("docs/rehearsal.md tries your own users on a simulated tenant.")


def write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


def main(_arguments: Sequence[str]) -> int:
    # Like Ctrl-C: what was started is stopped, what was written is removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    description = yaml.safe_load(TENANT.read_text(encoding="utf-8"))
    try:
        with tempfile.TemporaryDirectory(prefix="frontline-entra-") as folder, Simulator(description) as tenant:
            run_demo(Demo(Path(folder), tenant), Path(folder), tenant, description)
    except DemoFailed as error:
        print(f"\nThe demo failed. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
