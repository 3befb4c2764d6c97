# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._results._lists import (
    ListError,
    decode,
    key_of,
    phones_in,
    read_table,
    users_in,
)

A, B = "anna@contoso.example", "ben@contoso.example"
ID1, ID2 = "0a000000-0000-4000-8000-000000000001", "0A000000-0000-4000-8000-000000000002"
PRIVATE = ("+1 2065550142", "2065550142", "Welcome-2026!", "Hunter")


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def users(text, name="list.csv"):
    return [user.name for user in users_in(read_table(as_bytes(text), name))[0]]


def complaint(text, name="list.csv"):
    with pytest.raises(ListError) as caught:
        users_in(read_table(as_bytes(text), name))
    return caught.value.message


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("userPrincipalName", "userprincipalname"),
        (" User principal\u00a0name ", "userprincipalname"),
        ("USER_PRINCIPAL-NAME", "userprincipalname"),
        ("\ufeffuser\u200bPrincipalName", "userprincipalname"),
        ("Member object ID or user principal name [memberObjectIdOrUpn] Required", "memberobjectidorupn"),
        ("User name [userPrincipalName] Required", "userprincipalname"),
        ("Object Id", "objectid"),
        ("", ""),
    ],
)
def test_headings_are_compared_without_case_blanks_and_hyphens(heading, key):
    assert key_of(heading) == key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"userPrincipalName\n{A}\n", [A]),
        (f"userPrincipalName,displayName\n{A},Anna\n{B},Ben\n", [A, B]),
        (f"userPrincipalName;displayName\r\n{A};Anna\r\n", [A]),
        (f"userPrincipalName\tdisplayName\n{A}\tAnna\n", [A]),
        (f'displayName;userPrincipalName\n"Example, Anna";{A}\n', [A]),
        (f"sep=;\nuser;x\n{A};1\n", [A]),
        (f"sep=,\r\nuser,x\r\n{A},1\r\n", [A]),
        (f"sep=\t\nuser\tx\n{A}\t1\n", [A]),
        (f'"sep=;"\nuser;x\n{A};1\n', [A]),
        (f'#TYPE Selected.User\n"Id","UserPrincipalName"\n"{ID1}","{A}"\n', [ID1]),
        (
            f"version:v1.0\nMember object ID or user principal name [memberObjectIdOrUpn] Required\n{A}\n{ID1}\n",
            [A, ID1],
        ),
        (f"version:v1.0,,\nUser name [userPrincipalName] Required,Name [displayName]\n{A},Anna\n", [A]),
        (f"memberObjectIdOrUpn\nExample: {ID2}\n{A}\n", [A]),
        (f"\n\n# a comment\nuser,x\n# {B},1\n{A},1\n", [A]),
        (f'user,x\n"#ext@contoso.example",1\n{A},1\n', ["#ext@contoso.example", A]),
        (f"user,id\n{A},\n#{B},{ID1}\n", [A]),
        (f"#,user\n1,{A}\n2,{B}\n", [A, B]),
        (f'x,user\n"#1",{A}\n# removed,\n', [A]),
        (f"User Principal Name\n{A}\n", [A]),
        (f"Object Id,upn\n{ID1},{A}\n,{B}\n", [ID1, B]),
        # Which column counts.
        (f"ID,userPrincipalName\n1001,{A}\n1002,{B}\n", [A, B]),
        (f"id,userPrincipalName\n{ID1},{A}\n1002,{B}\n", [ID1, B]),
        (f"user,userPrincipalName\nAnna,{A}\n", [A]),
        (f"user,userPrincipalName\n{B},\n", [B]),
        (f"name,number\n{A},+1 2065550142\n", [A]),
        (f"name,user\nAnna,{A}\n,{B}\n", [A, B]),
        (f"name,id\nAnna,{ID1}\n{B},\n", [ID1]),
        (f"name,id\n{A},1001\n", [A]),
        (f"manager,manager,user\nx,y,{A}\n", [A]),
        # Accepted oddities.
        (f'\ufeffuserPrincipalName,address,\n\n{A},"Harbour Street 1\r\nStore 12",\n,,,\n "{B}" , Dora ,,\n', [A, B]),
        (f"userPrincipalName,displayName\r{A},Anna\r{B},Ben\r", [A, B]),
        (f"user\n {A} \n\u200b{B}\n\x1a", [A, B]),
        (f'user\n"{A}"\n<{B}>\n{{{ID1}}}\n', [A, B, ID1]),
        (f"user,x\n{A}\n{B},1,2,3\n", [A, B]),
        (f"id,user,x\n\n{ID1}\n", [ID1]),
        (f"x,user,id\n1,{A}\n2\n", [A]),
        (f' x, "user"\n1, "{A}"\n', [A]),
        (f'x\t user\n1\t"{A}"\n', [A]),
        # A tab before a quote is a separator, so there is an empty cell.
        (f'x\tuser\tname\n\t"{A}"\tAnna\n', [A]),
        # A heading that one separator leaves unreadable.
        (f"sep=;\nuser,name,id;upn\n{B};{A}\n", [A]),
        # No users.
        ("", []),
        ("\ufeff", []),
        ("\n\n", []),
        ("# a comment only\n", []),
        ("id,userPrincipalName\n", []),
        ("id,userPrincipalName\n,\n , \n", []),
    ],
)
def test_users_out_of_csv(text, expected):
    for name in ("list.csv", "list.txt", "list"):
        assert users(text, name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{A}\n{B}\n", [A, B]),
        (f" {A} \r\n\n{ID1}\nme", [A, ID1, "me"]),
        (f"# users of store 12\n{A}\n#{B}\n", [A]),
        (f"{A}  # the till\n{B}\t#1\n", [A, B]),
        ("gus_fabrikam.example#EXT#@contoso.example\n", ["gus_fabrikam.example#EXT#@contoso.example"]),
        (f"user\n{A}\n", [A]),
        (f"UPN\n{A}\n", [A]),
        (f"Example, Anna <{A}>\nmailto:{B}\n", [A, B]),
        (f"'{A}'\n\u201c{B}\u201d\n", [A, B]),
        (f"{{{ID1}}}\n{{{ID2}}}\n", [ID1, ID2]),
    ],
)
@pytest.mark.parametrize("name", ["list.txt", "list", "list.csv"])
def test_users_out_of_plain_text(text, expected, name):
    assert users(text, name) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([A, B], [A, B]),
        ([A, "", " "], [A]),
        ([], []),
        ([{"id": ID1, "userPrincipalName": A}, {"userPrincipalName": B, "accountEnabled": True}], [ID1, B]),
        ({"value": [{"id": ID1}], "@odata.context": "x"}, [ID1]),
        ({"users": [A]}, [A]),
        ([{"employeeId": 7, "id": 1001, "userPrincipalName": A}], [A]),
        ([{"userPrincipalName": A, "id": None, "manager": {"id": ID2}}], [A]),
        ([{"": "x", "userPrincipalName": A}], [A]),
        ([{"userPrincipalName": A, "name": "x", "Name": "y"}], [A]),
    ],
)
@pytest.mark.parametrize("name", ["list.json", "list.txt"])
def test_users_out_of_json(content, expected, name):
    assert users(json.dumps(content), name) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", [f"user,x\r\n{A},\u00e4\r\n", f"{A}\r\n", json.dumps([A])])
