# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The comparison with an earlier report."""

from __future__ import annotations

from collections.abc import Iterator

from ._compare import TITLES, Comparison
from ._source import Report
from ._table import Block, block
from ._text import moment


def since(report: Report, comparison: Comparison, prefix: str) -> Iterator[str | Block]:
    rows = "".join(
        f'<tr><th scope="row">{TITLES[kind]}</th><td class="n">{number:,}</td></tr>'
        for kind, number in comparison.counts.items()
    )
    yield (
        f'<div id="{prefix}since"><h3>Since the report of {moment(comparison.earlier)}</h3><p>Users are matched by'
        " object id. On and off are states of SMS sign-in as read. A user outside the scope of one of the two reports"
        ' counts as only in the other.</p><table class="lines"><thead><tr><th scope="col">State now and before</th>'
        f'<th scope="col" class="n">Users</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
    for group in comparison.groups:
        yield block(report, group, f"{prefix}{group.anchor}", level=4)
