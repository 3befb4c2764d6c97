# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Which users a report is about, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from ._counts import states
from ._source import Report
from ._text import count, escaped, names
from ._words import UNKNOWN, in_words

_REGISTERED = (
    "every user that it lists with a mobile phone. It lags, and leaves out disabled accounts and users without a"
    " registered method"
)


def scope(report: Report, prefix: str) -> str:
    return f'<div id="{prefix}scope"><h3>Scope and method</h3><dl>{"".join(_facts(report))}</dl></div>'


def _facts(report: Report) -> Iterator[str]:
    for label, key in (("Users", "users"), ("Excluded users", "exclude_users")):
        number = report.scope.get(key)
        if isinstance(number, int):
            yield _fact(label, f"{count(number, 'user', 'users')} given by name or object id" if number else "none")
    for label, key in (("Groups", "groups"), ("Excluded groups", "exclude_groups")):
        listed = report.scope.get(key)
        if isinstance(listed, list):
            yield _fact(label, names([text for text in listed if isinstance(text, str)]) or "none")
    if report.scope.get("registered") is True:
        yield _fact("Registration report", _REGISTERED)
    if report.usable is not None:
        yield _fact("Usable other methods", escaped(in_words(report.usable)) or "none")
    unread = states(report, report.state_read)[UNKNOWN]
    yield _fact(
        "Not read", f"the state of {count(unread, 'user', 'users')}" if unread else "nothing: every state was read"
    )
    yield _fact("Collection", f"frontline.entra {escaped(report.version or UNKNOWN)}")


def _fact(label: str, value: str) -> str:
    return f"<div><dt>{label}</dt><dd>{value}</dd></div>"