def test_encodings(encoding, text):
    assert users(text.encode(encoding)) == [A]


def test_utf_16_big_endian():
    assert users(b"\xfe\xff" + f"user\n{A}\n".encode("utf-16-be")) == [A]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04" + bytes(range(256)), "Excel workbook.*CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel workbook"),
        (f"user\n{A}\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (f"user\n{A}\n".encode("utf-16-be"), "UTF-16 without a byte order mark"),
        (b"\x7fELF\0\0\0\0", "NUL"),
        (f"user\n{A}\n".encode("utf-32"), "NUL"),
        (b"\xff\xfea", "not text in UTF-16"),
        ("user\nanna@contoso.example\nj\u00f6rg@contoso.example\n".encode("latin-1"), r"not text in UTF-8 \(line 3\)"),
        (b"\x1f\x8b\x08", "not text in UTF-8"),
    ],
)
def test_a_text_in_another_encoding_is_refused(data, words):
    with pytest.raises(ListError, match=words):
        decode(data)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # Equal headings.
        (
            f"userPrincipalName,displayName,userPrincipalName\n{A},x,\n",
            ["'userPrincipalName' twice, in columns 1 and 3"],
        ),
        (f"user,User\n{A},{B}\n", ["'User' twice, in columns 1 and 2"]),
        (f"id,Id,user\n1,{ID1},{A}\n", ["'Id' twice"]),
        (f"name,Name\n{A},{B}\n", ["'Name' twice"]),
        # A column in which nothing can be a name.
        ("id,department\n1001,Till\n", ["no object ids in the column 'id'", "line 1", "comma", "UTF-8", "department"]),
        ("userPrincipalName;department\nAnna Hunter;x\nBen;x\n", ["in the column 'userPrincipalName'", "semicolon"]),
        (f"userPrincipalName,user\nAnna Hunter,{A}\n", ["in the column 'userPrincipalName'"]),
        ("name\tnumber\nAnna Hunter\t+1 2065550142\n", ["in the column 'name'", "tab"]),
        # No column.
        ("displayName,mail\nAnna Hunter,a@x\n", ["no column that names users", "headings displayName, mail"]),
        ("displayName,Hunter\nAnna Hunter,a@x\n", ["headings displayName and 1 more"]),
        # No headings, so that the first line is private too.
        (f"{A},+1 2065550142\n{B},+1 2065550142\n", ["at line 1, line 2", "separator comma", "UTF-8"]),
        (f"{A};Anna Hunter;Welcome-2026!\n", ["at line 1", "separator semicolon"]),
        (f"{A}\tAnna Hunter\tWelcome-2026!\n", ["at line 1", "separator tab"]),
        ("Anna Hunter,Welcome-2026!\nBen Hunter,Welcome-2026!\n", ["at line 1, line 2"]),
        ("Hunter\n" * 9, ["at line 1, line 2, line 3, line 4, line 5 and 4 more"]),
        ("root:*:20228:0:99999:7:::\n", ["at line 1"]),
        # Single entries.
        (f"{A}\n{B};+1 2065550142\nHunter\n", ["at line 2, line 3"]),
        (f"user,x\n{A},1\n\nHunter,2\n", ["at line 4"]),
        (f'user,x\n{A},"1\n2"\nHunter,2\n', ["at line 4"]),
        (f"<{A}>; <{B}>\n", ["at line 1"]),
        (f"['{A}', '{B}']\n", ["at line 1"]),
        ("anna\uff20contoso.example\n", ["at line 1 (U+FF20)"]),
        # A comment or a row.
        (f"x,user\n1,{B}\n#2,{A}\n", ["a user behind the # of line 3. Delete the line if it is a comment"]),
        (f'x;notes;id\n#1;"a\nb";{{{ID1}}}\n', ["a user behind the # of line 2"]),
        # Quotes that do not pair up would swallow rows.
        (f'user,x\n{A},"Anna\n{B},Ben\n', ["cannot be read as CSV from line 2"]),
        (f'user,x\n{A},"Anna\n{B},"Ben\n', ["cannot be read as CSV from line 2"]),
        ('"userPrincipalName,""displayName"""\n"a@x,""Anna Hunter"""\n', ["at line 1, line 2"]),
    ],
)
def test_an_invalid_list_is_refused_by_place_without_its_cells(text, words):
    message = complaint(text)
    for word in words:
        assert word in message
    assert not any(private in message for private in (*PRIVATE, A, B))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not valid JSON (line 1)"),
        ("[" * 100_000, "not valid JSON"),
        (f'{{"user": "{A}"}}\n{{"user": "{B}"}}\n', "more than one JSON value (line 2). Expected one list of them"),
        ("12", "JSON without a list"),
        ('"Hunter"', "JSON without a list"),
        ({}, "JSON without a list"),
        ({"users": "x"}, "JSON without a list"),
        ({"value": [], "users": []}, "JSON without a list"),
        ({"value": [{"id": ID1}], "@odata.nextLink": "https://x"}, "one page of a longer answer"),
        ([A, 1], "at entry 2"),
        ([[A], None], "at entry 1, entry 2"),
        ([A, {"id": ID1}], "at entry 2"),
        ([{"id": ID1}, 5], "at entry 2"),
        ([A, "Hunter"], "at entry 2"),
        ([{"user": A}, {"user": {"upn": B}}, {"user": [B]}], "at entry 2, entry 3"),
        ([{"id": 1001}], "no object ids in the column 'id'"),
        ([{"displayName": "Hunter"}], "no column that names users (JSON, UTF-8, keys displayName)"),
        ([{"Hunter": "x"}], "no column that names users (JSON, UTF-8)"),
        ([{"user": A, "User": B}], "key 'User' twice at entry 1"),
        (f'[{{"user": "{A}", "user": "{B}"}}]', "a key 'user' twice in one object"),
        (f'{{"value": [], "value": ["{A}"]}}', "a key twice in one object"),
        (f'{{"Hunter": 1, "Hunter": 2, "users": ["{A}"]}}', "a key twice in one object"),
    ],
)
def test_json_that_is_no_list_is_refused_by_place(content, words):
    message = complaint(content if isinstance(content, str) else json.dumps(content), "list.json")
    assert words in message
    assert not any(private in message for private in (*PRIVATE, A, B))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "user;department\nAnna Hunter;x\n",
            "has no user principal names or object ids in the column 'user' (starting at line 1, separator semicolon,"
            " UTF-8, headings user, department)",
        ),
        (
            "# comment\nHunter\n",
            "has no user name at line 2 (starting at line 2, UTF-8, no known headings). Expected a column with the"
            " heading userPrincipalName, user, id or name (separator comma, semicolon or tab), or one user principal name or object id a line",
        ),
        (
            "displayName," + ",".join(["city"] * 25) + "\nHunter\n",
            "has no column that names users (starting at line 1, separator comma, UTF-8, headings displayName"
            + ", city" * 19
            + "). Expected a column with the heading userPrincipalName, user, id or name (separator comma, semicolon or tab), or one user principal name or"
            " object id a line",
        ),
    ],
)
def test_the_whole_message_about_a_text(text, message):
    assert complaint(text) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"value": [], "@odata.nextLink": "x"}, "is one page of a longer answer (@odata.nextLink). Export all pages"),
        *(
            (content, "is JSON without a list of users. Expected a list, or an object with a list 'value'")
            for content in (12, {}, {"value": [], "users": []})
        ),
        (
            [A, "Hunter"],
            "has no user name at entry 2 (JSON, UTF-8). Expected a column with the heading userPrincipalName, user, id"
            " or name (separator comma, semicolon or tab), or one user principal name or object id a line",
        ),
        (
            [{"user": A, "city": "x"}, {"user": "Hunter"}],
            "has no user name at entry 2 (JSON, UTF-8, keys user, city). Expected a column with the heading"
            " userPrincipalName, user, id or name (separator comma, semicolon or tab), or one user principal name or object id a line",
        ),
    ],
)
def test_the_whole_message_about_json(content, message):
    assert complaint(json.dumps(content), "list.json") == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\0\0\0", "is not text in UTF-8: it contains NUL bytes. Save it as UTF-8"),
        (
            f"user\n{A}\n".encode("utf-16-le"),
            "is not text in UTF-8: it contains NUL bytes. It looks like UTF-16 without a byte order mark. Save it as UTF-8",
        ),
    ],
)
def test_the_whole_message_about_bytes(data, message):
    with pytest.raises(ListError) as caught:
        decode(data)
    assert caught.value.message == message


