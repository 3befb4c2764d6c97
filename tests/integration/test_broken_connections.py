# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that break at any point. Hosts that do not answer at all are in test_unreachable.py."""

from __future__ import annotations

import pytest

from integration.tenants import make_user, tenant

TENANT = tenant(make_user("anna", 1), make_user("ben", 2), make_user("dora", 3))
ANNA = "anna@contoso.example"
BATCH = ["ben@contoso.example", "dora@contoso.example"]


@pytest.mark.covers("N1")
@pytest.mark.parametrize("users", [[ANNA], BATCH], ids=["alone", "in a batch"])
@pytest.mark.parametrize(
    "name",
    [
        "n1_reset_after_the_head",
        "n1_slow_drip",
        "n1_cut_off",
        "n1_compressed",
        "n1_compressed_and_cut_off",
    ],
)
def test_a_broken_read_is_retried(simulator, module, scenario, users, name):
    scenario(name)

    result = module(users=users, request_timeout=2)

    assert result["reason"] is None and result["summary"]["changed"] == len(users)
    assert simulator.affected()
    assert bool(result["requests"]["retried"]) is (name != "n1_compressed")
    assert [write.effect for write in simulator.writes()] == [True] * len(users)


@pytest.mark.covers("N1")
@pytest.mark.parametrize("users", [[ANNA], BATCH], ids=["alone", "in a batch"])
@pytest.mark.parametrize("name", ["n1_reset_after_the_effect", "n1_broken_tls", "n1_nothing_with_a_body"])
def test_a_write_that_took_effect_is_read_back_and_not_repeated(simulator, module, scenario, users, name):
    scenario(name)

    result = module(users=users)

    assert result["reason"] is None and result["summary"]["changed"] == len(users)
    assert simulator.affected()
    assert sorted((write.user, write.effect) for write in simulator.writes()) == [(user, True) for user in users]


@pytest.mark.covers("N1")
@pytest.mark.parametrize("users", [[ANNA], BATCH], ids=["alone", "in a batch"])
def test_a_write_that_never_arrived_is_sent_again_after_a_read(simulator, module, scenario, users):
    scenario("n1_reset_before_the_head")

    result = module(users=users)

    assert result["reason"] is None and result["summary"]["changed"] == len(users)
    assert sum(write.effect for write in simulator.writes()) == len(users)
    assert simulator.affected()
    for user in users:
        asked = [entry for entry in simulator.requests("phoneMethods") if entry.user == user]
        effect = next(number for number, entry in enumerate(asked) if entry.effect)
        assert sum(entry.method == "GET" for entry in asked[:effect]) >= 2, "before the first write, and before another"
