# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ast
import base64
import json
import re
import time
import unicodedata
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain import _redaction
from ansible_collections.frontline.entra.plugins.module_utils._domain._redaction import (
    MOST_OF_A_NAME,
    mask_phone_number,
    redact,
    redact_name,
)

PLUGINS = Path(_redaction.__file__).parents[1]
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJncmFwaCJ9.c2lnbmF0dXJl-_x"
DIGITS = st.text("0123456789", min_size=7, max_size=12)
AROUND = st.text(" \t\n.,:;'\"()<>{}[]=+!?/", max_size=5)
BEFORE = AROUND | st.sampled_from(["tel:", "phone='", "number ", '{"p":"'])


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Without this, results cached by an earlier test would hide a change of the code."""
    _redaction._redacted.cache_clear()
    _redaction._redacted_name.cache_clear()


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
def test_a_mask_shows_the_last_two_digits_where_they_are_known(number, shown):
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
def test_a_phone_number_is_masked(number, text):
    shown = redact(text.format(number))
    assert "5550142" not in re.sub(r"\D", "", shown)
    assert len(re.sub(r"\D", "", shown)) < 7


def readable(text):
    """The digits that a reader finds in a text, in any script and encoding."""
    for _round in range(3):
        text = re.sub(r"%([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        text = re.sub(r"&#(\d+);?", lambda found: chr(int(found[1])), text)
        text = re.sub(r"&#x([0-9a-fA-F]+);?", lambda found: chr(int(found[1], 16)), text)
    return "".join(str(unicodedata.digit(character)) for character in text if character.isdigit())


DIGIT_PAIRS = ["12", "06", "55", "50", "14", "2"]
# Every separator of a phone number that was seen: ASCII, Unicode's dashes and blanks, and what hides.
SEPARATORS = [
    *(" ", "  ", "    ", "-", ".", "/", "_", ",", ":", "~", "+", "*", "|", ";", ") (", "\t", "\n", "\r\n", " - "),
    *("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\u00b7", "\u30fb"),
    *("\u00a0", "\u2009", "\u202f", "\u3000", "\u200b", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u202e", "\u0332"),
]


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_a_phone_number_is_masked_with_any_separator(separator):
    assert redact(f"The number {separator.join(DIGIT_PAIRS)} is taken.") == "The number ******** is taken."


@pytest.mark.parametrize(
    "text",
    [
        # In encodings.
        "GET /users?$filter=phone eq %2B12065550142",
        "/phoneMethods/%2b12065550142/x",
        "%2B1%20206%20555%200142",
        "%252B12065550142",
        "%31%32%30%36%35%35%35%30%31%34%32",
        '{"phoneNumber":"\\u002B12065550142"}',
        '{\\"phoneNumber\\":\\"\\\\u002B1206\\\\u002D5550142\\"}',
        "\\x2B12065550142",
        "".join(f"\\u{ord(digit):04x}" for digit in "12065550142"),
        "".join(f"\\x{ord(digit):02X}" for digit in "12065550142"),
        "".join(f"%5Cu{ord(digit):04x}" for digit in "12065550142"),
        "&#43;12065550142",
        "&#x2b;1206&#45;5550142",
        "&plus;1&nbsp;206&nbsp;5550142",
        "&#49;&#50;&#48;&#54;&#53;&#53;&#53;&#48;&#49;&#52;&#50;",
        # Next to other characters.
        "phoneNumber12065550142",
        "phone_12065550142_mobile",
        "-12065550142-",
        "12065550142abc",
        "tel:p12065550142",
        "sip:+12065550142@contoso.example",
        "12065550142@contoso.example exists",
        "\u756a\u53f712065550142\u756a",
        "\U0001f4de12065550142",
        "12065550142-0000",
        "status 409,12065550142",
        "AADSTS50034 12065550142",
        "2026-11-23 12065550142",
        "+49 20261126",
        "(030) 20261126",
        "20261126 555",
        "030/20261126",
        "2026-11-23T09:00:00Z+12065550142",
        "5d3a1d8e-6f9e-4d9b-8a1f-123456789012 12065550142",
        "10.0.0.1 12065550142",
        # In other scripts and notations.
        "\uff0b\uff11\uff12\uff10\uff16\uff15\uff15\uff15\uff10\uff11\uff14\uff12",
        "\u0661\u0662\u0660\u0666\u0665\u0665\u0665\u0660\u0661\u0664\u0662",
        "[1,2,0,6,5,5,5,0,1,4,2]",
        "12065550142.0",
        "1.2065550142e10",
        "+1.206.555.0142",
        "20.65.55.01.42",
        "2065-55-01 42",
        "0206/5550142",
        "555-0142",
        # With an extension.
        "+1 2065550142x55",
        "+1 2065550142X55",
        "+1 2065550142 x 55",
        "+1 2065550142ext55",
        "+1 2065550142 ext. 55",
        "+12065550142x",
    ],
)
def test_a_phone_number_is_masked_in_any_notation(text):
    assert "5550142" not in readable(redact(f"Refused: {text}."))
    assert "********" in redact(f"Refused: {text}.")


CONTEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Nd", "No"], exclude_characters="%\\&"), max_size=20)
LETTERS = st.sampled_from(["", " ", "x", "_", "/", "%20", "&amp;", "\u756a", "tel:", '"', "<b>"])
NOTATION = st.builds(
    lambda separators, pairs: "".join(part for pair in zip(pairs, [*separators, ""]) for part in pair),
    st.lists(st.sampled_from(SEPARATORS) | st.just(""), min_size=5, max_size=5),
    st.just(DIGIT_PAIRS),
)
ENCODED = st.sampled_from(
    [
        str,
        quote,
        lambda text: json.dumps(text)[1:-1],
        lambda text: "".join(f"&#{ord(character)};" for character in text),
    ]
)


@given(CONTEXT, LETTERS, NOTATION, ENCODED, LETTERS, CONTEXT)
def test_a_phone_number_is_masked_in_any_context(before, left, notation, encode, right, after):
    assert "5550142" not in readable(redact(f"{before}{left}{encode(notation)}{right}{after}"))


ONLY_THE_NUMBER_HELPS = [
    "country 1 area 206 exchange 555 line 0142",
    "20655501-0101-2065-5501-012065550142",
    "5550142 and 12:05:55 0142",
    "206     555      01      42",
    "AADSTS5550142",
    "error code 5550142",
]


@pytest.mark.parametrize("text", ONLY_THE_NUMBER_HELPS)
@pytest.mark.parametrize("number", ["+1 2065550142", "+12065550142x55"])
def test_the_number_of_the_user_is_masked_with_any_separator(text, number):
    assert "5550142" not in readable(redact(text, number))


@pytest.mark.parametrize("number", [None, "", "+1", "+X 4XXXXXX57", "123456"])
def test_a_number_that_is_too_short_masks_nothing(number):
    assert redact("status 429 of 1000 users, code 57", number) == "status 429 of 1000 users, code 57"


@given(BEFORE, st.sampled_from(["+", "+1", "+1 ", "+44 ", "+358 "]), DIGITS, AROUND)
def test_no_seven_consecutive_digits_of_a_phone_number_are_shown(before, country, digits, after):
    assert not re.search(r"\d{7}", redact(f"{before}{country}{digits}{after}"))


@pytest.mark.parametrize("hidden", ["\u200b", "\x00", "\x1b", "\u00a0"])
def test_a_number_with_an_unprintable_character_is_masked(hidden):
    shown = redact(f"+1{hidden}206{hidden}555{hidden}0142")
    assert "2065550142" not in re.sub(r"\D", "", shown)


@given(st.text(st.characters(), max_size=2000), st.none() | st.just("+1 2065550142"))
def test_a_redacted_text_is_short_and_printable(text, number):
    for shown, most in ((redact(text, number), 500), (redact_name(text, number), MOST_OF_A_NAME)):
        assert len(shown) <= most
        assert shown.isprintable()
        shown.encode("utf-8")


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "1",
            "1 ",
            " 1-",
            "1x",
            "1    ",
            "1.1.",
            "20:20:",
            "2026-11-",
            "12345678-1234-",
            "1 ext ",
            "+(1",
            "0x",
            "AADSTS1",
        ),
        *("eyJ", "eyJ.", "eyJaaaaaa.", "ew0A", "PHNhbWx", "password=", 'password="', "client_secret ", "secret:'"),
        *(
            "client_secret",
            "authorization: ",
            "bearer ",
            "bearer a.",
            "basic aaaaaa",
            "-----BEGIN A-----",
            "//a:",
            "//a@",
        ),
        *(
            "'",
            "' is not a valid host",
            "%25",
            "%",
            "\\u0031",
            "&#",
            "&#49;",
            "&amp",
            "&",
            " ",
            "\u200b",
            "\ud800",
            "code=0.",
        ),
    ],
)
@pytest.mark.parametrize("tail", ["", "a", '"'])
def test_a_megabyte_is_masked_quickly(unit, tail):
    text = unit * (1_000_000 // len(unit)) + tail
    started = time.process_time()
    redact(text, "+1 2065550142")
    redact_name(text, "+1 2065550142")
    assert time.process_time() - started < 0.25


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("anna@contoso.example", "anna@contoso.example"),
        ("ANNA.2026@contoso.example", "ANNA.2026@contoso.example"),
        ("12345678@contoso.example", "12345678@contoso.example"),
        ("o'neil_gmail.com#EXT#@contoso.example", "o'neil_gmail.com#EXT#@contoso.example"),
        ("j\u00f6rg@contoso.example", "j\u00f6rg@contoso.example"),
        ("87d349ed-44d7-43e1-9a83-5f2406dee5bd", "87d349ed-44d7-43e1-9a83-5f2406dee5bd"),
        ("87654321-4444-4444-9999-123456789012", "87654321-4444-4444-9999-123456789012"),
        ("notEnabled", "notEnabled"),
        ("%2e%2e/%2e%2e", "%2e%2e/%2e%2e"),
        ("12065550142@contoso.example", "********42@contoso.example"),
        ("+12065550142", "********42"),
        ("+1 206-555-0142", "********42"),
        ("x%2B12065550142@contoso.example", "x********42@contoso.example"),
        ("anna;+1 2065550142", "anna;********42"),
        ("a\u202eb\x1b[31m\ud800@c", "a b [31m @c"),
        ("x" * 300, "x" * 253 + "..."),
    ],
)
def test_a_name_is_shown_unless_it_is_a_phone_number(name, shown):
    assert redact_name(name) == shown
    assert redact_name(shown) == shown


@pytest.mark.parametrize(
    "name",
    [
        *("5550142@contoso.example", "a5b5c5d0e1f4g2@contoso.example", "2065550142"),
        "aaaa5550-142a-4000-8000-000000000000",
    ],
)
def test_a_name_does_not_show_the_number_of_its_user(name):
    assert "5550142" in readable(name)
    assert "5550142" not in readable(redact_name(name, "+1 2065550142"))


@pytest.mark.parametrize(("length", "shown"), [(500, "y" * 500), (501, "y" * 497 + "..."), (9000, "y" * 497 + "...")])
def test_a_long_text_is_cut(length, shown):
    assert redact("y" * length) == shown


def test_a_number_across_the_cut_is_masked():
    assert "206" not in redact("y" * 494 + " +1 2065550142")


@pytest.mark.parametrize("text", ["{}", "Bearer {}", "token={}&x=1", '{{"t":"{}"}}', "a.{}"])
def test_a_token_is_masked(text):
    shown = redact(text.format(JWT))
    assert "eyJ" not in shown
    assert "c2lnbmF0" not in shown


@pytest.mark.parametrize(
    "name", ["client_secret", "client_assertion", "assertion", "password", "access_token", "PASSWORD"]
)
@pytest.mark.parametrize("text", ["{}=hunter~2&scope=x", "{}: hunter~2", '{{"{}": "hunter~2"}}', "'{}':'hunter~2'"])
def test_a_secret_is_masked(name, text):
    shown = redact(text.format(name))
    assert "hunter" not in shown
    assert name in shown


OPAQUE = "0.opaque-Value_" + "a1" * 8


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {OPAQUE}",
        f"Authorization: {OPAQUE}",
        "authorization=Bearer opaquevalue",
        f"bearer {OPAQUE} is wrong",
        f"Basic {base64.b64encode(OPAQUE.encode()).decode()}",
        f"pwd={OPAQUE}",
        "pwd=opaque value with blanks",
        'password: "opaque value"',
        f'{{\\"password\\":\\"{OPAQUE}\\"}}',
        f'clientSecret: "{OPAQUE}"',
        f"client_secret%3D{OPAQUE}",
        f"\\u0070assword={OPAQUE}",
        f"\\x70assword={OPAQUE}",
        f"passphrase={OPAQUE}",
        f"refresh_token={OPAQUE}&x=1",
        f"code={OPAQUE}&state=1",
        f"https://svc:{OPAQUE}@proxy.contoso.example:3128/x",
        f"socks5h://{OPAQUE}@proxy.contoso.example",
        f"http://svc:opaque/{OPAQUE}@proxy.contoso.example",
        f"Failed to parse: 'svc:{OPAQUE}' is not a valid host or port",
        f"-----BEGIN PRIVATE KEY-----\n{OPAQUE}\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY----- {OPAQUE}",
        "eyJhbGciOiJSUzI1NiJ9 . eyJvcGFxdWUiOiIifQ . b3BhcXVlb3BhcXVl",
        "eyJhbGci\nOiJSUzI1NiJ9.eyJvcGFxdWUiOiIifQ.b3BhcXVlb3BhcXVl",
        "ewogImFsZyI6ICJSUzI1NiIKfQ.ewogIm9wYXF1ZSI6IDEKfQ.b3BhcXVlb3BhcXVl",
        "eyAiYWxnIjogIlJTMjU2In0.eyAib3BhcXVlIjogMX0.b3BhcXVlb3BhcXVl",
        "samlp:Response PHNhbWxwOm9wYXF1ZT4K",
    ],
)
def test_a_secret_is_masked_by_its_form_or_its_key(text):
    shown = redact(f"Refused: {text}")
    assert "********" in shown
    for secret in ("opaque", "Value", "a1a1", "b3BhcXVl", "vcGFxdWUi", "ib3BhcXVl", "9wYXF1ZSI"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The number +1 2065550142 is in use.", "The number ******** is in use."),
        (f"Bearer {JWT} expired", "Bearer ******** expired"),
        ("client_secret=hunter~2&scope=x", "client_secret=********&scope=x"),
        ('{"password": "hunter~2"}', '{"password": "********"}'),
    ],
)
def test_a_mask_is_eight_stars(text, shown):
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "5d3a1d8e-6f9e-4d9b-8a1f-123456789012",
        "12345678-1234-1234-1234-123456789012",
        "12345678-abcd-1234-1234-123456789012",
        "request-id: 12345678-abcd-1234-1234-123456789012, date: Mon, 23 Nov 2026 09:00:00 GMT",
        "Timestamp: 2026-11-26 17:53:58Z",
        "valid from 2026-11-26T17:53:58.1234567Z to 2026-11-26T17:53:58+01:00",
        "20261126T175358Z",
        "/reports/frontline-20261126.csv",
        "/reports/20261126/wave_20261126-1753.csv",
        "report.20261126_175358.json",
        "at 17:53:58, 20 users",
        "AADSTS7000215",
        "AADSTS7000229: The client application is missing service principal.",
        "CompactToken validation failed with reason code: 80049228.",
        "error code 1002012",
        "0x80049228",
        "The proxy 192.168.100.200:3128 did not answer.",
        "https://127.0.0.1:54321/v1.0/users/anna@contoso.example/authentication",
        "https://graph.microsoft.com/v1.0/users/anna@contoso.example",
        "Bearer token is missing. Bearer authentication is required.",
        "Basic authentication is disabled, basic Mobility is not.",
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
        "Invalid client secret provided. Ensure the secret being sent is the client secret value.",
        "eyewearcompany.contosoexample.onmicrosoft.com",
        "100% of 20 users & more",
        "/users/%2e%2e%2fanna%40contoso.example?x=1&y=2",
        "caf\\u00e9 &lt;b&gt;",
        "2026-11-23",
        "2026-11-23T09:00:00Z",
        "2026-11-23 09:00:00Z",
        "Mon, 23 Nov 2026 09:00:00 GMT",
        "AADSTS7000215: Invalid client secret provided.",
        "status 429, 20 of 1000 users",
        "anna.2026@contoso.example",
    ],
)
def test_support_data_stays_readable(text):
    assert redact(text) == text


def phrases(source):
    """The texts of several words in Python code, without docstrings."""
    tree = ast.parse(source)
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in notes else None
        if isinstance(text, str) and " " in text and "\n" not in text:
            yield text


@pytest.mark.parametrize("file", sorted(PLUGINS.rglob("*.py")), ids=lambda file: str(file.relative_to(PLUGINS)))
def test_no_message_of_the_collection_is_masked(file):
    for phrase in phrases(file.read_text(encoding="utf-8")):
        assert redact(phrase, most=_redaction.MOST_READ).count("********") == phrase.count("********")