def test_one_json_object_a_line_is_refused_by_its_form():
    assert "more than one JSON value (line 2)" in complaint(f'{{"user": "{A}"}}\n{{"user": "{B}"}}\n', "list.jsonl")


@pytest.mark.parametrize("text", ["<!DOCTYPE html>\n<p>Hunter</p>", "\n<HTML>", '<?xml version="1.0"?><users/>'])
def test_a_page_is_no_list(text):
    assert complaint(text) == "is an HTML or XML page, not a list. Of a report, give the CSV or JSON file"


def test_byte_order_and_end_marks_are_ignored():
    assert decode("\ufeff\ufeff user \x1a\x1a".encode()) == (" user ", "UTF-8")
    assert decode(b" XuserX \n") == (" XuserX \n", "UTF-8")


def test_cells_of_json_are_texts():
    entries = [{"user": A, "changed": True, "department": 7, "city": None, "manager": {"id": ID1}}]
    (row,) = read_table(json.dumps(entries).encode(), "list.json").rows
    assert row.cells == {"user": A, "changed": "true", "department": "7", "city": "", "manager": "{}"}


def test_rows_without_a_user_name_are_reported():
    table = read_table(f"userPrincipalName,displayName\n{A},Anna\n,Store phone\n,\n".encode(), "list.csv")
    assert users_in(table)[1] == ["line 3"]


