# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._numbers import (
    ALTERNATE_MOBILE,
    MOBILE,
    OFFICE,
    PHONE_TYPES,
    NumberError,
    digits_of,
    parse_number,
    same_number,
)


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("+1 2065550101", "12065550101"),
        ("+12065550101", "12065550101"),
        ("+1 206-555-0101", "12065550101"),
        (" +1 (206) 555.0101 ", "12065550101"),
        ("1 2065550101", "12065550101"),
        ("+1 2065550101x123", "12065550101x123"),
        # masked by the service: of unknown digits
        ("+1 ********01", None),
        ("+1 XXXXXXXX01", None),
        ("+1 xxxxxxxx01", None),
        ("+1 206555xx01", None),
        ("+1 206\u2022\u2022\u2022\u2022\u2022\u202201", None),
        ("********", None),
        ("01", None),
        ("+1 01", None),
        ("+1 x2065550101", None),
        ("2065550101x", None),
        ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", None),
        ("", None),
        (" ", None),
        (None, None),
    ],
)
def test_digits_of(number, digits):
    assert digits_of(number) == digits


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+1 2065550101", "+1 2065550101"),
        ("+12065550101", "+1 2065550101"),
        ("+1 206 555 0101", "+1 2065550101"),
        ("+1-206-555-0101", "+1 2065550101"),
        ("+1.206.555.0101", "+1 2065550101"),
        ("+1 (206) 555-0101", "+1 2065550101"),
        ("  +1 2065550101 ", "+1 2065550101"),
        ("tel:+1-206-555-0101", "+1 2065550101"),
        # from spreadsheets, mail programs and web pages
        ("'+1 2065550101", "+1 2065550101"),
        ('="+1 2065550101"', "+1 2065550101"),
        ('"+1 2065550101"', "+1 2065550101"),
        ("+1\t206\n5550101", "+1 2065550101"),
        ("(+1) 206 555 0101", "+1 2065550101"),
        ("\ufeff+1\u00a0206\u20115550101\u200b", "+1 2065550101"),
        ("\uff0b\uff11\u3000206\u2013555\u22120101", "+1 2065550101"),
        # country codes of one, two and three digits
        ("+7 9005550101", "+7 9005550101"),
        ("+49 1512 3456789", "+49 15123456789"),
        ("+491512 3456789", "+49 15123456789"),
        ("+353 850000101", "+353 850000101"),
        ("+1242 3550101", "+1 2423550101"),
        ("+6834000", "+683 4000"),
        ("+1 20655501010000", "+1 20655501010000"),
    ],
)
def test_usual_spellings_of_a_number_are_accepted(written, number):
    assert [parse_number(written, phone_type) for phone_type in PHONE_TYPES] == [number] * 3


