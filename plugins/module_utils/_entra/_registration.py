# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The registration report: which users registered which methods, and who is an administrator.

It has neither phone numbers nor the state of SMS sign-in. It lags by an unpublished time, and leaves out disabled
accounts and users that registered nothing. It needs a licence, and has a small quota of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from .._domain import _reasons as reasons
from .._domain._permissions import TO_READ_REPORT
from .._domain._targets import Target, is_object_id, key
from .._errors import EntraError, LicenceMissing, PermissionMissing
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply, Request

LEFT_OUT = (
    "The registration report leaves out disabled accounts and users without a registered method, and it lags: methods"
    " registered in the last hours can be missing."
)

MOST_SINGLY = 5
"""Users that are looked up one by one: the requests that Graph's quota for reports lets through at once. Beyond that,
the whole report takes fewer.
"""

_PATH = "/reports/authenticationMethods/userRegistrationDetails"
_SELECT = "$select=id,userPrincipalName,userType,isAdmin,methodsRegistered"
_PAGE = "$top=999"
_MOBILE = "mobilePhone"
_NO_LICENCE = "authentication_requestfromnonpremiumtenantorb2ctenant"


class Registration(NamedTuple):
    """A user of the report. `admin` and `methods`, which are in lower case, are None where the report does not say."""

    id: str
    name: str | None
    guest: bool | None
    admin: bool | None
    methods: frozenset[str] | None

    @property
    def target(self) -> Target:
        return Target(self.name or self.id, self.id, self.name, guest=self.guest, admin=self.admin)


def with_mobile_phone(graph: Graph) -> Iterator[Registration]:
    """All users that the report lists with a mobile phone. Raises as `_rows`, and when it does not list methods."""
    clause = quote(f"methodsRegistered/any(m:m eq '{_MOBILE}')", safe="")
    for found in _rows(graph, f"{_PATH}?$filter={clause}&{_SELECT}&{_PAGE}"):
        if found.methods is None:
            raise _unusable("a user without a list of methods")
        # A filter that is ignored must not add all users.
        if _MOBILE.casefold() in found.methods:
            yield found


def admins_among(graph: Graph, targets: Sequence[Target]) -> dict[str, bool | None]:
    """Whether users are administrators, by the names of the targets; None where the report does not say.

    Users that the report does not list are left out. Raises as `_rows`.
    """
    if len(targets) <= MOST_SINGLY:
        return _singly(graph, targets)
    names = {known: target.name for target in targets for known in target.keys}
    found: dict[str, bool | None] = {}
    for one in _rows(graph, f"{_PATH}?{_SELECT.replace(',methodsRegistered', '')}&{_PAGE}"):
        for known in one.target.keys:
            if known in names:
                _note(found, names[known], one.admin)
    return found


def _note(found: dict[str, bool | None], name: str, admin: bool | None) -> None:
    """The report lags, so two of its users can have one name. What protects the user counts."""
    both = {admin, found.get(name, admin)}
    found[name] = True if True in both else None if None in both else False


def _singly(graph: Graph, targets: Sequence[Target]) -> dict[str, bool | None]:
    found: dict[str, bool | None] = {}

    def keep(job: Job, reply: Reply) -> tuple[()]:
        target: Target = job.tag
        if reply.status == 404 and reply.genuine:
            return ()
        rows = [reply.body] if target.id and reply.verdict == OK else _items(reply)
        for one in map(_registration, rows):
            if not set(one.target.keys).isdisjoint(target.keys):
                _note(found, target.name, one.admin)
        return ()

    with graph.apart():
        graph.exchange([Job(_one(target), target) for target in targets], keep)
    return found


def _one(target: Target) -> Request:
    if target.id:
        return Request("GET", f"{_PATH}/{target.id}")
    clause = "userPrincipalName eq '{}'".format(target.name.replace("'", "''"))
    return Request("GET", f"{_PATH}?$filter={quote(clause, safe='')}&{_SELECT}")


def _rows(graph: Graph, path: str) -> Iterator[Registration]:
    """Raises PermissionMissing, LicenceMissing, and EntraError when the report cannot be read as a whole."""
    pages = graph.pages(Request("GET", path))
    while True:
        with graph.apart():
            page = next(pages, None)
        if page is None:
            return
        items = _items(page)
        graph.on_listed(len(items))
        yield from map(_registration, items)


def _registration(item: Any) -> Registration:
    """Raises EntraError for an item without an object id: leaving out a user could hide an administrator."""
    given = item if isinstance(item, dict) else {}
    identifier = str(given.get("id") or "").lower()
    if not is_object_id(identifier):
        raise _unusable("a user without an object id")
    name, kind, admin = given.get("userPrincipalName"), given.get("userType"), given.get("isAdmin")
    methods = given.get("methodsRegistered")
    return Registration(
        id=identifier,
        name=str(name) if name else None,
        guest=key(str(kind)) == "guest" if kind else None,
        admin=admin if isinstance(admin, bool) else None,
        methods=frozenset(key(str(word)) for word in methods) if isinstance(methods, list) else None,
    )


def _unusable(has: str) -> EntraError:
    return EntraError(f"The registration report has {has}, so it cannot be used. Run again.", reason=reasons.INCOMPLETE)


def _items(page: Reply) -> list[Any]:
    if page.verdict == OK and isinstance(page.body.get("value"), list):
        return list(page.body["value"])
    if _NO_LICENCE in page.codes:
        raise LicenceMissing(
            "The registration report needs a licence that this tenant does not have (Entra ID P1 or better)."
            f" {page.quoted}",
            page.support,
        )
    if page.status == 403 and page.genuine:
        raise PermissionMissing(
            f"Graph does not let this identity read the registration report. Grant {TO_READ_REPORT}. {page.quoted}",
            page.support,
        )
    said = "the answer holds no list" if page.verdict == OK else page.said
    raise EntraError(f"The registration report could not be read: {said}.", page.support, reasons.INCOMPLETE)
