# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to batches."""

from __future__ import annotations

from collections import Counter

import pytest

from integration.tenants import make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    {"count": 65, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
)
WORKERS = [f"worker{number:02}@contoso.example" for number in range(1, 66)]


@pytest.mark.covers("B1")
@pytest.mark.parametrize("seed", [None, 0, 5])
def test_each_answer_in_a_batch_is_matched_to_its_user(simulator, module, scenario, seed):
    simulator.switch("batch_order_seed", seed)
    scenario("b1_mixed_batch")

    result = module(users=WORKERS[:20])

    reasons = {"forbidden": "forbidden", "not found": "user_not_found", "refused": "service_error"}
    expected = {write.user: reasons.get(write.fault) for write in simulator.affected()}
    assert len(expected) == 5
    assert result.reasons == {**dict.fromkeys(WORKERS[:20]), **expected}
    assert (result["summary"]["changed"], result["summary"]["failed"]) == (17, 3)
    tries = Counter(write.user for write in simulator.writes())
    again = {write.user for write in simulator.affected() if write.fault in ("throttled", "failed")}
    assert {user for user, count in tries.items() if count > 1} == again


@pytest.mark.covers("B2")
@pytest.mark.parametrize("count", [1, 2, 20, 21, 41, 65])
def test_batches_follow_the_rules_of_graph(simulator, module, count):
    result = module(users=WORKERS[:count])

    assert result["reason"] is None and result["summary"]["changed"] == count
    assert {call.status for call in simulator.calls()} <= {200, 204}, "too many, doubled or bare ones would be a 400"
    sizes = Counter(entry.batch for entry in simulator.calls("item"))
    assert all(2 <= size <= 20 for size in sizes.values()), "one request by itself needs no batch"
    kinds = {(entry.batch, entry.write) for entry in simulator.calls("item")}
    assert len(kinds) == len(sizes), "reads only or writes only"


@pytest.mark.covers("B3")
def test_an_item_that_failed_with_its_dependency_is_sent_again(simulator, module, scenario):
    scenario("b3_failed_dependency")

    result = module(users=WORKERS[:10])

    assert result["reason"] is None and result["summary"]["changed"] == 10
    assert result["requests"]["retried"] == 2
    assert len(simulator.writes()) == 12


@pytest.mark.covers("B4")
@pytest.mark.parametrize(
    ("name", "still_open"),
    [
        ("b4_envelope_throttled", 10),
        ("b4_envelope_not_available", 10),
        ("b4_item_missing", 1),
        ("b4_item_twice", 0),
        ("b4_items_without_bodies", 10),
        ("b4_body_in_base64", 1),
    ],
)
def test_only_unanswered_items_of_a_batch_are_sent_again(simulator, module, scenario, name, still_open):
    scenario(name)

    result = module(users=WORKERS[:10])

    assert result["reason"] is None and result["summary"]["changed"] == 10
    assert result["requests"]["retried"] == still_open
    assert sorted(write.user for write in simulator.writes()) == WORKERS[:10], "one write each"
    if name.startswith("b4_envelope"):
        assert simulator.early(0.2) == []


@pytest.mark.covers("B5")
def test_the_longest_wait_in_a_batch_counts(simulator, module, scenario):
    scenario("b5_waits_that_differ")

    result = module(users=WORKERS[:10])

    assert result["reason"] is None and result["summary"]["changed"] == 10
    assert len({entry.batch for entry in simulator.affected()}) == 1 and simulator.early(0.3) == []
    assert result["requests"]["throttled"] == result["requests"]["retried"] == 3
