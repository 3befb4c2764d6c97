# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The reason of a failed request, from what Graph says of any resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._domain import _reasons as reasons
from .._graph._messages import LOST, RETRY, THROTTLED, Reply

_BY_GENERIC_CODE = {
    "accessdenied": reasons.FORBIDDEN,
    "authorization_requestdenied": reasons.FORBIDDEN,
    "request_resourcenotfound": reasons.USER_NOT_FOUND,
}
_BACK_END = "no http resource was found"
"""A 404 of the service behind Graph, which does not depend on the user."""


def reason_of(reply: Reply, by_code: Mapping[str, str] | None = None, by_text: Sequence[tuple[str, str]] = ()) -> str:
    """The reason of a reply that is no success: by specific code, then wording, then generic code, then status.

    `by_code` and `by_text` are what the resource has beside the general codes, in lower case. The status alone says
    something about the user only if Graph itself answered.
    """
    if reply.verdict == THROTTLED:
        return reasons.THROTTLED
    if reply.verdict in (RETRY, LOST) or not reply.genuine:
        return reasons.SERVICE_ERROR
    text = reply.text.casefold()
    specific = by_code or {}
    known = (
        *(specific[code] for code in reply.codes if code in specific),
        *(reason for wording, reason in by_text if wording in text),
        *(_BY_GENERIC_CODE[code] for code in reply.codes if code in _BY_GENERIC_CODE),
    )
    if known:
        return known[0]
    if reply.status in (401, 403):
        return reasons.FORBIDDEN
    if reply.status == 404 and _BACK_END not in text:
        return reasons.USER_NOT_FOUND
    return reasons.SERVICE_ERROR
