# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Phone numbers from a file."""

from __future__ import annotations

import os

from .._domain._phone_entries import Entry
from .._errors import InvalidFile
from .._files import LARGEST, read_regular_file, shown_path
from ._lists import ListError, phones_in, read_table


def phones_from(path: str, phone_type: str, state: str) -> list[Entry]:
    """The entries in a file, bad ones with their flaw. `phone_type` and `state` hold where a line has none of its own.

    Raises InvalidFile for a file that cannot be read or used as a whole, and for one without an entry.
    """
    file = f"'phones_from': {shown_path(path)}"
    try:
        table = read_table(read_regular_file(path, LARGEST), path)
        entries = phones_in(table, phone_type, state)
        if not entries:
            raise ListError(f"names no user ({table.form})")
    except OSError as error:
        raise InvalidFile(f"{file} cannot be read: {error.strerror}.") from None
    except ListError as error:
        raise InvalidFile(f"{file} {error.message}.") from None
    name = shown_path(os.path.basename(path))
    return [entry._replace(place=f"{entry.place} of {name}") for entry in entries]
