# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The table of all reports on a page with several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..._domain._states import READY
from .. import _outcomes as outcomes
from ._budget import fitting
from ._counts import states
from ._section import UNNAMED
from ._source import Report
from ._text import escaped, moment, name

BYTES = 250_000
"""What the table may take."""

_KINDS = (outcomes.CHANGED, outcomes.REFUSED, outcomes.FAILED)
_HEADS = ("Users", "SMS sign-in on", "Changed", "Refused", "Failed")


def overview(reports: Sequence[Report], with_section: int) -> str:
    """One row for each report; the first ones have a section to link to."""
    rows = [_row(report, number, number <= with_section) for number, report in enumerate(reports, 1)]
    shown = fitting([len(row.encode()) for row in rows], BYTES)
    heads = "".join(f'<th scope="col" class="n">{head}</th>' for head in _HEADS)
    omitted = [
        f'<p class="more">{number:,} {what}</p>'
        for number, what in (
            (len(reports) - shown, "more reports are not listed here, for the size of the page."),
            (len(reports) - with_section, "reports have no section on this page, for its size."),
        )
        if number
    ]
    return (
        '<section aria-labelledby="tenants"><h2 id="tenants">Tenants</h2><div class="scroll" role="group"'
        ' aria-label="Tenants" tabindex="0"><table class="users"><thead><tr><th scope="col">Tenant</th>'
        f'<th scope="col">Mode</th><th scope="col">Time</th>{heads}</tr></thead><tbody>{"".join(rows[:shown])}</tbody>'
        f"</table></div>{''.join(omitted)}</section>"
    )


def _row(report: Report, number: int, linked: bool) -> str:
    kinds = Counter(user.outcome for user in report.users)
    figures = [len(report.users), states(report, report.state_read)[READY], *(kinds[kind] for kind in _KINDS)]
    tenant = name(report.tenant) if report.tenant else UNNAMED
    first = f'<a href="#r{number}">{tenant}</a>' if linked else tenant
    cells = "".join(f'<td class="n">{figure:,}</td>' for figure in figures)
    about = f'<td class="t">{escaped(report.mode)}</td><td class="t">{moment(report.time)}</td>'
    return f'<tr><th scope="row">{first}</th>{about}{cells}</tr>'
