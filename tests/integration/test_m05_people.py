# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""M5-M7: who is meant, under which names, and in which states."""

from __future__ import annotations

import pytest

from integration.tenants import CLIENT_ID, NEW_TO_METADATA, NOT_ENABLED, READY, SOMETHING_NEW, person, tenant

ODD_NAMES = [
    "guest_partner.example#EXT#@contoso.example",
    "o'brien@contoso.example",
    "''@contoso.example",
    "left/right@contoso.example",
    "../groups@contoso.example",
    "who?@contoso.example",
    "who?$select=id&x=y@contoso.example",
    "100%@contoso.example",
    "%2e%2e%2f@contoso.example",
    "two words@contoso.example",
    "a+b=c&d;e,f:g!@contoso.example",
    "jürgen.größe@contoso.example",
    "users('x')@contoso.example",
    "...@contoso.example",
    'quote"back\\slash@contoso.example',
]
TENANT = tenant(
    person("anna", 1),
    person("ben", 2, sms_sign_in=True),
    person("carl", 3),
    person("new", 5, state=SOMETHING_NEW),
    person("future", 6, state="unknownFutureValue"),
    person("null", 7, state="null"),
    person("absent", 8, state="absent"),
    person("admin", 9),
    *[
        {"name": name, "mobile": f"+44 1632960{number:03}", "guest": "#EXT#" in name}
        for number, name in enumerate(ODD_NAMES)
    ],
    delegated=[
        {
            "user": "admin@contoso.example",
            "client_id": CLIENT_ID,
            "scopes": ["UserAuthenticationMethod.ReadWrite.All", "User.ReadBasic.All", "User.Read"],
            "entra_roles": ["Authentication Administrator"],
        }
    ],
    groups=[
        {"name": "Frontline", "members": ["anna@contoso.example", "carl@contoso.example", "group:Nested"]},
        {"name": "Nested", "members": ["anna@contoso.example"]},
        {"name": "Both shifts", "members": ["anna@contoso.example", "carl@contoso.example"]},
    ],
    switches={"guest_state": None},
)
ANNA = "anna@contoso.example"
CARL = "carl@contoso.example"


# -- M5 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("M5")
@pytest.mark.parametrize(
    ("users", "groups"),
    [
        ([ANNA, ANNA], None),
        ([ANNA, "ANNA@Contoso.Example"], None),
        ([ANNA, f" {ANNA}\n"], None),
        ([ANNA, "ID"], None),
        (["ID", "ANNA@contoso.example"], None),
        (["ID", "UPPER ID"], None),
        (None, ["Nested", "Nested"]),
        ([ANNA], ["Nested"]),
        (["ANNA@CONTOSO.EXAMPLE"], ["Nested"]),
        (["UPPER ID"], ["Nested"]),
        ([ANNA, "ID", "UPPER ID"], ["Nested", "nested"]),
    ],
)
def test_a_person_named_twice_counts_once_and_gets_one_write(simulator, module, users, groups):
    identifier = simulator.user_id(ANNA)
    spelt = {"ID": identifier, "UPPER ID": identifier.upper()}

    result = module(users=users and [spelt.get(name, name) for name in users], groups=groups)

    assert result["changed"] and result["reason"] is None and "warnings" not in result
    assert result["summary"]["total"] == len(result["users"]) == 1
    assert [(write.user, write.effect) for write in simulator.writes()] == [(ANNA, True)]
    assert len([read for read in simulator.requests("phoneMethods") if read.method == "GET"]) == 2


@pytest.mark.covers("M5")
def test_members_of_two_groups_count_once(simulator, module):
    result = module(groups=["Frontline", "Both shifts", "Nested"])

    assert result["changed"] and result["reason"] is None
    assert sorted(user["user"] for user in result["users"]) == [ANNA, CARL]
    assert sorted(write.user for write in simulator.writes()) == [ANNA, CARL]


@pytest.mark.covers("M5")
@pytest.mark.parametrize("excluded", [{"exclude_users": ["ID"]}, {"exclude_groups": ["Nested"]}])
@pytest.mark.parametrize("users", [[ANNA, CARL], ["ID", CARL], ["ANNA@CONTOSO.EXAMPLE", "ID", CARL]])
def test_a_person_is_excluded_under_any_spelling(simulator, module, users, excluded):
    identifier = simulator.user_id(ANNA)

    def spelt(names):
        return [identifier if name == "ID" else name for name in names]

    result = module(users=spelt(users), **{option: spelt(names) for option, names in excluded.items()})

    assert result["changed"] and result["reason"] is None
    assert [user["user"] for user in result["users"]] == [CARL]
    assert [write.user for write in simulator.writes()] == [CARL]


@pytest.mark.covers("M5")
@pytest.mark.parametrize("tell_apart", [True, False], ids=["may look users up", "may not"])
def test_names_and_ids_that_cannot_be_told_apart_are_warned_about_and_stop_an_exclude(simulator, module, tell_apart):
    roles = ["UserAuthenticationMethod.ReadWrite.All", *(["User.Read.All"] if tell_apart else [])]
    signed_in = {"client_secret": None, "access_token": simulator.token(roles=roles)}
    identifier = simulator.user_id(ANNA)

    mixed = module(users=[ANNA, identifier], check_mode=True, **signed_in)
    excluding = module(users=[ANNA, CARL], exclude_users=[identifier], **signed_in)

    if tell_apart:
        assert mixed["summary"]["total"] == 1 and "warnings" not in mixed
        assert excluding["reason"] is None and [write.user for write in simulator.writes()] == [CARL]
    else:
        assert "User.Read.All" in mixed.warned
        assert excluding["reason"] == "permission_missing" and "User.Read.All" in excluding["msg"]
        assert simulator.writes() == [] and not excluding["changed"]