def test_rows_keep_their_columns_and_lines_for_other_readers():
    table = read_table(b"sep=;\nUser;Mobile Phone;x\na@x;+1 2065550101;1\n", "list.csv")
    assert table.headings == {"user": "User", "mobilephone": "Mobile Phone", "x": "x"}
    assert [(row.place, dict(row.cells)) for row in table.rows] == [
        ("line 3", {"user": "a@x", "mobilephone": "+1 2065550101", "x": "1"})
    ]


def test_names_can_be_preferred_to_ids():
    table = read_table(f"id,userPrincipalName,name\n{ID1},{A},Anna\n".encode(), "list.csv")
    ((row, name),) = users_in(table, by_id=False)[0]
    assert (name, row.cells["id"]) == (A, ID1)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_list_or_refused(data):
    for name in ("list.csv", "list.json"):
        try:
            users_in(read_table(data, name))
        except ListError as error:
            assert len(error.message) < 1000


NONE_OF_THEM = "The type of phone is none of mobile, alternateMobile, office."


def entries(text, name="list.csv", phone_type="mobile", state="present"):
    """The entries of a list without their place: (user, number, type, state), or the place and the flaw."""
    found = phones_in(read_table(as_bytes(text), name), phone_type, state)
    return [
        (entry.place, entry.user, entry.flaw)
        if entry.flaw
        else (entry.user, entry.number, entry.phone_type, entry.state)
        for entry in found
    ]


