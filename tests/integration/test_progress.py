# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a long run is, in sight of the person who waits."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from integration.tenants import tenant

TENANT = tenant(
    {"count": 300, "name": "worker{n:03}@contoso.example", "mobile": "+44 1632{n:06}"},
    groups=[{"name": "Frontline", "members_match": "*"}],
)
LINE = re.compile(r"localhost: (reading|switching) \d+ of 300 users, [\d.]+ a second, [\d.]+% put off, .* left")


@pytest.fixture
def play(options, playbook):
    """A play with one task of ours, and keywords of the task."""

    def run(keywords=None, **more):
        task = {"frontline.entra.sms_sign_in": {**options, "groups": ["Frontline"], **more}, **(keywords or {})}
        return playbook(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))

    return run


def test_a_long_run_tells_how_far_it_is(simulator, play, tmp_path):
    simulator.set_quota({"phone_methods_per_second": 55, "percentage": True})
    path = tmp_path / "progress.json"
    # A relative path is one in the folder of the playbook; blank counts as not given.
    played = play(progress_path="progress.json", progress="")
    result = played.of("frontline.entra.sms_sign_in").result
    assert result["summary"]["changed"] == 300
    assert LINE.search(played.stdout), played.stdout
    assert result["invocation"]["module_args"]["progress_path"] == "progress.json"
    last = json.loads(path.read_text())
    assert (last["phase"], last["done"], last["total"]) == ("switching", 300, 300) and last["sent"] >= 900


@pytest.mark.parametrize("told", [True, False])
def test_a_short_run_tells_nothing_and_has_the_same_result(simulator, play, told, home):
    played = play(progress=told)
    result = played.of("frontline.entra.sms_sign_in").result
    assert played.returncode == 0 and "users," not in played.stdout
    assert result["summary"]["changed"] == 300 and result["invocation"]["module_args"]["progress_path"] is None
    assert not list(home.rglob("progress-*"))


def test_a_progress_file_that_cannot_be_written_is_a_warning(module, tmp_path):
    result = module(groups=["Frontline"], progress_path=str(tmp_path / "missing" / "progress.json"))
    assert result["reason"] is None and "'progress_path' cannot be written" in result.warned


@pytest.mark.parametrize("keywords", [{"no_log": True}, {"async": 60, "poll": 1}])
def test_what_is_not_to_be_seen_or_goes_on_in_the_background_is_not_told(simulator, play, keywords):
    simulator.set_quota({"phone_methods_per_second": 70, "percentage": True})
    played = play(keywords)
    assert played.returncode == 0 and not LINE.search(played.stdout)