@pytest.mark.parametrize(
    "written", ["x12", " x 12", " ext. 12", " ext12", " extension 12", ", ext 12", ";ext=12", "x1 2"]
)
def test_an_office_number_can_have_an_extension(written):
    assert parse_number("+1 2065550101" + written, OFFICE) == "+1 2065550101x12"
    for phone_type in (MOBILE, ALTERNATE_MOBILE):
        with pytest.raises(NumberError, match="Only an office number"):
            parse_number("+1 2065550101" + written, phone_type)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "no phone number"),
        (" \u200b", "no phone number"),
        # a lost plus, and local forms
        ("12065550101", "no plus sign"),
        ("491512345678", "no plus sign"),
        ("206 555 0101", "no plus sign"),
        ("0012065550101", "begins with 00"),
        ("0206 5550101", "local number"),
        ("(206) 555-0101", "local number"),
        ("(1) 206 555 0101", "local number"),
        ("+44 (0)7911 123456", "national zero"),
        ("+44 ( 0 ) 7911 123456", "national zero"),
        ("1.20656E+10", "spreadsheet shortened"),
        ("2,06E+09", "spreadsheet shortened"),
        ("#NAME?", "spreadsheet put an error"),
        ("#N/A", "spreadsheet put an error"),
        ("#\u00a1VALOR!", "spreadsheet put an error"),
        ("########", "masked"),
        ("+12065550142.0", "decimal number"),
        ("12065550142,00", "decimal number"),
        ('="+12065550142.0"', "decimal number"),
        ("********01", "masked"),
        ("+1 XXXXXXXX01", "masked"),
        ("+1 206555xx01", "masked"),
        ("+1 206\u2022\u2022\u2022\u20220101", "masked"),
        ("+1", "does not have 7 to 15 digits"),
        ("+0 2065550101", "does not have 7 to 15 digits"),
        ("+1 2065550101000000", "does not have 7 to 15 digits"),
        ("+1 2065550101 2065550102", "does not have 7 to 15 digits"),
        ("+1 2065550101, +1 2065550102", "not a phone number"),
        ("+1 2065550101/02", "not a phone number"),
        ("+1 2065550101 (0102)", "not a phone number"),
        ("+1 2065550101+12065550102", "not a phone number"),
        ("+1 206555O101", "not a phone number"),
        ("+\u0661 \u0662\u0660\u0666\u0665\u0665\u0665\u0660\u0661\u0660\u0661", "not a phone number"),
        ("Anna Example", "not a phone number"),
        ("x12", "not a phone number"),
        ("+", "not a phone number"),
        ("+1 206555010" + "-" * 100 + "1", "not a phone number"),
        ("+1 2065550101" + " " * 2000 + "2", "not a phone number"),
    ],
)
def test_ambiguous_numbers_and_other_texts_are_refused_without_their_digits(written, message):
    with pytest.raises(NumberError) as caught:
        parse_number(written, OFFICE)

    assert message in caught.value.message and caught.value.message.endswith(".")
    assert "206" not in caught.value.message and "Anna" not in caught.value.message


def test_an_extension_has_a_maximum_length():
    assert parse_number("+1 2065550101x1234567890", OFFICE) == "+1 2065550101x1234567890"
    with pytest.raises(NumberError, match="more than 10 digits"):
        parse_number("+1 2065550101x12345678901", OFFICE)


NUMBERS = st.from_regex(r"\A[1-9][0-9]{6,14}\Z")


@given(
    NUMBERS,
    st.from_regex(r"\A(x[0-9]{1,10})?\Z"),
    st.lists(st.sampled_from(["", " ", "-", ".", "\u00a0"]), min_size=15, max_size=15),
)
def test_all_spellings_of_a_number_have_one_canonical_form(digits, extension, separators):
    spaced = digits[0] + "".join(map("".join, zip(separators, digits[1:])))

    number = parse_number(f"+{spaced}{extension}", OFFICE)

    assert parse_number(number, OFFICE) == number
    assert number.replace(" ", "") == f"+{digits}{extension}" and number.count(" ") == 1
    assert digits_of(number) == digits + extension
    assert same_number(number.replace(" ", ""), number) is True


@given(st.text())
def test_any_other_text_is_refused_without_its_digits(text):
    try:
        number = parse_number(text)
    except NumberError as error:
        assert error.message.endswith(".")
    else:
        assert digits_of(number) is not None and parse_number(number) == number


@pytest.mark.parametrize(
    ("stored", "wanted", "same"),
    [
        ("+1 2065550101", "+1 2065550101", True),
        ("+12065550101", "+1 2065550101", True),
        ("+1242 3550101", "+1 2423550101", True),
        ("+1 2065550102", "+1 2065550101", False),
        ("+1 2065550101x12", "+1 2065550101x12", True),
        ("+1 2065550101", "+1 2065550101x12", False),
        ("+44 07911123456", "+44 7911123456", False),
        ("+1 XXXXXXXX01", "+1 2065550101", None),
        ("********01", "+1 2065550101", None),
        (None, "+1 2065550101", None),
    ],
)
def test_a_masked_number_is_neither_equal_nor_different(stored, wanted, same):
    assert same_number(stored, wanted) is same
