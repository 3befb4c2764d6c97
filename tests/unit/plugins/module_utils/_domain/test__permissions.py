# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest

import ansible_collections.frontline.entra
from ansible_collections.frontline.entra.plugins.module_utils._domain import _permissions as permissions
from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._domain._permissions import ROLE_IDS, with_role_ids

ROOT = Path(next(iter(ansible_collections.frontline.entra.__path__)))


def test_each_permission_has_an_id_of_its_own():
    assert len({uuid.UUID(role) for role in ROLE_IDS.values()}) == len(ROLE_IDS)


def test_the_documentation_has_the_same_ids():
    text = (ROOT / "docs" / "permissions.md").read_text("utf-8")
    documented = dict(re.findall(r"^\| `([\w.-]+)` \| `([0-9a-f-]{36})` \|$", text, re.MULTILINE))
    assert documented and documented.items() <= ROLE_IDS.items()


@pytest.mark.parametrize(
    "grant",
    [
        *(reasons.TO_READ, reasons.TO_WRITE, permissions.TO_READ_MEMBERS, permissions.TO_RESOLVE),
        *(permissions.TO_SEE_ACCOUNTS, permissions.TO_READ_REPORT),
    ],
)
def test_whatever_is_to_be_granted_has_an_id(grant):
    for name in grant.split(" or "):
        assert f"{name} ({ROLE_IDS[name]})" in with_role_ids(f"Grant {grant} (for 'groups').")


@pytest.mark.parametrize("text", ["", "No.Such.Permission", "contoso.example", "See docs/permissions.md."])
def test_other_names_with_dots_stay(text):
    assert with_role_ids(text) == text
