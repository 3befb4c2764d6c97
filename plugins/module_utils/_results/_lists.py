# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Lists of users and phones in files: bytes -> text -> rows with named columns -> the columns that count.

Pure functions, without Ansible: the simulator under `tests` reads its lists with them too. No message repeats a cell.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._domain._numbers import PHONE_TYPES
from .._domain._phone_entries import ABSENT, NO_USER_NAME, PRESENT, Entry
from .._domain._targets import can_be_name, is_object_id, lookalikes, plain_name, positions, visible

LINE = ""
"""The key of the only column of a plain text file or a JSON list of texts."""

IDS = ("objectid", "id")
NAMES = ("userprincipalname", "upn", "memberobjectidorupn", "user", "username", "users")
LAST_RESORT = "name"
"""Keys of headings that name a user, in order of precedence; an id counts where it is an object id."""

NUMBERS = ("phonenumber", "phone", "number", "mobilephone", "mobile")
"""Keys of headings of phone numbers."""

_OTHER_HEADINGS = """
accountenabled address adminunits alternateemail blocksignin businessphones changed checkmode city clientrequestid
code comment companyname costcenter country countryorregion createddatetime date department desiredstate
directorysynced displayname division email emailaddress employee employeeid employeenumber employeetype enabled
externaluserstate failed fax firstname fullname givenname group groups guest initialpassword invitationstate
inviteeemail isadmin isgroup isguest isuser jobtitle language lastname licenses location login mail mailnickname
manager middlename msg nickname notes objecttype office officelocation onpremisessyncenabled othermails outcome
password passwordprofile personnelnumber phonetype postalcode preferredlanguage previousstate proxyaddresses reason
requestid role shift signinname site smssignin smssigninstate state status store streetaddress surname team
telephonenumber title type usagelocation usertype written zip zipcode
"""
_KNOWN = frozenset((*IDS, *NAMES, LAST_RESORT, *NUMBERS, *_OTHER_HEADINGS.split()))
"""Keys of headings that a message may repeat: a text that is none of them could be a name or a password."""

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_PREAMBLE = re.compile(r"(?i)(?:#TYPE\b.*|version:v[\d.]+[,;\t]*)")
_SEPARATOR_LINE = re.compile(r'(?i)"?sep=([,;\t])"?')
_NUMBERED = re.compile(r"# *[,;\t]")
"""How a line of headings begins whose first column numbers the rows."""

_BRACKETED = re.compile(r"\[(\w+)\]")
_ARCHIVES = ((b"PK\x03\x04", "an Excel workbook or another zip archive"), (b"\xd0\xcf\x11\xe0", "an Excel workbook"))
_MARKUP = re.compile(r"(?i)\s*<(?:!doctype|html|\?xml)\b")
_EXAMPLE = "example:"
"""How the portal's templates begin their sample row."""
_EXPECTED = (
    "Expected a column with the heading userPrincipalName, user, id or name (separator comma, semicolon or tab), or one"
    " user principal name or object id a line"
)


