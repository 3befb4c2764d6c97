# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation tells to write down and to type.

In a document, a YAML or INI block whose first line is `# NAME` is the file NAME. Commands stand in `console` blocks.
"""

from __future__ import annotations

import re

import yaml

from integration.conftest import COLLECTIONS

ROOT = COLLECTIONS / "ansible_collections" / "frontline" / "entra"


def blocks(document, *languages):
    """The fenced blocks of a document in those languages, in order, as (language, text)."""
    text = (ROOT / document).read_text("utf-8")
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(language, block) for language, block in found if language in languages]


def named_files(document):
    """The files that blocks of a document are, by name."""
    matches = (re.match(r"# (\S+\.(?:yml|cfg))\n", text) for _language, text in blocks(document, "yaml", "ini"))
    return {match[1]: match.string for match in matches if match}


def unnamed(document):
    """The YAML blocks of a document that are no files, as data."""
    return [yaml.safe_load(text) for _language, text in blocks(document, "yaml") if not re.match(r"# \S+\.yml\n", text)]


def commands(document):
    """The commands of a document, in order."""
    return [
        line[2:] for _language, text in blocks(document, "console") for line in text.splitlines() if line[:2] == "$ "
    ]
