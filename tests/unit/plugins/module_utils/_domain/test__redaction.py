# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._redaction import mask_phone_number, redact

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJncmFwaCJ9.c2lnbmF0dXJl-_x"
DIGITS = st.text("0123456789", min_size=7, max_size=12)
AROUND = st.text(" \t\n.,:;'\"()<>{}[]=+!?/", max_size=5)
BEFORE = AROUND | st.sampled_from(["tel:", "phone='", "number ", '{"p":"'])


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (None, None),
        ("", None),
        ("+1 2065550142", "********42"),
        ("+12065550142", "********42"),
        (" +1 206-555-0142", "********42"),
        ("+1 2065550142x789", "********42"),
        ("+1 2065550142X789", "********42"),
        ("+123456", "********"),
        ("+1234567", "********67"),
        ("+X 4XXXXXX57", "********"),
        ("2065550142", "********"),
        ("XXXXXXXX42", "********"),
        ("+", "********"),
        ("unknown", "********"),
    ],
)
def test_a_mask_shows_two_digits_where_they_are_known_to_be_the_last(number, shown):
    assert mask_phone_number(number) == shown


@given(st.text())
def test_a_mask_shows_two_digits_at_most(number):
    shown = mask_phone_number(number)
    if not number:
        assert shown is None
    else:
        assert shown is not None
        assert re.fullmatch(r"\*{8}(\d\d)?", shown)
        assert all(digit in number for digit in shown[8:])


@pytest.mark.parametrize(
    "number",
    [
        "+1 2065550142",
        "+12065550142",
        "+1 2065550142x789",
        "2065550142",
        "206-555-0142",
        "(206) 555-0142",
        "+1 (206) 555-0142",
        "+1 (206)-555-0142",
        "+1 206  555  0142",
        "+1 206.555.0142",
        "+44 20 7946 0142",
        "+49 (0)30 5550142",
        "0049 30 5550142",
    ],
)
@pytest.mark.parametrize("text", ["{}", "The number {} is in use.", '{{"Message":"{}"}}', "tel:{}", "'{}'", "<{}>"])
def test_a_phone_number_is_not_left_readable(number, text):
    shown = redact(text.format(number))
    assert "5550142" not in re.sub(r"\D", "", shown)
    assert len(re.sub(r"\D", "", shown)) < 7


@given(BEFORE, st.sampled_from(["+", "+1", "+1 ", "+44 ", "+358 "]), DIGITS, AROUND)
def test_no_seven_digits_in_a_row_of_a_phone_number_survive(before, country, digits, after):
    assert not re.search(r"\d{7}", redact(f"{before}{country}{digits}{after}"))


@pytest.mark.parametrize("hidden", ["\u200b", "\x00", "\x1b", "\u00a0"])
def test_an_unprintable_character_within_a_number_does_not_save_it(hidden):
    shown = redact(f"+1{hidden}206{hidden}555{hidden}0142")
    assert "2065550142" not in re.sub(r"\D", "", shown)


@given(st.text(max_size=2000))
def test_a_redacted_text_is_short_and_printable(text):
    shown = redact(text)
    assert len(shown) <= 500
    assert shown.isprintable()


@pytest.mark.parametrize(("length", "shown"), [(500, "y" * 500), (501, "y" * 497 + "..."), (9000, "y" * 497 + "...")])
def test_a_long_text_is_cut(length, shown):
    assert redact("y" * length) == shown


def test_a_number_across_the_cut_is_masked_before():
    assert "206" not in redact("y" * 494 + " +1 2065550142")


@pytest.mark.parametrize("text", ["{}", "Bearer {}", "token={}&x=1", '{{"t":"{}"}}', "a.{}"])
def test_a_token_is_not_left_readable(text):
    shown = redact(text.format(JWT))
    assert "eyJ" not in shown
    assert "c2lnbmF0" not in shown


@pytest.mark.parametrize(
    "name", ["client_secret", "client_assertion", "assertion", "password", "access_token", "PASSWORD"]
)
@pytest.mark.parametrize("text", ["{}=hunter~2&scope=x", "{}: hunter~2", '{{"{}": "hunter~2"}}', "'{}':'hunter~2'"])
def test_a_secret_is_not_left_readable(name, text):
    shown = redact(text.format(name))
    assert "hunter" not in shown
    assert name in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The number +1 2065550142 is in use.", "The number ******** is in use."),
        (f"Bearer {JWT} expired", "Bearer ******** expired"),
        ("client_secret=hunter~2&scope=x", "client_secret=********&scope=x"),
        ('{"password": "hunter~2"}', '{"password": "********"}'),
    ],
)
def test_eight_stars_take_the_place_of_what_is_not_shown(text, shown):
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "5d3a1d8e-6f9e-4d9b-8a1f-123456789012",
        "12345678-1234-1234-1234-123456789012",
        "12345678-abcd-1234-1234-123456789012",
        "2026-11-23",
        "2026-11-23T09:00:00Z",
        "2026-11-23 09:00:00Z",
        "Mon, 23 Nov 2026 09:00:00 GMT",
        "AADSTS7000215: Invalid client secret provided.",
        "status 429, 20 of 1000 users",
        "anna.2026@contoso.example",
    ],
)
def test_what_a_support_case_needs_stays_readable(text):
    assert redact(text) == text