@pytest.mark.covers("M5", "M12")
def test_me_and_the_own_name_are_one_person(simulator, module):
    token = simulator.token(user="admin@contoso.example")

    result = module(
        users=["me", "admin@contoso.example", simulator.user_id("admin@contoso.example"), "ME"],
        client_secret=None,
        access_token=token,
    )

    assert result["reason"] is None and result["summary"]["total"] == 1
    assert [(write.user, write.effect) for write in simulator.writes()] == [("admin@contoso.example", True)]


# -- M6 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("M6", "U1")
@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_with_odd_characters_reaches_its_user_and_no_other_resource(simulator, module, name):
    result = module(users=[name])

    assert result["changed"] and result["reason"] is None
    assert result.user(name)["state"] == READY
    assert [(write.user, write.effect) for write in simulator.writes()] == [(name, True)]
    for entry in simulator.calls():
        assert entry.path.startswith(f"/users/{name}/authentication/phoneMethods") and entry.user == name


@pytest.mark.covers("M6", "U1")
def test_odd_names_reach_their_users_in_a_batch_too(simulator, module):
    result = module(users=ODD_NAMES)

    assert result["reason"] is None and result["summary"]["changed"] == len(ODD_NAMES)
    assert sorted(write.user for write in simulator.writes()) == sorted(ODD_NAMES)
    assert {entry.status for entry in simulator.journal() if entry.kind == "item"} == {200, 204}


@pytest.mark.covers("M6")
@pytest.mark.parametrize(
    "name", ["..", ".", "....", "a\tb@contoso.example", "a\0b@contoso.example", "a\x7fb@contoso.example", "\u202emoc"]
)
@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_a_name_that_no_request_can_carry_is_refused_without_one(simulator, module, name, state):
    result = module(users=[name], state=state)

    assert not result["changed"] and result["reason"] == "some_users_failed"
    assert (result["users"][0]["reason"], result["users"][0]["state"]) == ("user_not_found", None)
    assert simulator.calls() == []
    assert all(character.isprintable() for character in result["msg"])


@pytest.mark.covers("M6", "U1")
@pytest.mark.parametrize(
    "name", ["../groups", "x/../../groups", "?$filter=a", "#", "%", "%2e%2e/%2e%2e", "$batch", "'"]
)
def test_a_name_made_like_a_path_is_a_user_who_is_not_found(simulator, module, name):
    result = module(users=[name, ANNA])

    assert result["reason"] == "some_users_failed" and result.reasons == {name: "user_not_found", ANNA: None}
    items = [entry for entry in simulator.journal() if entry.kind == "item"]
    assert f"/users/{name}/authentication/phoneMethods" in [entry.path for entry in items]
    assert {entry.user for entry in items} == {None, ANNA}
    assert [write.user for write in simulator.writes()] == [ANNA]


@pytest.mark.covers("M6")
@pytest.mark.parametrize(
    "users",
    [
        [f"  {ANNA}\t", f"\n{CARL}  "],
        [f"{ANNA}\n{CARL}"],
        [f"{ANNA}\r\n\r\n  {CARL}\r\n"],
        f"{ANNA}\n{CARL}\n",
        f"{ANNA},{CARL}",
        [ANNA, "", "   ", "\n", CARL],
    ],
)
def test_blanks_and_line_breaks_around_names_do_not_matter(simulator, module, users):
    result = module(users=users)

    assert result["reason"] is None
    assert sorted(user["user"] for user in result["users"]) == [ANNA, CARL]
    assert sorted(write.user for write in simulator.writes()) == [ANNA, CARL]


# -- M7 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("M7", "P6")
@pytest.mark.parametrize(
    ("name", "state"),
    [
        pytest.param("new", SOMETHING_NEW, marks=NEW_TO_METADATA),
        ("future", "unknownFutureValue"),
        ("null", None),
        ("absent", None),
    ],
)
@pytest.mark.parametrize("wanted", ["enabled", "disabled"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_state_that_nobody_knows_is_refused_and_not_written_to(simulator, module, name, state, wanted, check_mode):
    result = module(users=[f"{name}@contoso.example", ANNA], state=wanted, check_mode=check_mode)

    assert result["reason"] == "some_users_failed"
    user = result.user(name)
    assert (user["reason"], user["state"], user["changed"], user["failed"]) == ("unknown_state", state, False, True)
    assert [write.user for write in simulator.writes() if write.user != ANNA] == []


@pytest.mark.covers("M7")
def test_an_unknown_state_cannot_be_tolerated(simulator, module):
    result = module(users=["new@contoso.example"], tolerate=["unknown_state"])

    assert result["reason"] == "invalid_options" and "unknown_state" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M7", "P6")
@pytest.mark.parametrize(
    ("user", "wanted", "before"), [(ANNA, "enabled", NOT_ENABLED), ("ben@contoso.example", "disabled", READY)]
)
@pytest.mark.parametrize("state", [pytest.param(SOMETHING_NEW, marks=NEW_TO_METADATA), "null", "absent"])
def test_an_unknown_state_after_a_write_proves_nothing(simulator, module, user, wanted, before, state):
    simulator.inject({"match": {"method": "POST"}, "then": {"state": {"user": user, "state": state}}})

    result = module(users=[user], state=wanted, verify_timeout=0.3)

    assert not result["changed"] and result["reason"] == "some_users_failed"
    told = result.user(user)
    assert (told["previous_state"], told["state"]) == (before, state if state == SOMETHING_NEW else None)
    assert told["reason"] == "unverified" and not told["changed"] and len(simulator.writes()) >= 1
