# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import (
    Roster,
    Target,
    can_be_name,
    entries,
    is_object_id,
    key,
    lookalikes,
    named,
    plain_name,
    positions,
    user_entries,
    visible,
)

ID = "11111111-AAAA-4444-8888-00000000000{}"
ANNA = Target("anna@contoso.example", principal_name="anna@contoso.example", named=True)
ANNA_BY_ID = Target(ID.format(1).lower(), id=ID.format(1).lower(), named=True)
ANNA_BOTH = Target("Anna@contoso.example", id=ID.format(1).lower(), principal_name="Anna@contoso.example")
ME_AS_ANNA = Target("me", principal_name="anna@contoso.example", named=True)
BEN = Target("ben@contoso.example", principal_name="ben@contoso.example", named=True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (None, []),
        ([], []),
        (["", "  ", "\n"], []),
        (["anna", " ben "], ["anna", "ben"]),
        (["anna\nben\r\n\n carl "], ["anna", "ben", "carl"]),
        (["a b"], ["a b"]),
        ([42], ["42"]),
    ],
)
def test_entries_are_lines(values, expected):
    assert entries(values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (None, []),
        (["a@x, b@x\nc@x,,", " "], ["a@x", "b@x", "c@x"]),
        (["Sales, EMEA"], ["Sales", "EMEA"]),
        (["a@x;b@x"], ["a@x;b@x"]),
    ],
)
def test_entries_of_users_are_split_at_commas_too(values, expected):
    assert user_entries(values) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("anna@contoso.example", "anna@contoso.example"),
        ("\ufeff\u200banna@con\u00adtoso.example\u00a0\u2060", "anna@contoso.example"),
        ("\u202aanna@contoso.example\u202c", "anna@contoso.example"),
        ("anna@contoso.example\x1a", "anna@contoso.example"),
        ("mailto:anna@contoso.example", "anna@contoso.example"),
        ("<MAILTO: anna@contoso.example>", "anna@contoso.example"),
        ("Example, Anna <anna@contoso.example>", "anna@contoso.example"),
        ("'anna@contoso.example'", "anna@contoso.example"),
        ('"\u201canna@contoso.example\u201d"', "anna@contoso.example"),
        ("{" + ID.format(1) + "}", ID.format(1)),
        ("'tis@contoso.example", "'tis@contoso.example"),
        ("o'hara@contoso.example", "o'hara@contoso.example"),
        ("{anna@contoso.example}", "{anna@contoso.example}"),
        ("<a@x>; <b@x>", "<a@x>; <b@x>"),
        ("anna@contoso.example;", "anna@contoso.example;"),
        ("", ""),
        ('""', ""),
        ("\u200b", ""),
    ],
)
def test_decoration_around_a_name_is_removed(text, name):
    assert plain_name(text) == name


def test_ascii_text_is_unchanged():
    assert visible(" a\tb \x1a") == "a\tb"


@pytest.mark.parametrize(
    "name",
    [
        "me",
        "ME",
        ID.format(1),
        "anna@contoso.example",
        "gus_fabrikam.example#EXT#@contoso.example",
        "$shift@contoso.example",
        "o'hara@contoso.example",
        "j\u00f6rg@m\u00fcller.example",
        "\u756a\u53f7@contoso.example",
        "+12065550101@contoso.example",
        "a%2Fb?c@contoso.example",
        "{a}@x",
        'a"b@x',
        "-@x",
    ],
)
def test_valid_names_are_accepted(name):
    assert can_be_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "anna",
        "@",
        "anna@",
        "@contoso.example",
        "a@b@c",
        "CONTOSO\\anna",
        "+1 2065550101",
        "12065550101",
        "anna @contoso.example",
        "anna@contoso.example,ben@contoso.example",
        "anna@contoso.example;",
        "anna@contoso.example\t+12065550101",
        "anna@contoso.example\u00a0x",
        "root:*:20228@x",
        "https://x/anna@contoso.example",
        "a/b@x",
        "<anna@contoso.example>",
        "anna<x@contoso.example",
        "['anna@contoso.example'",
        "anna@contoso.example]",
        "anna@contoso.example#Welcome",
        "anna@contoso.example+12065550101",
        "anna@contoso.example(Kiosk)",
        "anna@contoso.example=x",
        "anna@contoso.example|x",
        "anna@contoso.example\uff0cx",
        "anna@contoso.example\u300112065550101",
        "anna@contoso.example\u060c12065550101",
        "Welcome@2026!",
        "anna@con\x00toso.example",
        "anna@contoso.example\x1b[31m",
        "anna\uff20contoso.example",
        "\ud800@contoso.example",
        "a" * 1000 + "@x",
        ID.format(1) + "0",
        "{" + ID.format(1) + "}",
        "..",
    ],
)
def test_invalid_names_are_refused(name):
    assert not can_be_name(name)


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        ([], ""),
        (["entry 1"], "entry 1"),
        (list("abcde"), "a, b, c, d, e"),
        (list("abcdefg"), "a, b, c, d, e and 2 more"),
    ],
)
def test_a_message_lists_five_positions_at_most(bad, text):
    assert positions(bad) == text


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("anna@contoso.example", False),
        (ID.format(1), False),
        # A personnel number.
        ("12345678@contoso.example", False),
        ("+12065550101@contoso.example", True),
    ],
)
def test_a_name_that_is_a_phone_number_is_masked(name, masked):
    assert named(name).masked is masked


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (ID.format(1), True),
        (ID.format(1).lower(), True),
        (ID.format(1)[:-1], False),
        (ID.format(1) + "0", False),
        ("{" + ID.format(1) + "}", False),
        (ID.format("g"), False),
        ("anna@contoso.example", False),
        ("", False),
    ],
)
def test_is_object_id(name, expected):
    assert is_object_id(name) is expected


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("anna@contoso.example", ANNA),
        (ID.format(1), Target(ID.format(1), id=ID.format(1).lower(), named=True)),
        ("me", Target("me", named=True)),
        ("ME", Target("me", named=True)),
    ],
)
def test_a_users_entry_becomes_a_target(name, target):
    assert named(name) == target


