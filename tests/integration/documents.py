# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files and commands of the documentation.

In a document, a YAML, INI or CSV block whose first line is `# NAME` is the file NAME. Commands are in `console` blocks.
"""

from __future__ import annotations

import re
import sys

import yaml

from integration.conftest import COLLECTIONS
from integration.tenants import SECRET

ROOT = COLLECTIONS / "ansible_collections" / "frontline" / "entra"


class AwxData(yaml.SafeLoader):
    """Reads playbooks/vars/awx.yml: AWX's own templates are text."""


AwxData.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def awx_data():
    """The data of configure_awx, before Ansible renders them."""
    return yaml.load((ROOT / "playbooks" / "vars" / "awx.yml").read_text("utf-8"), AwxData)


def blocks(document, *languages):
    """The fenced blocks of a document in those languages, in order, as (language, text)."""
    text = (ROOT / document).read_text("utf-8")
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(language, block) for language, block in found if language in languages]


def named_files(document):
    """The files that blocks of a document are, by name."""
    found = blocks(document, "yaml", "ini", "csv")
    matches = (re.match(r"# (\S+\.(?:yml|cfg|csv))\n", text) for _language, text in found)
    return {match[1]: match.string for match in matches if match}


def unnamed(document):
    """The YAML blocks of a document that are no files, as data."""
    return [yaml.safe_load(text) for _language, text in blocks(document, "yaml") if not re.match(r"# \S+\.yml\n", text)]


def commands(document):
    """The commands of a document, in order."""
    return [
        line[2:] for _language, text in blocks(document, "console") for line in text.splitlines() if line[:2] == "$ "
    ]


TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
"""Gives a command the terminal that an editor needs."""


class Reader:
    """Follows documents in a folder: writes their files, runs their commands unchanged.

    Files that name a tenant, and plays with options of their own, get the `connection` to the simulator too: the one
    thing that a reader with a real tenant does not need.
    """

    def __init__(self, folder, ansible, connection):
        self._folder, self._ansible, self._connection = folder, ansible, connection
        self._editor = folder / "editor"
        self._editor.write_text(f"#!/bin/sh\necho 'sms_sign_in_client_secret: {SECRET}' > \"$1\"\n", encoding="utf-8")
        self._editor.chmod(0o700)

    def write(self, document):
        """Write the files of a document."""
        for name, text in named_files(document).items():
            file = self._folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self._connected(text), encoding="utf-8")

    def _connected(self, text):
        if "sms_sign_in_tenant_id:" in text:
            return text + "".join(f"sms_sign_in_{name}: {value}\n" for name, value in self._connection.items())
        options = "".join(f'      {name}: "{{{{ sms_sign_in_{name} }}}}"\n' for name in self._connection)
        return text.replace("    group/frontline.entra.graph:\n", f"    group/frontline.entra.graph:\n{options}")

    def type(self, command):
        """Run a command. Where it asks for the secret, that is typed: in an editor, or on standard input."""
        terminal = (sys.executable, "-c", TERMINAL) if "ansible-vault create" in command else ()
        typed = f"{SECRET}\n" if "--stdin-name" in command and "<" not in command else ""
        return self._ansible(*terminal, "bash", "-ec", command, stdin=typed, environment={"EDITOR": str(self._editor)})
