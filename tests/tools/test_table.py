# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""test_table.py [--check]: writes docs/tests.md (edge cases) and docs/faults.md (service faults), with their tests.

A test names what it covers with `@pytest.mark.covers("M1")`. With --check nothing is written, and a file that is out of
date is an error.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = "https://github.com/frontline-entra/frontline.entra/blob/main"
EDGE_CASES = {
    "M1": "A 204 that changed nothing by name, though it works by id; one that never takes effect",
    "M2": "A state that is visible only seconds later; a state that flickers once",
    "M3": "A write whose connection breaks after it took effect; a 429 on a write that took effect",
    "M4": "Refusals as 400, 403, 405 and 409, recognised by code first and text last; a message with a phone number",
    "M5": "The same user twice: same name, other case, by id and by name, through two groups, in users and a group",
    "M6": "Names with `#EXT#`, `'`, `/`, `?`, `%`, `..`, blanks around, line breaks between; empty; control characters",
    "M7": "A state that this version does not know, null, absent",
    "M8": "A body that is HTML, cut off or missing; a batch reply that is shuffled, incomplete or fails inside",
    "M9": "`Retry-After` fractional, as a date, absent, too long, not a number; on the call, the batch, one item",
    "M10": "A token that expires during a run; one that is never accepted; a given one, which is never replaced",
    "M11": "One privileged user forbidden; all users forbidden",
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

FAULTS = {
    "T1": "429 with `Retry-After`: nothing is sent before the time is over, by no worker",
    "T2": "429 without `Retry-After`: growing pauses with jitter",
    "T3": "`Retry-After` as a date, 0, minutes, a day, no number: obeyed or replaced, within bounds",
    "T4": "A call during a wait restarts the wait: none is sent",
    "T5": "429 for writes only: reads continue, writes wait",
    "T6": "A warning that the limit is near: requests go slower",
    "T7": "429 in any wording: the status counts, the text does not",
    "S1": "500, 502, 503, 504, with an empty body or a page of HTML: retried",
    "S2": "503 `serviceNotAvailable` with `Retry-After`: the client waits",
    "S3": "509 is throttling and 423 passes; 501 and 507 are final",
    "S4": "A request that is cut off after a long time: the state is read before a write is sent again",
    "N1": "Refused, reset at any moment, broken TLS, a drip, an answer cut off or compressed, a 204 with a body",
    "N2": "A name that does not resolve; a proxy that refuses, wants a password or resets: the message says so",
    "C1": "`Directory_ConcurrencyViolation` as 409 or 503: read back, then retried after a pause with jitter",
    "C2": "The old state for a while, or once more after the new one: one read of the new state verifies the change",
    "C3": "A user who was just created is not found: final; the next run finds the user",
    "C4": "The policy does not yet reach a new member of its group: refused, or awaited with `policy_timeout`",
    "A1": "The login refuses secret, tenant, application or certificate: asked once; the message says what to do",
    "A2": "A login that is busy or fails: retried, one request at a time",
    "A3": "A token that expires during a run is replaced once; one that is never accepted ends the run",
    "A4": "A claims challenge: an application answers it once; else the message says what to do",
    "A5": "403 for all users ends the run early and names the permission; 403 for some fails those only",
    "A6": "A cloud without the action: refused before the first call, or per user where only the service knows",
    "U1": "A user who is not found; names with `#` and `'`",
    "U2": "No mobile phone: an empty list, other phones only, one removed between read and write",
    "U3": "Messages of the service behind Graph: final, with our own message",
    "P1": "The policy refuses with 405 and a message without a code",
    "P2": "The policy refuses with a code and 400, 403 or 409",
    "P3": "409 `phoneNumberNotUnique`, whether the state remembers the attempt or not: read back and reported",
    "P4": "A number held by a deleted account: tried once, and the message says so",
    "P5": "Office and alternate phones: never written to",
    "P6": "Every state that Graph knows, an unknown one, null, absent",
    "P7": "A user in the desired state is not written to; one who reaches it between read and write is no failure",
    "P8": "A 204 that never takes effect: unverified, and the task fails",
    "P9": "A number that is released late: refused for another user until then",
    "R1": "A number in a bad format, or a phone that its user cannot have: refused without a write",
    "R2": "A changed number: one PATCH of the phone method",
    "R3": "Numbers with extension, without space, masked, absent: compared by value; at most two digits are shown",
    "R4": "A phone that cannot be removed, because it is the default method or has an alternate phone",
    "B1": "A batch with an answer of every kind, in any order: each to its own user",
    "B2": "A batch that Graph would refuse: never sent",
    "B3": "424 in a batch: retried",
    "B4": "A batch throttled as a whole; items missing, twice, in base64, without body: only open requests are retried",
    "B5": "Items of a batch that ask for different waits: the longest one counts",
    "L1": "Pages: an empty one, a link in a circle or to another host, a page that fails: only that page is retried",
    "L2": "Names with the text of a formula: neutral in a CSV report",
    "L3": "Reading the policy: includes, excludes, names of groups, missing permission",
    "X1": "A run that is stopped or killed: what it did is verified or reported",
}

UNTESTED = {"C3": "No option marks a user as new."}
"""Faults without tests, or with tests of a part only, and why."""


class Table(NamedTuple):
    """One document: the text above its table, the behaviour by id, and by id why something is not tested."""

    file: Path
    title: str
    text: str
    behaviour: Mapping[str, str]
    untested: Mapping[str, str]


TABLES = (
    Table(
        ROOT / "docs" / "tests.md",
        "Edge cases",
        "Unusual input and situations. The tests of each line check the reported reason and, in"
        "\nthe journal of the simulated service, the requests. Service faults are in"
        f"\n[faults.md]({PAGES}/docs/faults.md).",
        EDGE_CASES,
        {},
    ),
    Table(
        ROOT / "docs" / "faults.md",
        "Service faults",
        "What the service does to its clients, and what this collection does then. The tests of each line inject the"
        "\nfault into the simulated service, and check its journal and the result. Scenarios are the files with that id"
        "\nin `tests/graph_simulator/scenarios`.",
        FAULTS,
        UNTESTED,
    ),
)


class Test(NamedTuple):
    """One test function: the ids it covers, its file relative to the repository, its name and its behaviour."""

    ids: list[str]
    file: str
    name: str
    behaviour: str


def tests() -> Iterator[Test]:
    """All tests with a `covers` mark, in the order of files and lines."""
    for file in sorted((ROOT / "tests").glob("*/**/test_*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (ids := covered(node)):
                words = node.name.removeprefix("test_").replace("_", " ")
                yield Test(ids, file.relative_to(ROOT).as_posix(), node.name, words[0].upper() + words[1:])


def covered(function: ast.FunctionDef) -> list[str]:
    """The ids in `@pytest.mark.covers(...)`."""
    calls = [node for node in function.decorator_list if isinstance(node, ast.Call)]
    marks = [call for call in calls if ast.unparse(call.func) == "pytest.mark.covers"]
    return [ast.literal_eval(argument) for mark in marks for argument in mark.args]


def tests_by_id() -> dict[str, list[Test]]:
    """The tests by id. Raises ValueError for an unknown id, and for an id without tests that is not in UNTESTED."""
    found: dict[str, list[Test]] = {identifier: [] for table in TABLES for identifier in table.behaviour}
    for test in tests():
        for identifier in test.ids:
            if identifier not in found:
                raise ValueError(f"{test.file}: {test.name} covers {identifier}, which is in no table")
            found[identifier].append(test)
    excused = {identifier for table in TABLES for identifier in table.untested}
    if missing := [identifier for identifier, covering in found.items() if not covering and identifier not in excused]:
        raise ValueError(f"no test covers {', '.join(missing)}")
    return found


def document(table: Table, found: Mapping[str, list[Test]]) -> str:
    """The text of the table's document."""
    lines = [
        "<!-- Generated by tests/tools/test_table.py. Change that file or the tests, and run it again. -->",
        f"# {table.title}",
        "",
        table.text,
        "",
        "| id | behaviour | tests |",
        "|---|---|---|",
    ]
    for identifier, behaviour in table.behaviour.items():
        number = len(found[identifier]) or "none yet"
        lines.append(f"| [{identifier}](#{identifier.lower()}) | {behaviour} | {number} |")
    for identifier, behaviour in table.behaviour.items():
        lines += ["", f"## {identifier}", "", f"{behaviour}."]
        if identifier in table.untested:
            lines += ["", f"Not tested: {table.untested[identifier]}"]
        if found[identifier]:
            lines += ["", "| behaviour | test |", "|---|---|"]
        lines += [f"| {test.behaviour} | `{test.file}::{test.name}` |" for test in found[identifier]]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    found = tests_by_id()
    for table in TABLES:
        text = document(table, found)
        if "--check" not in arguments:
            table.file.write_text(text, encoding="utf-8")
        elif not table.file.exists() or table.file.read_text("utf-8") != text:
            sys.exit(f"docs/{table.file.name} is out of date: run tests/tools/test_table.py")


if __name__ == "__main__":
    main(sys.argv[1:])
