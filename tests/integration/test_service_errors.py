# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service fails, temporarily or permanently."""

from __future__ import annotations

import pytest

from integration.tenants import NOT_ENABLED, anna_and_workers, workers

TENANT = anna_and_workers(20)
ANNA = "anna@contoso.example"
WORKERS = workers(20)


@pytest.mark.covers("S1")
@pytest.mark.parametrize("name", ["s1_reads_fail_for_a_moment", "s1_writes_fail_for_a_moment", "s1_page_of_a_gateway"])
def test_a_temporary_failure_is_retried(simulator, module, scenario, name):
    scenario(name)

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 20
    assert len(simulator.affected()) == (2 if name == "s1_page_of_a_gateway" else 4)
    assert sum(write.effect for write in simulator.writes()) == 20


@pytest.mark.covers("S2")
def test_a_service_that_is_not_available_is_waited_for(simulator, module, scenario):
    scenario("s2_service_not_available")

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 20
    assert len(simulator.affected()) == 1 and simulator.early(0.4) == []


@pytest.mark.covers("S3")
def test_exceeded_bandwidth_and_locks_are_retried(simulator, module, scenario):
    scenario("s3_statuses_that_pass")

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == 20
    assert sorted(write.status for write in simulator.affected()) == [423, 509]
    assert result["requests"]["throttled"] == 1 and simulator.early(0.2) == []


@pytest.mark.covers("S3")
def test_not_implemented_and_out_of_storage_are_final(simulator, module, scenario):
    scenario("s3_statuses_that_stay")

    result = module(users=WORKERS)

    assert result["reason"] == "some_users_failed"
    assert (result["summary"]["changed"], result["summary"]["reasons"]) == (18, {"service_error": 2})
    statuses = {user["support"]["status"] for user in result["users"] if user["failed"]}
    assert statuses == {501, 507}
    assert len(simulator.writes()) == 20, "no user is written to twice"


def done(simulator):
    """The requests about Anna after the first read, in order."""
    return [entry.method for entry in simulator.requests("phoneMethods")][1:]


@pytest.mark.covers("S4", "N1")
@pytest.mark.parametrize("name", ["s4_cut_off_after_the_effect", "s4_reset_after_the_effect"])
def test_a_write_cut_off_after_its_effect_is_read_back_and_not_repeated(simulator, module, scenario, name):
    scenario(name)

    result = module(users=[ANNA], request_timeout=5)

    assert result["changed"] and result["reason"] is None
    assert done(simulator) == ["POST", "GET"]


@pytest.mark.covers("S4", "N1")
@pytest.mark.parametrize("name", ["s4_cut_off_without_effect", "s4_reset_without_effect", "s4_never_answered"])
def test_a_write_cut_off_without_effect_is_read_back_and_repeated(simulator, module, scenario, name):
    scenario(name)

    result = module(users=[ANNA], request_timeout=1)

    assert result["changed"] and result["reason"] is None
    assert done(simulator) == ["POST", "GET", "POST", "GET"]
    assert [write.effect for write in simulator.writes()] == [False, True]
    assert result["requests"]["seconds"] < 10


@pytest.mark.covers("S4")
def test_a_write_that_takes_effect_after_its_time_out_is_one_change(simulator, module, scenario):
    scenario("s4_done_after_we_gave_up")

    result = module(users=[ANNA], request_timeout=1)

    assert result["changed"] and result["reason"] is None
    assert (result.user("anna")["previous_state"], sum(write.effect for write in simulator.writes())) == (
        NOT_ENABLED,
        1,
    )
    assert done(simulator)[:2] == ["POST", "GET"]