ONE, TWO = "+1 2065550101", "+1 2065550102"


@pytest.mark.parametrize("heading", ["phone_number", "phone", "Number", "mobilePhone", "Mobile", "Phone number"])
def test_phones_are_read_from_any_column_of_numbers(heading):
    assert entries(f"userPrincipalName;{heading};department\n{A};{ONE};Till\n{B};{TWO};\n") == [
        (A, ONE, "mobile", "present"),
        (B, TWO, "mobile", "present"),
    ]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        # types and states of their own
        (
            f"user,phone_number,phone_type,state\n{A},{ONE},,\n{A},{TWO},office,absent\n{B},,Alternate Mobile,absent\n",
            "list.csv",
            [
                (A, ONE, "mobile", "present"),
                (A, TWO, "office", "absent"),
                (B, None, "alternateMobile", "absent"),
            ],
        ),
        # the state of an address
        (f"user,number,state\n{A},{ONE},WA\n", "list.csv", [(A, ONE, "mobile", "present")]),
        # by id where there is one
        (f"id,user,phone\n{ID1},{A},{ONE}\n", "list.csv", [(ID1, ONE, "mobile", "present")]),
        (
            json.dumps([{"user": A, "phone_number": ONE}, {"user": B, "phone_number": TWO, "phone_type": "office"}]),
            "list.json",
            [(A, ONE, "mobile", "present"), (B, TWO, "office", "present")],
        ),
        (
            json.dumps({"value": [{"userPrincipalName": A, "mobilePhone": ONE}]}),
            "list.json",
            [(A, ONE, "mobile", "present")],
        ),
        # a number that a program took for one
        (json.dumps([{"user": A, "phone": 12065550101}]), "list.json", [(A, "12065550101", "mobile", "present")]),
        # two numbers of one user, which contradict each other
        (
            f"user,phone,mobile\n{A},{ONE},{TWO}\n{B},{ONE},{ONE}\n",
            "list.csv",
            [(A, ONE, "mobile", "present"), (A, TWO, "mobile", "present"), (B, ONE, "mobile", "present")],
        ),
        # bad lines, and good ones beside them
        (
            f"user,phone,phone_type\nAnna Example,{ONE},\n\n{A},,\n{A},{ONE},pager\n,{TWO},\n{B},{TWO},\n",
            "list.csv",
            [
                ("line 2", "", "There is no user name."),
                (A, "", "mobile", "present"),
                ("line 5", A, NONE_OF_THEM),
                ("line 6", "", "There is no user name."),
                (B, TWO, "mobile", "present"),
            ],
        ),
        (
            f"user,phone,state\n{A},{ONE},present\n{B},{TWO},gone\n",
            "list.csv",
            [(A, ONE, "mobile", "present"), ("line 3", B, "The state is neither present nor absent.")],
        ),
        (
            json.dumps([{"user": A, "phone": ONE}, {"user": {"name": B}, "phone": TWO}]),
            "list.json",
            [(A, ONE, "mobile", "present"), ("entry 2", "", "There is no user name.")],
        ),
    ],
)
def test_entries_of_phones(text, name, expected):
    assert entries(text, name) == expected


