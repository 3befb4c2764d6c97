# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words to avoid: in documentation, option descriptions, messages, task names, `make help`, comments and test names."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

AVOIDED = {
    "people|persons?|everybody|everyone|somebody|anybody|whoever": "user",
    "those who|of whom": "users that",
    "put off": "throttled",
    "prov(?:e|ed|ing|en)|proofs?": "verify",
    "brakes?": "limit",
    "the way (?:back|out)": "roll back, retire",
    "told|tells": "print, report",
    "shall": "must",
    "contestants?": "tool",
    "bears?|mend(?:s|ed)?|foretold|anew": "a usual word",
    "out of (?:Ansible )?Vault|got elsewhere": "from, obtained",
}
"""What to write instead, by pattern."""

PATTERNS = {re.compile(rf"(?i)\b(?:{pattern})\b"): instead for pattern, instead in AVOIDED.items()}

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "galaxy.yml", "roles/sms_sign_in/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "tests" / "graph_simulator" / "README.md",
    *sorted((ROOT / "tests" / "graph_simulator" / "scenarios").glob("*.yml")),
    *sorted((ROOT / "roles").rglob("*.yml")),
    *sorted((ROOT / "roles").rglob("*.j2")),
    *sorted((ROOT / "playbooks").glob("*.yml")),
]
CODE = sorted((ROOT / "plugins").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def docstrings(tree):
    """The docstrings of modules, classes, functions and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def texts(source):
    """The texts in Python code that users can read: all but docstrings, with the lines where they begin."""
    tree = ast.parse(source)
    internal = {id(node) for node in docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in internal:
            yield node.lineno, node.value


def notes(source):
    """The docstrings, test names and comments in Python code, with the lines where they begin."""
    tree = ast.parse(source)
    for docstring in docstrings(tree):
        yield docstring.lineno, docstring.value
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.lineno, node.name.replace("_", " ")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def found(text):
    """The words to avoid in a text, outside of its code."""
    text = re.sub(r"`[^`]*`", "", text)
    return [
        f"'{match[0]}', write: {instead}" for pattern, instead in PATTERNS.items() for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_pages_avoid_words(file):
    lines = [line for line in enumerate(file.read_text("utf-8").splitlines(), 1) if not line[1].startswith("$ ")]
    assert [f"line {number}: {word}" for number, line in lines for word in found(line)] == []


def problems(files, parts):
    """The words to avoid in the `parts` of Python files, with their places."""
    return [
        f"{file.relative_to(ROOT)}:{line}: {word}"
        for file in files
        for line, text in parts(file.read_text("utf-8"))
        for word in found(text)
    ]


def test_messages_and_option_descriptions_avoid_words():
    assert problems(CODE, texts) == []


def test_docstrings_comments_and_test_names_avoid_words():
    assert problems([*CODE, *TESTS], notes) == []


def test_make_help_avoids_words():
    helps = re.findall(r"^[a-z-]+:.*## (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert len(helps) > 10 and [word for text in helps for word in found(text)] == []


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ('"""Docstring."""\nx = "one"', ["one"]),
        ('def f():\n    """Docstring."""\n    raise Error(f"two {x} three")', ["two ", " three"]),
    ],
)
def test_docstrings_are_not_messages(source, seen):
    assert [text for _line, text in texts(source)] == seen


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ('"""One."""\nx = "two"  # three', ["One.", "# three"]),
        ('def test_a_name():\n    """Docstring."""', ["Docstring.", "test a name"]),
        ("def a_name(): ...", []),
    ],
)
def test_docstrings_comments_and_test_names_are_notes(source, seen):
    assert [text for _line, text in notes(source)] == seen


@pytest.mark.parametrize("text", ["Everybody may", "3 requests put off", "who shall be enabled", "proven", "brakes"])
def test_a_word_is_found(text):
    assert found(text)


@pytest.mark.parametrize("text", ["improved", "bearer", "personal", "proofreader", "the group `Everybody`"])
def test_a_part_of_a_word_and_code_are_not_found(text):
    assert not found(text)
