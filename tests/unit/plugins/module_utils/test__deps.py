# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib
import sys
import types

import pytest

from ansible_collections.frontline.entra.plugins import module_utils
from ansible_collections.frontline.entra.plugins.module_utils._deps import MINIMUM, require
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, MissingLibrary

PACKAGE = module_utils.__name__


def library(monkeypatch, name, version):
    """Puts a library of that version in place of the real one; None takes it away."""
    found = None
    if version is not None:
        found = types.ModuleType(name)
        found.__version__ = version
    monkeypatch.setitem(sys.modules, name, found)


def test_installed_libraries_are_sufficient():
    require(*MINIMUM)


@pytest.mark.parametrize(
    ("version", "serves"),
    [
        ("1.35.0", True),
        ("1.35", True),
        ("1.35.0rc1", True),
        ("1.35.0.post1", True),
        ("1.100.0", True),
        ("2.0", True),
        ("", True),
        ("unknown", True),
        ("1.34.9", False),
        ("1.4.0", False),
        ("1.34.0+local.99", False),
        ("0.9", False),
    ],
)
def test_versions_are_compared_as_numbers(monkeypatch, version, serves):
    library(monkeypatch, "msal", version)
    if serves:
        require("msal")
        return
    with pytest.raises(MissingLibrary, match=rf"msal \(found {version.replace('+', '.')}, needed 1\.35\.0\)"):
        require("msal")


def test_all_missing_or_old_libraries_are_named_with_one_command(monkeypatch):
    library(monkeypatch, "msal", "1.31.0")
    library(monkeypatch, "cryptography", None)
    with pytest.raises(MissingLibrary) as caught:
        require("requests", "msal", "cryptography")
    message = caught.value.message
    assert "msal (found 1.31.0, needed 1.35.0), cryptography (not installed, needed 3.1)" in message
    assert f"{sys.executable} -m pip install 'msal>=1.35.0' 'cryptography>=3.1'" in message
    assert "requests" not in message
    assert caught.value.reason == "missing_library"
    assert isinstance(caught.value, EntraError)


def test_without_requests_imports_work_and_a_session_reports_it(monkeypatch):
    for name in ("_deps", "_trust", "_http"):
        # Imported once more without the library; afterwards everything is as it was.
        monkeypatch.setattr(module_utils, name, importlib.import_module(f"{PACKAGE}.{name}"))
        monkeypatch.delitem(sys.modules, f"{PACKAGE}.{name}")
    monkeypatch.setitem(sys.modules, "requests", None)
    http = importlib.import_module(f"{PACKAGE}._http")
    with pytest.raises(MissingLibrary, match=r"requests>=2\.28\.0"):
        http.Session(True, 5.0, 1)
