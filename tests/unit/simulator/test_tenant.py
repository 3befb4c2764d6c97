# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenant files, switches, phone numbers, quotas: what is accepted, and what is refused with its place."""

from __future__ import annotations

import dataclasses
import json
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from graph_simulator import Clock, PolicyError, Simulator, Switches, TenantError, load_tenant
from graph_simulator.phone_numbers import NumberError, mask_number, parse_number
from graph_simulator.tenant import QuotaSpec

ANNA = {"name": "anna@x.example", "mobile": "+1 2065550101"}


@pytest.mark.parametrize(
    ("tenant", "words"),
    [
        ({"colour": 1}, "unknown keys in the tenant: colour"),
        ({"users": [{"mobile": "+1 2065550101"}]}, "name missing"),
        ({"users": [ANNA, {"name": "ANNA@x.example"}]}, "the name is taken"),
        ({"users": [{**ANNA, "shoe": 1}]}, "unknown keys shoe"),
        ({"users": [{**ANNA, "enabled": "no"}]}, "which is no bool"),
        ({"users": [{**ANNA, "mobile": 12065550101}]}, "mobile: a phone number is written"),
        ({"users": [{**ANNA, "enable": "sometimes"}]}, "can only be never"),
        ({"groups": [{"members": []}]}, "groups: name missing"),
        ({"groups": [{"name": "A", "members": ["nobody@x.example"]}]}, "is no user"),
        ({"groups": [{"name": "A", "members": ["group:B"]}]}, "is no group"),
        ({"groups": [{"name": "A", "size": 1}]}, "unknown keys size"),
        ({"apps": [{"secrets": []}]}, "client_id missing"),
        ({"apps": ["app"]}, "apps: a mapping is expected"),
        ({"apps": [{"client_id": "a", "secrets": [{"vaule": "x"}]}]}, "unknown keys vaule"),
        ({"apps": [{"client_id": "a", "certificates": ["x"]}]}, "app a: certificates and federated keys are PEM"),
        ({"switches": {"moon": "full"}}, "unknown switch 'moon'"),
        ({"switches": {"by_name": "maybe"}}, "takes one of works, noop"),
        ({"switches": {"page_size": "many"}}, "takes int"),
        ({"switches": {"page_size": True}}, "takes int"),
        ({"quota": {"reads": 5}}, "quota: unknown keys reads"),
        ([], "a tenant is a mapping"),
    ],
)
def test_an_impossible_tenant_is_refused(tmp_path: Path, tenant: Any, words: str) -> None:
    file = tmp_path / "tenant.yml"
    file.write_text(json.dumps(tenant), "utf-8")
    with pytest.raises(TenantError, match=words):
        load_tenant(file)


