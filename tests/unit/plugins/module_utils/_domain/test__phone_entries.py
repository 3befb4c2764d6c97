# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._phone_entries import (
    ABSENT,
    Entry,
    PhoneList,
    Wish,
)

ANNA, BEN, ID = "anna@contoso.example", "ben@contoso.example", "0a000000-0000-4000-8000-000000000001"
ONE, TWO = "+1 2065550101", "+1 2065550102"
HAS_ONE = Wish(True, ONE)


def wishes(*entries, keys=(ANNA,)):
    return PhoneList(entries).wishes(keys)


@pytest.mark.parametrize(
    ("entries", "by_type"),
    [
        ([Entry("line 2", ANNA, ONE)], {"mobile": HAS_ONE}),
        ([Entry("line 2", "Anna@CONTOSO.example", "+12065550101")], {"mobile": HAS_ONE}),
        # equal lines count once, however the number is spelt
        ([Entry("line 2", ANNA, ONE), Entry("line 3", ANNA, "+1 (206) 555-0101")], {"mobile": HAS_ONE}),
        (
            [Entry("line 2", ANNA, ONE), Entry("line 3", ANNA, TWO, "office"), Entry("line 4", BEN, TWO)],
            {"mobile": HAS_ONE, "office": Wish(True, TWO)},
        ),
        ([Entry("line 2", ANNA, TWO + "x12", "office")], {"office": Wish(True, TWO + "x12")}),
        ([Entry("line 2", ANNA, None, state=ABSENT)], {"mobile": Wish(False, None)}),
        ([Entry("line 2", ANNA, ONE, state=ABSENT)], {"mobile": Wish(False, ONE)}),
        ([Entry("line 2", BEN, ONE)], {}),
    ],
)
def test_entries_become_the_wishes_of_a_user(entries, by_type):
    assert wishes(*entries) == (by_type, None)


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (Entry("line 3", ANNA, TWO), "Line 2, line 3: "),
        (Entry("line 3", ANNA, ONE, state=ABSENT), "Line 2, line 3: "),
        (Entry("line 3", ANNA, None, state=ABSENT), "Line 2, line 3: "),
    ],
)
def test_contradicting_entries_are_a_conflict(second, says):
    found, flaw = wishes(Entry("line 2", ANNA, ONE), second)

    assert found == {} and flaw.reason == "conflicting_entries"
    assert flaw.says.startswith(says) and "mobile" in flaw.says and "206" not in flaw.says


def test_contradicting_entries_by_name_and_by_id_are_a_conflict():
    entries = [Entry("line 2", ANNA, ONE), Entry("line 3", ID, TWO)]

    assert wishes(*entries).flaw is None
    assert wishes(*entries, keys=(ANNA, ID)).flaw.reason == "conflicting_entries"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (Entry("line 7", ANNA, "2065550101"), "Line 7: The number has no plus sign"),
        (Entry("line 7", ANNA, None), "Line 7: There is no phone number."),
        (Entry("line 7", ANNA, ""), "Line 7: There is no phone number."),
        (Entry("line 7", ANNA, "", state=ABSENT), "Line 7: There is no phone number."),
        (Entry("line 7", ANNA, ONE + "x12"), "Line 7: Only an office number"),
        (Entry("line 7", ANNA, ONE, flaw="The type is unknown."), "Line 7: The type is unknown."),
        (Entry("", ANNA, "********01"), "The number is masked."),
    ],
)
def test_an_invalid_entry_is_reported_by_its_place(entry, says):
    found, flaw = wishes(Entry("line 2", ANNA, TWO, "office"), entry)

    assert found == {} and flaw.reason == "invalid_phone_number" and flaw.says.startswith(says)
    assert "0101" not in flaw.says


def test_only_mobile_numbers_count_as_shared():
    shared = PhoneList(
        [
            Entry("line 2", ANNA, ONE),
            Entry("line 3", ANNA, "+12065550101"),
            Entry("line 4", BEN, "+1-206-555-0101"),
            Entry("line 5", "carl@contoso.example", ONE, state=ABSENT),
            Entry("line 6", "dora@contoso.example", TWO, "office"),
            Entry("line 7", "eve@contoso.example", TWO, "office"),
        ]
    )

    assert shared.warning.startswith("Mobile numbers of several users: line 2 and line 4. ")
    assert shared.others_with(ONE, [ANNA]) == ["line 4"]
    assert shared.others_with(ONE, [ANNA, BEN]) == []
    assert shared.others_with(TWO, [ANNA]) == []


@pytest.mark.parametrize(
    ("states", "state"), [(["present", "present"], "present"), (["absent"], "absent"), (["present", "absent"], "mixed")]
)
def test_a_list_with_different_states_is_mixed(states, state):
    assert (
        PhoneList(Entry("", f"user{n}@contoso.example", ONE, state=one) for n, one in enumerate(states)).state == state
    )


def test_no_number_is_in_the_representation():
    assert "206" not in repr((Entry("line 2", ANNA, ONE), HAS_ONE))


ENTRIES = st.builds(
    Entry,
    place=st.just("line 2"),
    user=st.sampled_from([ANNA, BEN, ID]),
    number=st.sampled_from([None, "", ONE, TWO, "+12065550101", "2065550101"]),
    phone_type=st.sampled_from(["mobile", "office"]),
    state=st.sampled_from(["present", "absent"]),
)


@given(st.lists(ENTRIES), st.randoms())
def test_order_and_repetition_of_entries_do_not_matter(entries, random):
    shuffled = [*entries, *entries]
    random.shuffle(shuffled)

    for keys in ([ANNA], [BEN], [ANNA, ID]):
        (one, flaw), (other, other_flaw) = (PhoneList(some).wishes(keys) for some in (entries, shuffled))
        assert one == other and (flaw and flaw.reason) == (other_flaw and other_flaw.reason)


def test_a_list_without_shared_numbers_has_no_warning():
    assert PhoneList([Entry("line 2", ANNA, ONE), Entry("line 3", BEN, TWO)]).warning == ""


def test_entries_without_a_user_are_kept_separately():
    nameless = Entry("line 2", "", ONE, flaw="There is no user name.")

    listed = PhoneList([nameless, Entry("line 3", BEN, ONE), Entry("line 4", BEN.upper(), TWO, "office")])

    assert listed.nameless == [nameless] and listed.users == [BEN] and listed.warning == ""
