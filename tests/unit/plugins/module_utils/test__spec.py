# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._spec import (
    DifferentFiles,
    Exclusive,
    Group,
    OneOf,
    Range,
    Spec,
    Words,
    mappings_of,
    texts_of,
)

SPEC = Spec(
    Group(
        {
            "names": {"type": "list", "elements": "str", "aliases": ["name"]},
            "count": {"type": "int", "default": 3},
            "file": {"type": "path"},
        },
        name_lists=("names",),
        constraints=(Range("count", 1, 5),),
    ),
    options={"secret": {"type": "str", "no_log": True}, "tenant_id": {"type": "str"}},
    constraints=(OneOf(("names", "file"), "No names"),),
)


def test_options_of_groups_and_of_the_module_are_one_spec():
    assert list(SPEC.options) == ["names", "count", "file", "secret", "tenant_id"]
    assert SPEC.defaults == {"names": None, "count": 3, "file": None, "secret": None, "tenant_id": None}


def test_a_part_of_a_group():
    part = Group({"a": {}, "b": {}}, constraints=(Range("b", 0, 1),)).only("a")
    assert dict(part.options) == {"a": {}}
    Spec(part).require({"a": 9}, {"a"})


@pytest.mark.parametrize(
    ("arguments", "kept", "given", "words"),
    [
        ({}, {}, set(), None),
        ({"names": ["a"], "count": "2"}, {"names": ["a"], "count": "2"}, {"names", "count"}, None),
        ({"name": "a, b"}, {"name": ["a, b"]}, {"names"}, None),
        ({"names": [], "count": None, "file": " ", "secret": ""}, {"names": []}, {"names"}, None),
        ({"names": ["a"], "name": ""}, {"names": ["a"]}, {"names"}, None),
        ({"names": ["a"], "name": "b"}, {"names": ["a"]}, {"names"}, "'names' and 'name' are the same option"),
        ({"names": [7]}, {"names": []}, {"names"}, "'names' entry 1 is the number 7"),
        ({"count": True}, {"count": True}, {"count"}, "'count' is the boolean true, not a number"),
        ({"other": 1, "_ansible_diff": True}, {"other": 1, "_ansible_diff": True}, set(), None),
    ],
)
def test_arguments_are_prepared_for_the_checks_of_ansible(arguments, kept, given, words):
    before = dict(arguments)
    prepared = SPEC.prepare(arguments)
    assert (prepared.arguments, prepared.given) == (kept, given)
    assert (words or "") in " ".join(prepared.problems)
    assert bool(prepared.problems) is (words is not None)
    assert arguments == before


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), "inf", " Infinity "])
def test_an_infinite_number_is_refused_before_ansible_converts_it(value):
    with pytest.raises(InvalidOptions, match="'count' is infinite"):
        SPEC.prepare({"count": value})


@pytest.mark.parametrize("text", ["a\0b", "a\ud83d", "\ud800"])
def test_invalid_characters_are_refused_at_once(text):
    with pytest.raises(InvalidOptions, match="'file' contains a NUL character"):
        SPEC.prepare({"file": text})
    assert SPEC.prepare({"file": "b\udce9n"}).given == {"file"}


@pytest.mark.parametrize(
    ("constraint", "params", "given", "problem"),
    [
        (Range("n", 1, 5), {"n": 1}, "n", None),
        (Range("n", 1, 5), {"n": 5}, "n", None),
        (Range("n", 1, 5), {"n": None}, "", None),
        (Range("n", 1, 5), {}, "", None),
        (Range("n", 1, 5), {"n": 0}, "n", "'n' must be a number from 1 to 5."),
        (Range("n", 1, 5), {"n": 6}, "n", "'n' must be a number from 1 to 5."),
        (Range("n", 1, 5), {"n": float("nan")}, "n", "'n' must be a number from 1 to 5."),
        (Range("n", 1, 10_000_000), {"n": 0}, "n", "'n' must be a number from 1 to 10 million."),
        (Range("n", 0.5, 999_999), {"n": 0}, "n", "'n' must be a number from 0.5 to 999999."),
        (Words("w", ("a", "b")), {"w": ["a\nb"]}, "w", None),
        (Words("w", ("a", "b")), {"w": None}, "", None),
        (Words("w", ("a", "b")), {"w": ["a", "A"]}, "w", "'w' cannot take 'A'. It takes a, b."),
        (OneOf(("a", "b", "c"), "No user"), {"a": 1, "b": None, "c": None}, "a", None),
        (OneOf(("a", "b", "c"), "No user"), {"a": None, "b": 0, "c": 0}, "", "No user: set 'a', 'b' or 'c'."),
        (OneOf(("a", "b", "c"), "No user"), {"b": None}, "", "No user: set 'b'."),
        (OneOf(("a", "b"), "No user"), {"a": None, "b": False}, "b", "No user: set 'a' or 'b'."),
        (OneOf(("a", "b"), "No user"), {"a": [], "b": False}, "a", None),
        (OneOf(("a", "b"), "No user"), {"x": None}, "", None),
        (Exclusive(("a", "b")), {"a": 1, "b": None}, "a", None),
        (Exclusive(("a", "b")), {"a": 1, "b": 1}, "ab", "'a' and 'b' cannot be combined. Give one of them."),
        (DifferentFiles(("a", "b", "c")), {"a": "/x", "b": "/y", "c": None}, "ab", None),
        (DifferentFiles(("a", "b", "c")), {"a": "/x", "c": "/y/../x"}, "ac", "'a' and 'c' are the same file."),
    ],
)
def test_a_constraint_describes_its_violation(constraint, params, given, problem):
    found = constraint.problem(params, set(given))
    assert found == problem or (problem and found.startswith(problem))


