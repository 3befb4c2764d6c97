# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users under several names, names with special characters, and invalid names."""

from __future__ import annotations

import pytest

from integration.tenants import CLIENT_ID, READY, make_user, tenant

ODD_NAMES = [
    "guest_partner.example#EXT#@contoso.example",
    "o'brien@contoso.example",
    "''@contoso.example",
    "who?@contoso.example",
    "who?$select=id&x=y@contoso.example",
    "100%@contoso.example",
    "%2e%2e%2f@contoso.example",
    "a+b=c&d!@contoso.example",
    "$shift@contoso.example",
    "jürgen.größe@contoso.example",
    "users('x')@contoso.example",
    "...@contoso.example",
    'quote"back\\slash@contoso.example',
]
TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl", 3),
    make_user("admin", 9),
    {"name": "+12065550140@contoso.example", "mobile": "+1 2065550140"},
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
def test_a_user_named_twice_counts_once_and_gets_one_write(simulator, module, users, groups):
    identifier = simulator.user_id(ANNA)
    spelt = {"ID": identifier, "UPPER ID": identifier.upper()}

    result = module(users=users and [spelt.get(name, name) for name in users], groups=groups)

    assert result["changed"] and result["reason"] is None and not result.other_warnings
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
def test_a_user_is_excluded_under_any_spelling(simulator, module, users, excluded):
    identifier = simulator.user_id(ANNA)

    def spelt(names):
        return [identifier if name == "ID" else name for name in names]

    result = module(users=spelt(users), **{option: spelt(names) for option, names in excluded.items()})

    assert result["changed"] and result["reason"] is None
    assert [user["user"] for user in result["users"]] == [CARL]
    assert [write.user for write in simulator.writes()] == [CARL]


@pytest.mark.covers("M5")
@pytest.mark.parametrize("may_look_up", [True, False], ids=["may look users up", "may not"])
def test_unmatched_names_and_ids_are_a_warning_and_stop_an_exclude(simulator, module, may_look_up):
    roles = ["UserAuthenticationMethod.ReadWrite.All", *(["User.Read.All"] if may_look_up else [])]
    signed_in = {"client_secret": None, "access_token": simulator.token(roles=roles)}
    identifier = simulator.user_id(ANNA)

    mixed = module(users=[ANNA, identifier], check_mode=True, **signed_in)
    excluding = module(users=[ANNA, CARL], exclude_users=[identifier], **signed_in)

    if may_look_up:
        assert mixed["summary"]["total"] == 1 and not mixed.other_warnings
        assert excluding["reason"] is None and [write.user for write in simulator.writes()] == [CARL]
    else:
        assert "User.Read.All" in mixed.warned
        assert excluding["reason"] == "permission_missing" and "User.Read.All" in excluding["msg"]
        assert simulator.writes() == [] and not excluding["changed"]


@pytest.mark.covers("M5", "M12")
def test_me_and_the_own_name_are_one_user(simulator, module):
    token = simulator.token(user="admin@contoso.example")

    result = module(
        users=["me", "admin@contoso.example", simulator.user_id("admin@contoso.example"), "ME"],
        client_secret=None,
        access_token=token,
    )

    assert result["reason"] is None and result["summary"]["total"] == 1
    assert [(write.user, write.effect) for write in simulator.writes()] == [("admin@contoso.example", True)]


@pytest.mark.covers("M6", "U1")
@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_with_special_characters_addresses_only_its_user(simulator, module, name):
    result = module(users=[name])

    assert result["changed"] and result["reason"] is None
    assert result.user(name)["state"] == READY
    assert [(write.user, write.effect) for write in simulator.writes()] == [(name, True)]
    # Graph takes a dollar sign at the beginning for a function of OData unless the name stands in quotes.
    address = f"/users('{name}')" if name.startswith("$") else f"/users/{name}"
    for entry in simulator.calls():
        assert entry.path.startswith(f"{address}/authentication/phoneMethods") and entry.user == name


@pytest.mark.covers("M6", "U1")
def test_names_with_special_characters_work_in_a_batch(simulator, module):
    result = module(users=ODD_NAMES)

    assert result["reason"] is None and result["summary"]["changed"] == len(ODD_NAMES)
    assert sorted(write.user for write in simulator.writes()) == sorted(ODD_NAMES)
    assert {entry.status for entry in simulator.journal() if entry.kind == "item"} == {200, 204}


NO_NAMES = [
    *("..", ".", "....", "a\tb@contoso.example", "a\0b@contoso.example", "a\x7fb@contoso.example", "\u202emoc"),
    *("../groups", "x/../../groups", "?$filter=a", "#", "%", "%2e%2e/%2e%2e", "$batch", "'"),
    *("left/right@contoso.example", "two words@contoso.example", "a;b@contoso.example", "a:b@contoso.example"),
    *("anna@contoso.example;+1 2065550101", "anna@contoso.example\t+12065550101", "+12065550101", "CONTOSO\\anna"),
    *("root:*:20228:0:99999:7:::", "a@b@contoso.example", "['anna@contoso.example'", "x" * 2000 + "@contoso.example"),
]

OTHERS_IN_A_FILE = ("#", "a\0b@contoso.example")
"""A comment, and a file that is no text."""


@pytest.mark.covers("M6", "U1")
@pytest.mark.parametrize(
    ("option", "name"),
    [(option, name) for option in ("users", "exclude_users") for name in NO_NAMES]
    + [("users_from", name) for name in NO_NAMES if name not in OTHERS_IN_A_FILE],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_an_invalid_name_is_refused_by_its_place_before_any_request(
    simulator, module, tmp_path, option, name, check_mode
):
    if option == "users_from":
        (tmp_path / "list.txt").write_text(f"{CARL}\n\n{name}\n", encoding="utf-8")
        result = module(users_from=str(tmp_path / "list.txt"), check_mode=check_mode)
    else:
        result = module(**{"users": [], option: [CARL, name]}, check_mode=check_mode)

    assert result["reason"] == ("invalid_file" if option == "users_from" else "invalid_options")
    assert option in result["msg"] and ("line 3" if option == "users_from" else "entry 2") in result["msg"]
    assert simulator.journal() == [] and result["users"] == []
    assert len(name) < 5 or name not in str(result)
    assert "2065550101" not in str(result)


@pytest.mark.covers("M6")
@pytest.mark.parametrize(
    "name",
    [
        f"\u200b{ANNA}",
        f"{ANNA}\u00a0",
        "anna@con\u00adtoso.example",
        f"mailto:{ANNA}",
        f"Example, Anna <{ANNA}>",
        f'"{ANNA}"',
    ],
)
@pytest.mark.parametrize("from_file", [True, False])
def test_decoration_around_a_name_is_removed(simulator, module, tmp_path, name, from_file):
    if from_file:
        (tmp_path / "list.txt").write_text(f"{name}\n", encoding="utf-8")
        result = module(users_from=str(tmp_path / "list.txt"))
    else:
        result = module(users=[name.replace("Example, ", "")])

    assert result["reason"] is None and list(result.reasons) == [ANNA]
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