@pytest.mark.parametrize(
    ("tenant", "kind"),
    [
        ({"users": [{**ANNA, "sms_sign_in": True}, {**ANNA, "name": "bob", "sms_sign_in": True}]}, ValueError),
        ({"users": [{"name": "anna", "sms_sign_in": True}]}, ValueError),
        ({"policy": {"include": [{"group": "nowhere"}]}}, PolicyError),
        ({"policy": {"include": [{"user": "nobody"}]}}, PolicyError),
        ({"policy": {"include": [{"groups": "all_users"}]}}, PolicyError),
        ({"policy": {"state": "on"}}, PolicyError),
        ({"policy": {"targets": []}}, PolicyError),
        ({"faults": [{"then": {}}]}, ValueError),
    ],
)
def test_some_errors_are_refused_at_the_start(tenant: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        Simulator(tenant).start()


def test_ids_are_the_same_every_time() -> None:
    tenants = [
        load_tenant({"users": [ANNA, {**ANNA, "soft_deleted": True}], "groups": [{"name": "A"}]})
        for _number in range(2)
    ]
    assert tenants[0].users == tenants[1].users and tenants[0].groups == tenants[1].groups
    assert len({user.id for user in tenants[0].users}) == 2


def test_every_switch_is_documented() -> None:
    readme = (Path(__file__).parents[2] / "graph_simulator" / "README.md").read_text("utf-8")
    for field in dataclasses.fields(Switches):
        assert f"| `{field.name}` | `{json.dumps(field.default)}` |" in readme, field.name


def test_every_key_of_a_quota_is_documented() -> None:
    readme = (Path(__file__).parents[2] / "graph_simulator" / "README.md").read_text("utf-8")
    for field in dataclasses.fields(QuotaSpec):
        assert f"`{field.name}`" in readme, field.name


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("+1 2065550101", "+1 2065550101"),
        ("+12065550101", "+1 2065550101"),
        ("+44 20 7946 0958", "+44 2079460958"),
        ("+442079460958", "+44 2079460958"),
        ("+353209123456", "+353 209123456"),
        ("+1 2065550101x12", None),
        ("2065550101", None),
        ("+0 2065550101", None),
        ("+1 206", None),
        ("+1 (206) 555-0101", None),
        ("+1 2065550101234567", None),
    ],
)
def test_numbers_are_stored_with_one_space(text: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(NumberError) as error:
            parse_number(text)
        assert text not in str(error.value)
    else:
        assert parse_number(text) == stored


def test_extensions_and_masks() -> None:
    assert parse_number("+1 2065550101x12", extension=True) == "+1 2065550101x12"
    assert mask_number("+1 2065550101", "*") == "+1 ********01"


QUOTA = {
    "apps": [{"client_id": "app", "roles": ["UserAuthenticationMethod.ReadWrite.All", "GroupMember.Read.All"]}],
    "users": [ANNA],
    "groups": [{"name": "A"}],
}


def stopped() -> Clock:
    """A clock that only a test moves."""
    return Clock(monotonic=lambda: 0.0)


@pytest.mark.parametrize("form", ["decimal", "integer", "date", "none"])
def test_a_quota_is_used_up_reported_and_restored(connect: Any, form: str) -> None:
    quota = {"reads_per_second": 10, "window": 0.5, "retry_after": form}
    with Simulator({**QUOTA, "quota": quota}, clock=stopped()) as simulator:
        graph = connect(simulator, simulator.token())
        answers = [graph.phone(ANNA["name"])]
        while answers[-1].status_code == 200:
            answers.append(graph.phone(ANNA["name"]))
        assert len(answers) >= 6 and answers[-1].status_code == 429
        assert "x-ms-throttle-limit-percentage" not in answers[0].headers
        assert float(answers[-2].headers["x-ms-throttle-limit-percentage"]) >= 0.8
        refused = answers[-1].headers
        assert refused["x-ms-throttle-scope"].startswith("Tenant_Application/Read/app/")
        assert refused["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
        if form == "decimal":
            assert 0 < float(refused["Retry-After"]) <= 0.5
            simulator.advance(float(refused["Retry-After"]))
            assert graph.phone(ANNA["name"]).status_code == 200
        elif form == "integer":
            assert refused["Retry-After"] == "1"
        elif form == "date":
            assert parsedate_to_datetime(refused["Retry-After"]).tzinfo is not None
        else:
            assert "Retry-After" not in refused


def test_an_early_call_restarts_the_wait(connect: Any) -> None:
    with Simulator({**QUOTA, "quota": {"writes_per_second": 2, "window": 0.5}}, clock=stopped()) as simulator:
        graph = connect(simulator, simulator.token())
        assert [graph.enable(ANNA["name"]).status_code for _number in range(2)] == [204, 429]
        for _number in range(2):
            simulator.advance(0.3)
            assert graph.disable(ANNA["name"]).status_code == 429
        simulator.advance(0.55)
        assert graph.disable(ANNA["name"]).status_code == 204
        assert graph.phone(ANNA["name"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "cost"), [("", "5"), ("?$select=id", "4"), ("?$top=5", "4"), ("?$select=id&$top=5", "3")]
)
def test_members_have_the_documented_cost(connect: Any, query: str, cost: str) -> None:
    with Simulator({**QUOTA, "quota": {"reads_per_second": 100}}) as simulator:
        graph = connect(simulator, simulator.token())
        answer = graph.call("GET", f"/groups/{simulator.group_id('A')}/transitiveMembers{query}")
        assert answer.headers["x-ms-resource-unit"] == cost
