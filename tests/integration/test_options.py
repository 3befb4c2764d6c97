# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Aliases of options, and values out of their range."""

from __future__ import annotations

import pytest

from integration.tenants import SECRET, TENANT_ID, make_user, tenant

ANNA = "anna@contoso.example"


TENANT = tenant(make_user("anna", 1))


@pytest.mark.covers("M19")
@pytest.mark.parametrize("given", [{"tenant_id": None, "tenant": TENANT_ID}, {"secret": SECRET}, {"user": ANNA}])
def test_aliases_of_options_work(module, given):
    hidden = {"secret": "client_secret", "user": "users"}
    taken_away = {hidden[name]: None for name in given if name in hidden}

    result = module(**{"users": [ANNA], **taken_away, **given})

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M19")
@pytest.mark.parametrize("tenant_id", ["a/b", "../common", "contoso.example/../other", "two words", "x?y", "-", "."])
def test_only_an_id_or_a_domain_is_a_tenant(simulator, module, tenant_id):
    result = module(users=[ANNA], tenant_id=tenant_id)

    assert result["reason"] == "invalid_options" and "'tenant_id'" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M19")
@pytest.mark.parametrize(
    "given",
    [
        {"request_timeout": 0},
        {"request_timeout": -1},
        {"request_timeout": 1e10},
        {"verify_timeout": -1},
        {"run_timeout": 0},
        {"max_changes": -1},
        {"max_failures": 0},
        {"change_limit": "ten"},
        {"change_limit": "101%"},
        {"change_limit": "-1"},
        {"change_limit": "1.5"},
        {"tolerate": ["forbidden"]},
        {"tolerate": ["service_error"]},
        {"report_path": "report.txt"},
    ],
)
def test_an_option_out_of_its_range_is_refused_before_any_request(simulator, module, given):
    result = module(users=[ANNA], **given)

    assert result["reason"] == "invalid_options" and next(iter(given)) in result["msg"]
    assert {"users", "summary", "requests", "auth", "support"} <= result.keys(), "the same keys as ever"
    assert simulator.journal() == []