def test_the_message_is_that_of_the_first_violated_constraint():
    with pytest.raises(InvalidOptions, match="'count' must be"):
        SPEC.require({**SPEC.defaults, "count": 9}, {"count"})
    with pytest.raises(InvalidOptions, match="No names"):
        SPEC.require(SPEC.defaults, {"count"})
    SPEC.require({**SPEC.defaults, "names": []}, {"names"})


def test_options_are_shown_as_counts_without_secrets():
    params = {"names": ["a"] * 3, "count": 2, "file": "/f/+12065550101", "secret": "s", "tenant_id": "M365x98765432.x"}
    assert SPEC.shown(params) == {
        "names": 3,
        "count": 2,
        "file": "/f/********",
        "secret": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        "tenant_id": "M365x98765432.x",
    }
    assert SPEC.shown({}) == dict.fromkeys(SPEC.options)


@pytest.mark.parametrize(
    ("value", "shown"),
    [({"anna@contoso.example": "+1 2065550142"}, 1), ((1, 2), 2), (12065550142, "********"), (12, 12), (True, True)],
)
def test_a_value_of_another_type_is_shown_without_what_is_in_it(value, shown):
    assert SPEC.shown({"file": value})["file"] == shown


KEYS = {"user": {"type": "str"}, "state": {"choices": ["present"]}, "all": {"type": "bool"}}


@pytest.mark.parametrize(
    ("value", "mappings"),
    [
        ([], []),
        ([{"user": "a", "state": "present"}], [{"user": "a", "state": "present"}]),
        ([{"user": " ", "state": " ", "all": ""}], [{"user": " "}]),
        (({"user": "a", "other": ""},), [{"user": "a", "other": ""}]),
    ],
)
def test_a_list_of_mappings_is_kept(value, mappings):
    assert mappings_of("phones", value, KEYS) == (mappings, None)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (["a@x,Hunter"], "'phones' entry 1 is a text."),
        ([{"user": "a"}, ["a@x", "Hunter"], None, 12065550142, True, "user=Hunter"], "'phones' entry 2 is a list, "),
        ([{}, 12065550142], "'phones' entry 2 is the number ********."),
        ("user=a@x phone=Hunter", "'phones' is a text."),
        ('[{"user": "Hunter"}]', "'phones' is a text."),
        ({"a@x": "Hunter"}, "'phones' is a mapping."),
        (12065550142, "'phones' is the number ********."),
    ],
)
def test_what_is_no_list_of_mappings_is_refused_by_its_position(value, words):
    mappings, problem = mappings_of("phones", value, KEYS)
    assert mappings == [] and problem.startswith(words) and "Hunter" not in problem
    assert problem.endswith("Give a list of mappings with the keys user, state, all; with -e give JSON.")


def test_another_word_in_a_mapping_is_refused_by_its_position():
    entries = [{"state": "present"}, {"state": "Hunter"}, {}, {"state": ["present"]}]
    problem = "'phones' has another 'state' than present at entry 2, entry 4."
    assert mappings_of("phones", entries, KEYS) == ([], problem)


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ([], []),
        (["a", " b "], ["a", " b "]),
        ("Sales, EMEA", ["Sales, EMEA"]),
        ("a\nb", ["a\nb"]),
        (("a",), ["a"]),
        (["[Sales]"], ["[Sales]"]),
        ("[Sales] EMEA", ["[Sales] EMEA"]),
        ("0715", ["0715"]),
        ("Shift 2026-01-01", ["Shift 2026-01-01"]),
    ],
)
def test_a_list_of_names_has_texts(value, texts):
    assert texts_of("groups", value) == (texts, None)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (461, "'groups' entry 1 is the number 461"),
        ([461], "'groups' entry 1 is the number 461"),
        (["G", 1.5], "'groups' entry 2 is the number 1.5"),
        ([12065550101], "'groups' entry 1 is the number ********"),
        ([True, False], "entry 1 is the boolean true, 'groups' entry 2 is the boolean false"),
        ([None], "entry 1 is null"),
        ([["a"]], "entry 1 is a list"),
        ({"a": 1}, "entry 1 is a mapping"),
        (["2026-01-01"], "entry 1 is a date"),
        (["G", "2026-01-01T10:00:00+01:00"], "entry 2 is a date"),
        ([0] * 9, "'groups' entry 5 is the number 0 and 4 more"),
        ("['a', 'b']", "looks like a list"),
        (" [a, b]\n", "looks like a list"),
        ('["a"]', "looks like a list"),
        ("[]", "looks like a list"),
    ],
)
def test_a_name_that_is_no_text_is_refused_with_the_reason(value, words):
    _texts, problem = texts_of("groups", value)
    assert words in problem
    assert len(problem) < 1000


def test_blank_options_and_suboptions_count_as_not_given():
    entries = {"type": "list", "elements": "dict", "options": {"name": {"type": "str"}, "kind": {"choices": ["a"]}}}
    spec = Spec(options={"entries": entries, "other": {"type": "str"}, "third": {"type": "str"}})
    prepared = spec.prepare({"entries": [{"name": " ", "kind": ""}], "other": " ", "third": None})
    assert prepared.arguments == {"entries": [{"name": " "}]}
    assert (prepared.given, prepared.blank) == ({"entries"}, {"other", "third"})
