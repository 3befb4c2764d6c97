# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of plugins/: layers import downwards only, modules are thin, and each file has its unit tests."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

UNIT = Path(__file__).parent
PLUGINS = UNIT.parents[1] / "plugins"
PACKAGE = ("ansible_collections", "frontline", "entra", "plugins")

FILES = {file.relative_to(PLUGINS).with_suffix("").parts: file for file in sorted(PLUGINS.rglob("*.py"))}
"""The files of plugins/ by their place, as ("module_utils", "_http")."""

LAYERS = [
    ("action", "lookup"),
    ("plugin_utils",),
    ("modules", "doc_fragments"),
    ("adapter",),
    ("_run",),
    ("_results",),
    ("_goals",),
    ("_entra",),
    ("_graph", "_auth"),
    ("network",),
    ("_files", "_signals"),
    ("_deps",),
    ("_errors",),
    ("_domain", "_version"),
]
"""A layer imports from those after it only. Layers of one line do not import each other."""

RANKS = {name: rank for rank, names in enumerate(LAYERS) for name in names}
NETWORK = ("_http", "_connecting", "_proxies", "_trust")
"""Files directly in module_utils that are one layer. What is neither a layer nor here is the adapter to Ansible."""

UNITS = "unit/plugins/module_utils"
TESTED_ELSEWHERE = {
    "action/*": "unit/plugins/action/test_sms_sign_in.py",
    "doc_fragments/*": "unit/plugins/modules/test_sms_sign_in.py",
    "modules/sms_policy_info": "integration/test_sms_policy_info.py",
    "module_utils/_auth/_application": f"{UNITS}/_auth/test__login.py",
    "module_utils/_auth/_client_secret": f"{UNITS}/_auth/test__login.py",
    "module_utils/_auth/_way": f"{UNITS}/_auth/test__selector.py",
    "module_utils/_domain/_states": f"{UNITS}/_goals/test__sms_sign_in.py",
    "module_utils/_domain/_words": f"{UNITS}/_results/test__message.py",
    "module_utils/_entra/_refusals": f"{UNITS}/_entra/test__phone_methods.py",
    "module_utils/_errors": f"{UNITS}/test__module.py",
    "module_utils/_goals/_goal": f"{UNITS}/_goals/test__sms_sign_in.py",
    "module_utils/_precautions": "integration/test_admins.py",
    "module_utils/_results/_html/*": f"{UNITS}/_results/_html/test__page.py",
    "module_utils/_results/_read_reports": "unit/plugins/modules/test_report.py",
    "module_utils/_run/_allowance": f"{UNITS}/_run/test__verifier.py",
    "module_utils/_run/_case": f"{UNITS}/_run/test__verifier.py",
    "module_utils/_run/_plan": f"{UNITS}/_run/test__run.py",
    "module_utils/_run/_reader": f"{UNITS}/_run/test__run.py",
    "module_utils/_trust": f"{UNITS}/test__http.py",
    "module_utils/_work": f"{UNITS}/test__module.py",
}
"""Files, or folders, without a test file of their own, and the one in tests/ that tests them. Files of such a folder may
have one."""

TEST_SEVERAL = ["module_utils/_run/test__phone_runs.py"]
"""Unit test files that test several files together, and none of their own name."""

DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")
MOST_LINES_OF_A_MODULE = 60


def layer(place):
    """The layer of a place in plugins/."""
    if place[0] != "module_utils":
        return place[0]
    name = place[1] if len(place) > 1 else "adapter"
    if name in RANKS or len(place) > 2:
        return name
    return "network" if name in NETWORK else "adapter"