class ListError(Exception):
    """A file is no list. The message is the end of a sentence that begins with the file, and repeats no cell."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Row(NamedTuple):
    """`place` is `line 7`, or `entry 7` in JSON; `cells` are texts by the key of their heading."""

    place: str
    cells: Mapping[str, str]


class Table(NamedTuple):
    """`headings` are as written, by key; `form` is what a message says about the file; `head` is the rest of JSON."""

    headings: Mapping[str, str]
    rows: Sequence[Row]
    form: str
    head: Mapping[str, Any] = {}


class Named(NamedTuple):
    """A user by name or id, and the row that names the user."""

    row: Row
    name: str


def key_of(heading: str) -> str:
    """What spellings of a heading have in common: `User principal name` and `... [userPrincipalName] Required`."""
    return re.sub(r"[\s_-]", "", visible(_written(heading))).casefold()


def read_table(data: bytes, file_name: str) -> Table:
    """The rows of a list: CSV, JSON or plain text, by content; a file that is called `.json` has to be JSON.

    Raises ListError.
    """
    text, encoding = decode(data)
    if _MARKUP.match(text):
        raise ListError("is an HTML or XML page, not a list. Of a report, give the CSV or JSON file")
    named_json = file_name.casefold().endswith(".json")
    if named_json or text.lstrip()[:1] in ("[", "{"):
        try:
            return _json_table(json.loads(text, object_pairs_hook=_object), encoding)
        except (ValueError, RecursionError) as error:
            place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
            if str(error).startswith("Extra data"):
                raise ListError(f"is more than one JSON value{place}. Expected one list of them") from None
            if named_json and text.strip():
                raise ListError(f"is not valid JSON{place}") from None
    return _text_table(text, encoding)


def decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8, or UTF-16 with a byte order mark. Raises ListError."""
    for start, kind in _ARCHIVES:
        if data.startswith(start):
            raise ListError(f"is {kind}. Save the sheet as CSV UTF-8")
    encoding, shown = "utf-8-sig", "UTF-8"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding, shown = "utf-16", "UTF-16"
    elif b"\0" in data:
        zeros = [data[start:4000:2].count(0) * 4 > len(data[start:4000:2]) for start in (0, 1)]
        utf16 = " It looks like UTF-16 without a byte order mark." if zeros[0] != zeros[1] else ""
        raise ListError(f"is not text in UTF-8: it contains NUL bytes.{utf16} Save it as UTF-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = f" (line {data[: error.start].count(10) + 1})" if shown == "UTF-8" else ""
        raise ListError(f"is not text in {shown}{line}. Save it as UTF-8") from None
    if "\0" in text:
        raise ListError(f"is not text in {shown}: it contains NUL characters. Save it as UTF-8")
    return text.lstrip("\ufeff").rstrip("\x1a"), shown


def users_in(table: Table, by_id: bool = True) -> tuple[list[Named], list[str]]:
    """The users by name, or by id where there is one, and the places of rows that hold something and name no user.

    Raises ListError when no column names users, when one that should does not, and for each entry that is no name.
    """
    columns = _columns(table, by_id)
    chosen, without = [], []
    for row in table.rows:
        found = _choose(row, columns)
        if found is not None:
            chosen.append((row, *found))
        elif any(visible(cell) for cell in row.cells.values()):
            without.append(row.place)
    _require_names(table, [(row.place, column, name) for row, column, name in chosen])
    return [Named(row, name) for row, _column, name in chosen], without


def phones_in(table: Table, phone_type: str, state: str) -> list[Entry]:
    """The entries of a list of phone numbers. One that cannot be used has a flaw, and no user if it names none.

    `phone_type` and `state` hold where a row has none of its own. A column `state` counts where it holds the words for
    states. Without a column of numbers, and in a row whose own state is absent, an entry means any number. Raises
    ListError when no column names users or, if a phone must be present, none has numbers.
    """
    columns = _columns(table, by_id=True)
    rows = [row for row in table.rows if any(visible(cell) for cell in row.cells.values())]
    found = [(row, _choose(row, columns)) for row in rows]
    _require_fitting_columns(table, [chosen for _row, chosen in found if chosen])
    own_states = any(_word(row, "state") in (PRESENT, ABSENT) for row in rows)
    numbers = [column for column in NUMBERS if column in table.headings]
    if not numbers and state == PRESENT and not own_states:
        raise ListError(f"has no column with phone numbers ({table.form}). Expected the heading {', '.join(NUMBERS)}")
    entries: list[Entry] = []
    for row, chosen in found:
        name = chosen[1] if chosen and _fits(*chosen) else ""
        own = _word(row, "state") if own_states else ""
        without = None if own == ABSENT or not numbers else ""
        # Two numbers in one row are two entries, which contradict each other.
        given = dict.fromkeys(text for column in numbers if (text := visible(row.cells.get(column, ""))))
        for number in given or (without,):
            entries.append(_checked(Entry(row.place, name, number, _phone_type(row) or phone_type, own or state)))
    return entries


def _word(row: Row, column: str) -> str:
    return visible(row.cells.get(column, "")).casefold()


def _phone_type(row: Row) -> str:
    """The type of phone in a row, as Graph writes it if it is known."""
    written = visible(row.cells.get("phonetype", ""))
    return next((known for known in PHONE_TYPES if key_of(known) == key_of(written)), written)


def _checked(entry: Entry) -> Entry:
    flaws = (
        (not entry.user, NO_USER_NAME),
        (entry.phone_type not in PHONE_TYPES, f"The type of phone is none of {', '.join(PHONE_TYPES)}."),
        (entry.state not in (PRESENT, ABSENT), f"The state is neither {PRESENT} nor {ABSENT}."),
    )
    return entry._replace(flaw=next((flaw for wrong, flaw in flaws if wrong), ""))


def _columns(table: Table, by_id: bool) -> list[str]:
    """The keys of the columns that name users, the best first. Raises ListError without one."""
    if LINE in table.headings:
        return [LINE]
    ids = [column for column in IDS if column in table.headings and by_id]
    columns = ids + [column for column in NAMES if column in table.headings]
    usable = [column for column in columns if column not in IDS or _holds_ids(table, column)]
    if LAST_RESORT in table.headings and not usable:
        return [LAST_RESORT]
    if not columns:
        raise ListError(f"has no column that names users ({table.form}). {_EXPECTED}")
    return usable or columns


def _holds_ids(table: Table, column: str) -> bool:
    return any(is_object_id(plain_name(row.cells.get(column, ""))) for row in table.rows)


def _choose(row: Row, columns: Sequence[str]) -> tuple[str, str] | None:
    """The column and the name of a row; an id that is no object id only where there is nothing else."""
    other = None
    for column in columns:
        name = plain_name(row.cells.get(column, ""))
        if not name or name.casefold().startswith(_EXAMPLE):
            continue
        if column not in IDS or is_object_id(name):
            return column, name
        other = other or (column, name)
    return other


def _require_names(table: Table, chosen: Sequence[tuple[str, str, str]]) -> None:
    _require_fitting_columns(table, [(column, name) for _place, column, name in chosen])
    bad = [place + lookalikes(name) for place, column, name in chosen if not _fits(column, name)]
    if bad:
        raise ListError(f"has no user name at {positions(bad)} ({table.form}). {_EXPECTED}")


def _require_fitting_columns(table: Table, chosen: Sequence[tuple[str, str]]) -> None:
    """Raises ListError for a column in which nothing can be a name."""
    good = {column for column, name in chosen if _fits(column, name)}
    for column in dict.fromkeys(column for column, _name in chosen):
        if column not in good and column != LINE:
            kind = "object ids" if column in IDS else "user principal names or object ids"
            raise ListError(f"has no {kind} in the column '{table.headings[column]}' ({table.form})")


def _fits(column: str, name: str) -> bool:
    return is_object_id(name) if column in IDS else can_be_name(name)


# -- text


def _text_table(text: str, encoding: str) -> Table:
    lines = list(io.StringIO(text, newline=""))
    first, separator = _start(lines)
    if first == len(lines):
        return Table({LINE: ""}, (), encoding)
    found = _headings(lines[first:], separator)
    if found is None:
        return _plain(lines, first, encoding)
    separator, headings, taken = found
    form = _form(first + 1, separator, encoding, headings)
    columns = _by_key(headings, form)
    return Table(columns, list(_rows(lines, first + taken, separator, headings)), form)


def _start(lines: Sequence[str]) -> tuple[int, str | None]:
    """The index of the first line that counts, and the separator that a line before it names."""
    separator = None
    for index, line in enumerate(lines):
        declared = _SEPARATOR_LINE.fullmatch(line.strip(" \r\n"))
        if declared:
            separator = declared.group(1)
        elif _NUMBERED.match(visible(line)) or (
            visible(line).strip(",;\t ") and not _is_comment(line) and not _PREAMBLE.fullmatch(visible(line))
        ):
            return index, separator
    return len(lines), separator


def _is_comment(line: str) -> bool:
    """Whether a line begins with `#`; a name that does so has to be quoted."""
    return visible(line).startswith("#")


def _headings(lines: Sequence[str], separator: str | None) -> tuple[str, list[str], int] | None:
    """The separator, the headings and the number of their lines, if one of them is known and none is a user."""
    best = None
    most = 0
    for candidate in (separator,) if separator else _SEPARATORS:
        reader = csv.reader(lines, delimiter=candidate, skipinitialspace=candidate != "\t")
        try:
            cells = [visible(cell) for cell in next(reader)]
        except csv.Error:
            continue
        known = sum(key_of(cell) in _KNOWN for cell in cells)
        if known > most and not any("@" in cell or is_object_id(plain_name(cell)) for cell in cells):
            best, most = (candidate, cells, reader.line_num), known
    return best


def _rows(lines: Sequence[str], start: int, separator: str, headings: Sequence[str]) -> Iterator[Row]:
    """The rows from the line with that index on. Raises ListError where the quotes do not pair up."""
    # Blanks behind a closing quote are common in files that were edited by hand, and strict reading forbids them.
    quoted = (re.sub(rf'" +(?={separator}|[\r\n]|$)', '"', line) for line in lines[start:])
    reader = csv.reader(quoted, delimiter=separator, skipinitialspace=separator != "\t", strict=True)
    keys = [key_of(heading) for heading in headings]
    begin = start
    try:
        for cells in reader:
            if cells and not _is_comment(lines[begin]):
                yield Row(f"line {begin + 1}", {key: cell for key, cell in zip(keys, cells) if key})
            elif _names_a_user_behind(keys, cells):
                raise ListError(
                    f"has a user behind the # of line {begin + 1}. Delete the line if it is a comment, else put its"
                    " first cell in quotes"
                )
            begin = start + reader.line_num
    except csv.Error as error:
        raise ListError(f"cannot be read as CSV from line {begin + 1} on ({error})") from None


def _names_a_user_behind(keys: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a row that begins with `#` names a user, though the column in which that stands does not name users."""
    naming = (*IDS, *NAMES)
    behind = (plain_name(cell) for key, cell in zip(keys, cells) if key in naming)
    return keys[0] not in naming and any(map(can_be_name, behind))


def _plain(lines: Sequence[str], first: int, encoding: str) -> Table:
    """One name a line. A comment begins with `#` at the start of a line or behind a blank."""
    names = [(number, re.sub(r"(?:^|\s)#.*", "", visible(line))) for number, line in enumerate(lines, start=1)]
    rows = [Row(f"line {number}", {LINE: name}) for number, name in names[first:] if name.strip()]
    separator = max(_SEPARATORS, key=lines[first].count)
    cut = f"separator {_SEPARATORS[separator]}, " if separator in lines[first] else ""
    return Table({LINE: ""}, rows, f"starting at line {first + 1}, {cut}{encoding}, no known headings")


def _written(heading: str) -> str:
    """A known heading as a message repeats it: of `... [userPrincipalName] Required` what is in brackets."""
    bracketed = _BRACKETED.search(heading)
    return bracketed.group(1) if bracketed else heading


def _form(line: int, separator: str, encoding: str, headings: Sequence[str]) -> str:
    shown = [_written(heading) for heading in headings if key_of(heading) in _KNOWN]
    others = len(headings) - len(shown)
    found = ", ".join(shown[:20]) + (f" and {others} more" if others else "")
    return f"starting at line {line}, separator {_SEPARATORS[separator]}, {encoding}, headings {found}"


def _by_key(headings: Sequence[str], form: str) -> dict[str, str]:
    """Headings by key. Raises ListError for one that counts and is there twice."""
    columns: dict[str, str] = {}
    places: dict[str, int] = {}
    for place, heading in enumerate(headings, start=1):
        key = key_of(heading)
        if key in columns and _counts(key, headings):
            raise ListError(
                f"has the heading '{_written(heading)}' twice, in columns {places[key]} and {place} ({form})"
            )
        if key:
            columns.setdefault(key, _written(heading))
            places.setdefault(key, place)
    return columns


def _counts(key: str, headings: Iterable[str]) -> bool:
    if key == LAST_RESORT:
        return not any(key_of(heading) in (*IDS, *NAMES) for heading in headings)
    return key in (*IDS, *NAMES, *NUMBERS) or key in _OF_A_REPORT


_OF_A_REPORT = ("outcome", "checkmode", "changed", "written", "previousstate", "desiredstate")


# -- JSON


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ListError for a key that is there twice: of two values it is not known which one counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for number, (name, _value) in enumerate(pairs) if name in dict(pairs[:number]))
        shown = f"'{twice}' " if key_of(twice) in _KNOWN else ""
        raise ListError(f"is JSON with a key {shown}twice in one object")
    return found


def _json_table(content: Any, encoding: str) -> Table:
    """Raises ListError for JSON that is neither a list nor an object with one list in `value` or `users`."""
    head: dict[str, Any] = {}
    if isinstance(content, dict):
        if any(key.casefold().endswith("nextlink") for key in content):
            raise ListError("is one page of a longer answer (@odata.nextLink). Export all pages")
        lists = [key for key in ("value", "users") if isinstance(content.get(key), list)]
        if len(lists) != 1:
            raise ListError("is JSON without a list of users. Expected a list, or an object with a list 'value'")
        head = {key: value for key, value in content.items() if key != lists[0]}
        content = content[lists[0]]
    if not isinstance(content, list):
        raise ListError("is JSON without a list of users. Expected a list, or an object with a list 'value'")
    kind = str if any(isinstance(entry, str) for entry in content) else dict
    bad = [f"entry {number}" for number, entry in enumerate(content, start=1) if not isinstance(entry, kind)]
    if bad:
        raise ListError(f"has no user at {positions(bad)} (JSON). Expected texts only, or objects only")
    if kind is dict and content:
        return _objects(content, f"JSON, {encoding}", head)
    rows = [Row(f"entry {number}", {LINE: entry}) for number, entry in enumerate(content, start=1)]
    return Table({LINE: ""}, [row for row in rows if visible(row.cells[LINE])], f"JSON, {encoding}", head)


def _objects(entries: Sequence[Mapping[str, Any]], form: str, head: Mapping[str, Any]) -> Table:
    headings: dict[str, str] = {}
    rows = []
    for number, entry in enumerate(entries, start=1):
        cells: dict[str, str] = {}
        for heading, value in entry.items():
            key = key_of(heading)
            if not key:
                continue
            if key in cells and _counts(key, entry):
                raise ListError(f"has the key '{_written(heading)}' twice at entry {number} ({form})")
            cells[key] = _cell(value)
            headings.setdefault(key, _written(heading))
        rows.append(Row(f"entry {number}", cells))
    shown = ", ".join([heading for key, heading in headings.items() if key in _KNOWN][:20])
    return Table(headings, rows, f"{form}, keys {shown}" if shown else form, head)


def _cell(value: Any) -> str:
    """A text for each value. A list or an object gives one that is no name, so that its entry is refused."""
    if isinstance(value, (list, dict)):
        return "{}"
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    return str(value)
