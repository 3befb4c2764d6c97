# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""test_table.py [--check]: writes docs/tests.md, what is easy to get wrong and which tests prove that it is not.

A test says with `@pytest.mark.covers("M1")` what it proves. With --check nothing is written, and a file that is out of
date is an error.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "tests.md"

BEHAVIOUR = {
    "M1": "A 204 that changed nothing by name, though it works by id; one that never takes effect",
    "M2": "A state that is visible only seconds later; a state that flickers once",
    "M3": "A write whose connection dies after it took effect; a 429 on a write that took effect",
    "M4": "Refusals as 400, 403, 405 and 409, recognised by code first and text last; a message with a phone number",
    "M5": "The same person twice: same name, other case, by id and by name, through two groups, in users and a group",
    "M6": "Names with `#EXT#`, `'`, `/`, `?`, `%`, `..`, blanks around, line breaks between; empty; control characters",
    "M7": "A state that Graph has not invented yet, null, absent",
    "M8": "A body that is HTML, cut off or missing; a batch reply that is shuffled, incomplete or fails inside",
    "M9": "`Retry-After` fractional, as a date, absent, absurd, not a number; on the call, the batch, one item",
    "M10": "A token that expires in the middle; one that is never accepted; a given one, which is never replaced",
    "M11": "One privileged user forbidden; everybody forbidden",
    "M12": "`me` with an application's token, and with a delegated one",
    "M13": "No users; neither users nor groups; groups that are missing, empty, ambiguous, paged, nested, unreadable",
    "M14": "A next link, a redirect or a batch item that points to another host",
    "M15": "Authorities from option and environment, untrusted certificates, proxies and `NO_PROXY`",
    "M16": "Wrong tenant, application or secret; a login that is busy, or a proxy's page in its place",
    "M17": "A host that cannot be reached, a closed port, a host that hangs",
    "M18": "Certificates, keys, passphrases and token files that are missing, unreadable, garbage or mismatched",
    "M19": "Options against the environment; empty texts for every option and variable",
    "M20": "`max_changes`, `max_failures`, `change_limit`, and `run_timeout` in the middle of a write",
    "M21": "A report that cannot be written; a name that looks like a spreadsheet formula",
    "M22": "100,000 users given as a list; 1,000 failures: a result within its size",
    "M23": "Secrets, tokens, assertions, keys and full numbers in no stream or file; a secret of two characters",
    "M24": "`no_log`, `check_mode` per task, `async`, a loop, `delegate_to`, `module_defaults` by group",
}

HEAD = """\
<!-- Made by tests/tools/test_table.py; change that, or the tests, and run it again. -->
# What is easy to get wrong

Each line has tests that ask for the reason that is told and, of the simulated service, what it was asked for.

| id | behaviour | tests |
|---|---|---|
"""


class Test(NamedTuple):
    """One test function: the ids it covers, its file relative to the repository, its name and what it shows."""

    ids: list[str]
    file: str
    name: str
    shows: str


def tests() -> Iterator[Test]:
    """All tests that cover something, in the order of files and lines."""
    for file in sorted((ROOT / "tests").glob("*/**/test_*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (ids := covered(node)):
                words = (ast.get_docstring(node) or node.name.removeprefix("test_").replace("_", " ")).splitlines()[0]
                sentence = words[0].upper() + words[1:]
                yield Test(ids, file.relative_to(ROOT).as_posix(), node.name, sentence.rstrip("."))


def covered(function: ast.FunctionDef) -> list[str]:
    """The ids in `@pytest.mark.covers(...)`."""
    calls = [node for node in function.decorator_list if isinstance(node, ast.Call)]
    marks = [call for call in calls if ast.unparse(call.func) == "pytest.mark.covers"]
    return [ast.literal_eval(argument) for mark in marks for argument in mark.args]


def document() -> str:
    """The text of docs/tests.md. Raises ValueError for an id that nobody knows, and for one without tests."""
    found: dict[str, list[Test]] = {identifier: [] for identifier in BEHAVIOUR}
    for test in tests():
        for identifier in test.ids:
            if identifier not in found:
                raise ValueError(f"{test.file}: {test.name} covers {identifier}, which is not in the table")
            found[identifier].append(test)
    if bare := [identifier for identifier, proving in found.items() if not proving]:
        raise ValueError(f"no test covers {', '.join(bare)}")
    lines = [
        f"| [{identifier}](#{identifier.lower()}) | {BEHAVIOUR[identifier]} | {len(proving)} |"
        for identifier, proving in found.items()
    ]
    for identifier, proving in found.items():
        lines += ["", f"## {identifier}", "", f"{BEHAVIOUR[identifier]}.", "", "| behaviour | test |", "|---|---|"]
        lines += [f"| {test.shows} | `{test.file}::{test.name}` |" for test in proving]
    return HEAD + "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    text = document()
    if "--check" not in arguments:
        DOCUMENT.write_text(text, encoding="utf-8")
    elif not DOCUMENT.exists() or DOCUMENT.read_text("utf-8") != text:
        sys.exit("docs/tests.md is out of date: run tests/tools/test_table.py")


if __name__ == "__main__":
    main(sys.argv[1:])