def test_a_number_is_required_except_to_remove_any_number():
    assert entries(f"user\n{A}\n", state="absent") == [(A, None, "mobile", "absent")]
    assert entries(f"{A}\n{B}\n", "list.txt", "office", "absent") == [
        (A, None, "office", "absent"),
        (B, None, "office", "absent"),
    ]
    # An empty cell can be a mistake, and must not remove whatever number there is.
    assert entries(f"user,phone\n{A},\n", state="absent") == [(A, "", "mobile", "absent")]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (f"{A}\n", "list.txt", "has no column with phone numbers"),
        (f"user,department\n{A},Till\n", "list.csv", "has no column with phone numbers"),
        (f"{A},{ONE}\n", "list.csv", "has no column with phone numbers"),
        (f"phone\n{ONE}\n", "list.csv", "has no column that names users"),
        (f"user,phone\nAnna,{ONE}\nBen,{TWO}\n", "list.csv", "has no user principal names or object ids in the column"),
        (f"user,phone,phone\n{A},{ONE},{TWO}\n", "list.csv", "has the heading 'phone' twice"),
    ],
)
def test_a_file_without_the_columns_is_no_list_of_phones(text, name, message):
    with pytest.raises(ListError) as caught:
        phones_in(read_table(as_bytes(text), name), "mobile", "present")

    assert caught.value.message.startswith(message) and "206" not in caught.value.message


@given(st.text())
def test_any_text_is_a_list_of_phones_or_none(text):
    try:
        found = phones_in(read_table(as_bytes(text.encode("utf-8", "replace")), "list.csv"), "mobile", "present")
    except ListError:
        return
    assert all(entry.user or entry.flaw for entry in found)
