# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons

PLUGINS = Path(reasons.__file__).parents[2]
CODE = [
    file
    for folder in ("module_utils", "modules", "action")
    for file in sorted((PLUGINS / folder).rglob("*.py"))
    if file != Path(reasons.__file__)
]
MODULES = sorted(file.stem for file in (PLUGINS / "modules").glob("[!_]*.py"))
WORDS_WITH_OTHER_MEANINGS = {"guest", "skipped", "throttled"}
"""A kind of account, a kind of outcome, and a verdict about a reply."""

TOLERABLE = {
    "no_mobile_phone",
    "not_allowed_by_policy",
    "phone_number_not_unique",
    "not_supported",
    "user_not_found",
    "account_disabled",
    "guest",
    "privileged_user",
    "not_in_report",
    "no_other_method",
}
FAULTS = {"forbidden", "unverified", "throttled", "unknown_state", "service_error", "skipped"}
PHONE_REFUSALS = {"phone_number_unreadable", "default_method", "needs_mobile_phone", "alternate_phone_exists"}
PHONE_FAULTS = {"invalid_phone_number", "conflicting_entries"}
OF_A_RUN = {
    "some_users_failed",
    "incomplete",
    "too_many_changes",
    "authentication_failed",
    "permission_missing",
    "licence_missing",
    "report_empty",
    "group_not_found",
    "group_ambiguous",
    "group_empty",
    "exclude_not_found",
    "not_available_in_cloud",
    "unreachable",
    "invalid_options",
    "invalid_file",
    "missing_library",
    "internal_error",
}


@pytest.mark.parametrize(
    ("of", "names"),
    [(reasons.USER, TOLERABLE | FAULTS), (reasons.PHONES, PHONE_REFUSALS | PHONE_FAULTS), (reasons.RUN, OF_A_RUN)],
)
def test_reasons_of_users_and_of_runs(of, names):
    assert {reason.name for reason in reasons.ALL.values() if reason.of == of} == names


def test_each_module_tolerates_its_refusals_and_no_faults():
    assert set(reasons.TOLERABLE) == TOLERABLE
    assert set(reasons.TOLERABLE_FOR_PHONES) == TOLERABLE | PHONE_REFUSALS
    assert set(reasons.REFUSALS) == TOLERABLE | PHONE_REFUSALS


@pytest.mark.parametrize("reason", reasons.ALL.values(), ids=lambda reason: reason.name)
def test_a_reason_has_a_constant_a_message_and_a_next_step(reason):
    assert getattr(reasons, reason.name.upper()) == reason.name
    assert reason.message.endswith(".") and reason.next_step.endswith(".")
    assert reasons.SENTENCES[reason.name] == f"{reason.message} {reason.next_step}"


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(PLUGINS)))
def test_code_names_a_reason_by_its_constant(file):
    names = reasons.ALL.keys() - WORDS_WITH_OTHER_MEANINGS
    literals = [node.value for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Constant)]

    assert [text for text in literals if isinstance(text, str) and text in names] == []


def described_reasons(returned):
    """What a RETURN says about each key `reason`, at any depth."""
    for key, value in returned.items():
        if key == "reason":
            yield "".join(value["description"])
        yield from described_reasons(value.get("contains", {}))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_documents_no_unknown_reason(module):
    found = importlib.import_module(f"ansible_collections.frontline.entra.plugins.modules.{module}")
    named = re.findall(r"V\((\w+)\)", " ".join(described_reasons(yaml.safe_load(found.RETURN))))

    assert [reason for reason in named if reason not in reasons.ALL] == []


@pytest.mark.parametrize("permission", [*reasons.MAY_WRITE, *reasons.MAY_READ])
def test_permissions_belong_to_the_two_families(permission):
    assert permission.split(".")[0] in ("UserAuthMethod-Phone", "UserAuthenticationMethod")


def test_every_permission_to_write_permits_reading():
    assert set(reasons.MAY_WRITE) < set(reasons.MAY_READ)
    assert all(".ReadWrite" in permission for permission in reasons.MAY_WRITE)


@pytest.mark.parametrize(
    ("grants", "accepted"), [(reasons.TO_WRITE, reasons.MAY_WRITE), (reasons.TO_READ, reasons.MAY_READ)]
)
def test_permissions_named_in_messages_are_sufficient(grants, accepted):
    permissions = grants.split(" or ")
    assert len(permissions) == 2
    assert set(permissions) < set(accepted)
    assert all(permission.endswith(".All") for permission in permissions)
