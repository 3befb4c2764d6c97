# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""How many rows each table of a page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._budget import fitting, shared
from ._groups import MOST_ROWS
from ._order import tenant_key
from ._section import Section
from ._table import Block


def rows_shown(sections: Sequence[Section], budget: int) -> Mapping[int, int]:
    """How many rows each block shows, by its identity: equal parts of the budget for tenants, urgent blocks first."""
    tenants: dict[str, list[Block]] = {}
    for one in sections:
        tenants.setdefault(tenant_key(one.report), []).extend(one.blocks)
    listed = [sorted(blocks, key=lambda block: not block.urgent) for blocks in tenants.values()]
    sizes = [[len(row.encode()) for block in blocks for row in block.rows][:MOST_ROWS] for blocks in listed]
    shown = {}
    for blocks, rows, given in zip(listed, sizes, shared([sum(rows) for rows in sizes], budget)):
        left = fitting(rows, given)
        for block in blocks:
            shown[id(block)] = min(left, len(block.rows))
            left -= shown[id(block)]
    return shown


def around_rows(one: Section) -> int:
    """Bytes of the frame of rows, and of the words about omitted ones when there are rows."""
    return sum(len((block.opening + block.closing).encode()) + len(" more ") for block in one.blocks)