@pytest.mark.parametrize(
    ("target", "address"),
    [(ANNA, "anna@contoso.example"), (ANNA_BOTH, ID.format(1).lower()), (named("me"), "me")],
)
def test_the_id_is_the_address_where_it_is_known(target, address):
    assert target.address == address


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([], []),
        ([ANNA, BEN, ANNA], ["anna@contoso.example", "ben@contoso.example"]),
        ([ANNA, named("ANNA@Contoso.example")], ["anna@contoso.example"]),
        ([BEN, ANNA_BY_ID, ANNA, ANNA_BOTH], ["ben@contoso.example", "anna@contoso.example"]),
        ([ANNA_BOTH, ANNA], ["anna@contoso.example"]),
        ([ANNA_BY_ID, ANNA_BOTH, ANNA], [ANNA_BY_ID.name]),
        ([ANNA, ANNA_BY_ID], [ANNA.name, ANNA_BY_ID.name]),
        # A name learned of an entry that is later merged into another one.
        ([ANNA_BY_ID, ANNA, ME_AS_ANNA, ANNA_BOTH, named("me")], ["anna@contoso.example"]),
    ],
)
def test_a_user_is_listed_once_under_the_name_in_the_users_option(targets, expected):
    assert [target.name for target in Roster(targets).targets] == expected


def test_a_merged_target_keeps_the_facts_of_both():
    in_a_group = Target(
        "anna@contoso.example", id="i", principal_name="anna@contoso.example", account_enabled=False, guest=True
    )
    again = Target("anna@contoso.example", id="i", account_enabled=True, guest=False)
    (merged,) = Roster([ANNA, in_a_group, again]).targets
    assert merged == Target(
        "anna@contoso.example",
        id="i",
        principal_name="anna@contoso.example",
        account_enabled=False,
        guest=True,
        named=True,
    )


def test_a_user_given_by_id_gets_its_name_from_a_group():
    (merged,) = Roster([ANNA_BY_ID, ANNA_BOTH]).targets
    assert (merged.name, merged.principal_name) == (ANNA_BY_ID.name, "Anna@contoso.example")


def test_a_roster_holds_users_under_all_their_names():
    roster = Roster([ANNA, ANNA_BY_ID, ANNA_BOTH])
    assert all(roster.holds(target) for target in (ANNA, ANNA_BY_ID, ANNA_BOTH, named("ANNA@contoso.EXAMPLE")))
    assert not roster.holds(BEN)


def _view(number, shown, with_id, with_name, by_option):
    """One way in which a user may be given: by name, by id, as the signed-in user, in a group."""
    identifier, principal_name = ID.format(number).lower(), f"user{number}@contoso.example"
    shown = "me" if shown == "me" and number == 0 else principal_name if shown == "name" else identifier
    return Target(
        shown,
        id=identifier if with_id or shown == identifier else None,
        principal_name=principal_name if with_name or shown == principal_name else None,
        named=by_option,
    )


views = st.builds(
    _view, st.integers(0, 4), st.sampled_from(["me", "name", "id"]), st.booleans(), st.booleans(), st.booleans()
)


def _merged(targets):
    """Sets of names that belong together, worked out from all pairs: the slow way, to compare with."""
    groups = [set(target.keys) for target in targets]
    merged = True
    while merged:
        merged = False
        for one, other in combinations(groups, 2):
            if one & other:
                one |= other
                groups.remove(other)
                merged = True
                break
    return groups


@given(st.lists(views, max_size=12), st.randoms(use_true_random=False))
def test_each_user_is_kept_once_in_any_order(targets, shuffler):
    users = _merged(targets)
    shuffled = list(targets)
    shuffler.shuffle(shuffled)
    for order in (targets, shuffled):
        roster = Roster(order)
        found = [[index for index, keys in enumerate(users) if keys & set(t.keys)] for t in roster.targets]
        assert sorted(found) == [[index] for index in range(len(users))]
        assert all(roster.holds(target) for target in targets)
        for target, (index,) in zip(roster.targets, found):
            assert target.named is any(t.named for t in targets if set(t.keys) <= users[index])


@given(st.text())
def test_a_key_has_no_case(name):
    assert key(name) == key(name.casefold())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("anna@contoso.example", ""),
        ("anna\uff20contoso.example", " (U+FF20)"),
        ("c\u0435o@c\u043ent\u0435so.example", " (U+0435, U+043E)"),
        ("\u00f6\u00e9\u00e8\u00ea@x", " (U+00F6, U+00E9, U+00E8)"),
        ("anna@contoso.example;Gr\u00f6\u00dfe", ""),
        ("Gr\u00f6\u00dfe-2026!", ""),
    ],
)
def test_characters_that_look_like_ascii_are_named(name, shown):
    assert lookalikes(name) == shown