def imported(place, source):
    """The places in plugins/ that a file imports, wherever in the file: files, and packages whose content is unknown."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = (*PACKAGE, *place)[: -node.level] if node.level else ()
            module = tuple(node.module.split(".")) if node.module else ()
            names = [(*package, *module, alias.name) for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            names = [
                tuple(one.value.split("."))
                for one in node.args
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
        else:
            continue
        for name in names:
            if name[:4] == PACKAGE and len(name) > 4:
                found = name[4:]
                yield found if found in FILES or (*found, "__init__") in FILES else found[:-1]


def code_lines(source):
    """How many lines of a module are code: no comment, no blank, no docstring, no block of documentation."""
    tree = ast.parse(source)
    nothing = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in nothing:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree):
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if text or isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in DOCUMENTATION:
            lines.difference_update(range(node.lineno, node.end_lineno + 1))
    return len(lines)


def test_imports_point_down():
    upward = [
        f"{'/'.join(place)} imports {'/'.join(found)}"
        for place, file in FILES.items()
        for found in imported(place, file.read_text("utf-8"))
        if layer(found) != layer(place) and RANKS[layer(found)] <= RANKS[layer(place)]
    ]
    assert upward == []


def test_no_file_imports_itself_through_others():
    imports = {place: set(imported(place, file.read_text("utf-8"))) for place, file in FILES.items()}
    # What imports nothing that is left is in no circle.
    while free := [place for place, needed in imports.items() if not needed & imports.keys()]:
        for place in free:
            del imports[place]
    assert sorted(imports) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("from .._http import Session", [("module_utils", "_http")]),
        ("from .. import _http, _files", [("module_utils", "_http"), ("module_utils", "_files")]),
        ("from ._budget import Budget", [("module_utils", "_graph", "_budget")]),
        ("from . import _budget", [("module_utils", "_graph", "_budget")]),
        ("from .._goals import anything", [("module_utils", "_goals")]),
        ("def late():\n    from .._run._run import Run", [("module_utils", "_run", "_run")]),
        ("if TYPE_CHECKING:\n    from ...modules.report import main", [("modules", "report")]),
        ("from ansible_collections.frontline.entra.plugins.modules import report", [("modules", "report")]),
        ("import ansible_collections.frontline.entra.plugins.modules.report as page", [("modules", "report")]),
        (
            "importlib.import_module('ansible_collections.frontline.entra.plugins.modules.report')",
            [("modules", "report")],
        ),
        ("import json, requests\nfrom ansible.module_utils.basic import AnsibleModule\nimport_module(name)", []),
    ],
)
def test_an_import_is_found_in_every_form(line, found):
    assert list(imported(("module_utils", "_graph", "_client"), line)) == found


@pytest.mark.parametrize("file", sorted((PLUGINS / "modules").glob("*.py")), ids=lambda file: file.stem)
def test_a_module_is_thin(file):
    assert code_lines(file.read_text("utf-8")) <= MOST_LINES_OF_A_MODULE


def test_lines_of_code_are_those_that_run():
    source = '''# comment

DOCUMENTATION = r"""
module: x
"""
"""Docstring of
two lines."""


def main(
    argument,  # each line of a statement counts
):
    """Docstring."""
    text = """
    one

    """

    return text
'''
    assert code_lines(source) == 8


def test_every_plugin_file_has_its_unit_tests():
    missing = []
    for place in FILES:
        name, folder = "/".join(place), "/".join((*place[:-1], "*"))
        own = UNIT.joinpath("plugins", *place[:-1], f"test_{place[-1]}.py").is_file()
        if own and name in TESTED_ELSEWHERE:
            missing.append(f"{name} has tests of its own and needs no exception")
        elif not own and place[-1] != "__init__" and not {name, folder} & TESTED_ELSEWHERE.keys():
            missing.append(f"{name} lacks test_{place[-1]}.py")
    assert missing == []


def test_every_unit_test_file_has_its_plugin_file():
    lonely = []
    for file in sorted((UNIT / "plugins").rglob("test_*.py")):
        place = file.relative_to(UNIT / "plugins")
        if not (PLUGINS / place.with_name(place.name.removeprefix("test_"))).is_file():
            lonely.append(place.as_posix())
    assert lonely == TEST_SEVERAL


def test_the_picture_of_the_layers_shows_all_of_them_in_order():
    picture = (PLUGINS.parent / "docs" / "architecture.svg").read_text("utf-8")
    places = [[picture.index(name) for name in names] for names in LAYERS]

    assert [max(line) for line in places] == sorted(max(line) for line in places)


def test_exceptions_are_of_files_that_exist():
    patterns = [name if name.endswith("*") else f"{name}.py" for name in TESTED_ELSEWHERE]
    assert [pattern for pattern in patterns if not list(PLUGINS.glob(pattern))] == []
    assert [file for file in TESTED_ELSEWHERE.values() if not (UNIT.parent / file).is_file()] == []
