# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory that is busy with the last change, or has not replicated it yet."""

from __future__ import annotations

import pytest

from integration.tenants import NOT_ENABLED, READY, anna_and_workers, workers

TENANT = anna_and_workers(10)
ANNA = "anna@contoso.example"
WORKERS = workers(10)


@pytest.mark.covers("C1")
@pytest.mark.parametrize("name", ["c1_writes_collide_409", "c1_writes_collide_503"])
def test_colliding_writes_are_read_back_and_sent_again_after_a_pause(simulator, module, scenario, name):
    scenario(name)

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 10
    affected = {write.user: write for write in simulator.affected()}
    assert len(affected) == 3 and result["requests"]["retried"] == 3
    for write in simulator.writes():
        if write.user in affected and not write.fault:
            first = affected.pop(write.user)
            assert 0.375 <= write.at - first.done < 3
            looks = [entry for entry in simulator.requests("phoneMethods") if entry.user == write.user]
            assert [look.method for look in looks] == ["GET", "POST", "GET", "POST", "GET"]
    assert affected == {} and sum(write.effect for write in simulator.writes()) == 10


@pytest.mark.covers("C2")
def test_a_write_is_read_back_until_it_shows(simulator, module, scenario):
    scenario("c2_seen_late")

    result = module(users=[ANNA, *WORKERS])

    assert result["reason"] is None and result["summary"]["changed"] == 11
    assert len(simulator.writes()) == 11 and result["requests"]["seconds"] >= 0.3


@pytest.mark.covers("C2")
def test_one_read_of_the_new_state_verifies_a_write_between_stale_reads(simulator, module, scenario):
    scenario("c2_old_new_old")

    first = module(users=[ANNA])
    shown = [entry.fault is None for entry in simulator.requests("phoneMethods")]
    again = module(users=[ANNA])

    assert first["changed"] and first.user("anna")["state"] == READY
    assert shown == [True, True, False, True], "read, write, the old state, the new one: and no look after that"
    assert again["reason"] is None and again.user("anna")["state"] == READY
    assert sum(write.effect for write in simulator.writes()) == 1, "to write once more did nothing"


@pytest.mark.covers("C3")
def test_a_user_not_found_yet_fails_and_the_next_run_finds_it(simulator, module, scenario):
    scenario("c3_new_user_not_found_yet")

    first = module(users=[ANNA, *WORKERS])
    tries = [entry.status for entry in simulator.requests("phoneMethods") if entry.user == ANNA]
    again = module(users=[ANNA, *WORKERS])

    assert first["reason"] == "some_users_failed" and first["summary"]["changed"] == 10
    assert (first.user("anna")["reason"], tries) == ("user_not_found", [404])
    assert again["reason"] is None and again.user("anna")["changed"]


@pytest.mark.covers("C4")
def test_a_policy_not_in_effect_yet_refuses_and_the_next_run_enables(simulator, module, scenario):
    scenario("c4_policy_not_in_effect_yet")

    first = module(users=[ANNA], tolerate=["not_allowed_by_policy"])
    writes = simulator.writes()
    again = module(users=[ANNA])

    assert first["reason"] is None and not first["changed"] and writes == []
    assert (first.user("anna")["reason"], first["summary"]["refused"]) == ("not_allowed_by_policy", 1)
    assert again["changed"] and (again.user("anna")["previous_state"]) == NOT_ENABLED
