# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Which accounts sign in with the numbers that users are to get."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

from .._domain import _reasons as reasons
from .._domain._numbers import digits_of, same_number
from .._domain._redaction import redact_name
from .._domain._states import PHONE_NUMBER_NOT_UNIQUE, READY
from .._domain._targets import Target
from .._entra._phone_methods import Phone, parse_phone, read_request
from .._entra._registration import with_mobile_phone
from .._errors import EntraError, OutOfTime
from .._goals._phone_numbers import mobile_number
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply
from ._doubts import Count, Finding, Planned
from ._preflight import report_for
from ._selection import Warn

_NOT_LOOKED_FOR = (reasons.PERMISSION_MISSING, reasons.LICENCE_MISSING, reasons.INCOMPLETE)


class Holders:
    """Users whose mobile number signs in another account.

    `number_of` gives the mobile number that a user is to get, None for none. Candidates come from the registration
    report, which leaves out disabled and deleted accounts.
    """

    needs = (report_for("find_holder", certain=False),)

    def __init__(self, number_of: Callable[[Target], str | None], warn: Warn) -> None:
        self._number_of = number_of
        self._warn = warn

    def concerns(self, planned: Planned) -> bool:
        number = self._number_of(planned.target)
        if number is None:
            return False
        stored = same_number(mobile_number(planned.state), number)
        return not stored or planned.state.state == PHONE_NUMBER_NOT_UNIQUE

    def ask(self, planned: Sequence[Planned], graph: Graph, show: Count) -> Mapping[str, Finding]:
        """Without the report there is one warning and no finding. Raises EntraError when the run cannot continue."""
        wanted = {one.target.name: digits_of(self._number_of(one.target)) for one in planned}
        try:
            candidates = [registration.target for registration in with_mobile_phone(graph)]
        except EntraError as error:
            if isinstance(error, OutOfTime) or error.reason not in _NOT_LOOKED_FOR:
                raise
            self._warn(f"The accounts that hold numbers were not looked for, so 'holder' is null. {error.message}")
            return {}
        holders = _holders(set(wanted.values()), candidates, graph, show)
        found = {}
        for one in planned:
            others = (holder for holder in holders.get(wanted[one.target.name], ()) if not _same(holder, one.target))
            holder = next(others, None)
            if holder is not None:
                name = redact_name(holder.name)
                found[one.target.name] = Finding(says=f"{name} signs in with this number.", more={"holder": name})
        return found


def _holders(
    wanted: set[str | None], candidates: Sequence[Target], graph: Graph, show: Count
) -> Mapping[str | None, Sequence[Target]]:
    """The accounts that sign in with one of the `wanted` numbers, by number."""
    found: dict[str | None, list[Target]] = {}
    read = itertools.count(1)

    def keep(job: Job, reply: Reply) -> tuple[()]:
        show(next(read), len(candidates))
        phone: Phone | None = parse_phone(reply) if reply.verdict == OK else None
        number = digits_of(phone.number) if phone is not None and phone.state == READY else None
        if number is not None and number in wanted:
            found.setdefault(number, []).append(job.tag)
        return ()

    graph.exchange((Job(read_request(target.address), target) for target in candidates), keep)
    return found


def _same(one: Target, other: Target) -> bool:
    return not set(one.keys).isdisjoint(other.keys)
