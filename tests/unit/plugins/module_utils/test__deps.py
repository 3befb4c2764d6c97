# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import importlib
import sys

import pytest

from ansible_collections.frontline.entra.plugins import module_utils
from ansible_collections.frontline.entra.plugins.module_utils._deps import require
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, MissingLibrary

PACKAGE = module_utils.__name__


def test_a_library_that_is_there_is_imported():
    assert require("json.decoder", "1.0").JSONDecoder


def test_a_library_that_is_missing_is_asked_for_by_name_version_and_interpreter(monkeypatch):
    monkeypatch.setitem(sys.modules, "msal", None)
    with pytest.raises(MissingLibrary) as caught:
        require("msal", "1.35.0")
    assert "msal>=1.35.0" in caught.value.message
    assert sys.executable in caught.value.message
    assert caught.value.reason == "missing_library"
    assert isinstance(caught.value, EntraError)


def test_a_part_of_a_library_asks_for_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.x509", None)
    with pytest.raises(MissingLibrary, match=r"cryptography>=2\.5"):
        require("cryptography.x509", "2.5")


def test_without_requests_all_can_be_imported_and_a_session_asks_for_it(monkeypatch):
    for name in ("_deps", "_http"):
        # Imported once more without the library; afterwards everything is as it was.
        monkeypatch.setattr(module_utils, name, importlib.import_module(f"{PACKAGE}.{name}"))
        monkeypatch.delitem(sys.modules, f"{PACKAGE}.{name}")
    monkeypatch.setitem(sys.modules, "requests", None)
    http = importlib.import_module(f"{PACKAGE}._http")
    with pytest.raises(MissingLibrary, match=r"requests>=2\.28\.0"):
        http.Session(True, 5.0, 1)
