# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A JSON report, checked as a whole: what the page knows of a run or an audit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..._errors import InvalidFile
from ._schema import require_ours
from ._user import User, text_of, user_of

AUDIT, DRY_RUN, APPLIED = "audit", "dry run", "applied"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Report(NamedTuple):
    """`mode` is AUDIT, DRY_RUN or APPLIED, `desired` the desired state of a run; None is unknown.

    `usable` are the methods that an audit counts as another way to sign in.
    """

    tenant: str | None
    cloud: str | None
    time: str | None
    mode: str
    desired: str | None
    finished: bool
    version: str | None
    scope: Mapping[str, Any]
    sms_only: int | None
    usable: list[str] | None
    users: list[User]

    def state_read(self, user: User) -> str | None:
        """The last state that was read; a dry run has a predicted state besides."""
        return user.previous_state if self.mode == DRY_RUN else user.state


def read_report(data: bytes, file: str) -> Report:
    """The report in the bytes of a file; `file` begins the message. Raises InvalidFile."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InvalidFile(f"{file} is not a JSON report: it is not valid JSON.") from None
    require_ours(document, file)
    if not document["users"]:
        raise InvalidFile(f"{file} lists no user, so there is nothing to show.")
    return report_of(document, file)


def report_of(document: Mapping[str, Any], file: str = "") -> Report:
    """The report in a JSON document of ours. Raises InvalidFile for an entry of a user that is none."""
    sms_only, scope = document["summary"].get("sms_only"), document.get("scope")
    usable = document.get("usable_methods")
    desired, time = text_of(document.get("state")), text_of(document.get("time"))
    return Report(
        tenant=text_of(document.get("tenant")),
        cloud=text_of(document.get("cloud")),
        time=time if time and _TIME.fullmatch(time) else None,
        mode=AUDIT if desired is None else DRY_RUN if document["check_mode"] else APPLIED,
        desired=desired,
        finished=document.get("finished") is not False,
        version=text_of(document.get("collection_version")),
        scope=scope if isinstance(scope, dict) else {},
        sms_only=sms_only if isinstance(sms_only, int) else None,
        usable=[method for method in usable if text_of(method)] if isinstance(usable, list) else None,
        users=[user_of(entry, f"{file}: entry {number}") for number, entry in enumerate(document["users"], 1)],
    )
