# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""From the options and groups to the users of a run: each once, without the excluded ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from .._auth._source import TokenSource
from .._domain import _reasons as reasons
from .._domain._permissions import TO_RESOLVE
from .._domain._redaction import redact, redact_name
from .._domain._targets import ME, Roster, Target, is_object_id, key, lookalikes, named
from .._entra._refusals import reason_of
from .._entra._users import identity_request, parse_identity
from .._errors import EntraError, InvalidOptions, PermissionMissing
from .._goals._goal import Permission
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply
from .._results._outcomes import some_of
from ._preflight import RESOLVE, SEE_ACCOUNTS, members_of, report_for

Warn = Callable[[str], None]

_HIDDEN = "Its membership may be hidden: then Graph shows it only with the permission Member.Read.Hidden."


class Scope(NamedTuple):
    """Names and ids from the options, trimmed. `registered`: also all users with a mobile phone in the report.

    `labels` are names that results show instead of ids, by id.
    """

    users: Sequence[str] = ()
    groups: Sequence[str] = ()
    exclude_users: Sequence[str] = ()
    exclude_groups: Sequence[str] = ()
    registered: bool = False
    labels: Mapping[str, str] = MappingProxyType({})

    @property
    def targets(self) -> list[Target]:
        """Those of `users`."""
        return [named(name)._replace(label=self.labels.get(name)) for name in self.users]


class Subjects(Protocol):
    """Where a run gets its subjects from."""

    @property
    def scope(self) -> Scope:
        """The names that the options give."""

    @property
    def known(self) -> list[Target]:
        """Those that are known before anything is read."""

    @property
    def needs(self) -> Sequence[Permission]:
        """The permissions that `gather` needs."""

    def gather(self, graph: Graph, tokens: TokenSource, warn: Warn) -> list[Target]:
        """All of them, each once. Raises EntraError when they cannot be determined."""


class Users:
    """The users in a Scope. `empty_group_fails`: whether a group without members is an error, not a warning.

    That holds for the registration report too.
    """

    def __init__(self, scope: Scope, empty_group_fails: bool) -> None:
        self.scope = scope
        self._empty_group_fails = empty_group_fails

    @property
    def known(self) -> list[Target]:
        return Roster(self.scope.targets).targets

    @property
    def needs(self) -> Sequence[Permission]:
        scope = self.scope
        by_id, by_name = (any(is_object_id(name) is kind for name in scope.users) for kind in (True, False))
        needs = []
        if scope.groups or scope.exclude_groups:
            needs.append(members_of("groups" if scope.groups else "exclude_groups"))
        if scope.registered:
            needs.append(report_for("registered"))
        if scope.groups:
            needs.append(SEE_ACCOUNTS)
        elif scope.exclude_users or (by_name and (by_id or scope.exclude_groups)):
            needs.append(RESOLVE)
        return needs

    def gather(self, graph: Graph, tokens: TokenSource, warn: Warn) -> list[Target]:
        """Raises InvalidOptions for `me` with an application's token, and what `gather` below raises."""
        if any(key(name) == ME for name in (*self.scope.users, *self.scope.exclude_users)):
            _require_a_user(tokens)
        return gather(self.scope, self._empty_group_fails, graph, warn)


def _require_a_user(tokens: TokenSource) -> None:
    if tokens.token().app_only:
        raise InvalidOptions(
            "'me' is the signed-in user, and this token is an application's own. Name the user instead, or sign in"
            " as a user (auth_method azure_cli, or an access_token with delegated permissions)."
        )


def gather(scope: Scope, empty_group_fails: bool, graph: Graph, warn: Warn) -> list[Target]:
    """All users in `scope`. Excludes take precedence.

    Raises EntraError when a group or the registration report cannot be read, when an exclude group has no members, or
    another group or the report if `empty_group_fails`, when an excluded user does not exist or cannot be read, and when
    excludes are names where targets are ids and Graph does not show which name belongs to which id.
    """
    excluded = Roster()
    for name in scope.exclude_groups:
        found = _members(graph, name)
        if not found:
            raise EntraError(
                f"The exclude group '{redact(name)}' shows no users as members, so the run stopped before the first"
                f" write. {_HIDDEN} Otherwise add the users to exclude to the group.",
                reason=reasons.GROUP_EMPTY,
            )
        for member in found:
            excluded.add(member)
    chosen = Roster(scope.targets)
    for name in scope.groups:
        found = _members(graph, name)
        if not found:
            message = f"The group '{redact(name)}' shows no users as members. {_HIDDEN}"
            if empty_group_fails:
                raise EntraError(message, reason=reasons.GROUP_EMPTY)
            warn(message)
        for member in found:
            chosen.add(member)
    for member in _registered(empty_group_fails, graph, warn) if scope.registered else ():
        chosen.add(member)
    for target in _excluded_users(scope, chosen, graph):
        excluded.add(target)
    _match_names_and_ids(chosen, excluded, graph, warn)
    return [target for target in chosen.targets if not excluded.holds(target)]


def _members(graph: Graph, group: str) -> list[Target]:
    from .._entra._groups import find_group, members

    return members(graph, group, find_group(graph, group))


def _registered(empty_fails: bool, graph: Graph, warn: Warn) -> list[Target]:
    from .._entra._registration import LEFT_OUT, with_mobile_phone

    found = [registration.target for registration in with_mobile_phone(graph)]
    if not found:
        message = f"The registration report lists no user with a mobile phone. {LEFT_OUT}"
        if empty_fails:
            raise EntraError(message, reason=reasons.REPORT_EMPTY)
        warn(message)
    else:
        warn(LEFT_OUT)
    return found


def _excluded_users(scope: Scope, chosen: Roster, graph: Graph) -> list[Target]:
    """The users of `exclude_users`, looked up by id and name if no chosen user matches for certain.

    An exclude that matches no user may be a typo, which would leave a user unprotected. Raises EntraError with
    EXCLUDE_NOT_FOUND for those that do not exist, and when Graph does not show one.
    """
    targets = Roster(named(name) for name in scope.exclude_users).targets
    # The registration report lags: a name in it may be that of another user by now.
    found = [target for target in targets if chosen.holds(target) and (target.id or not scope.registered)]
    missing = []
    for target, reply in _look_up([target for target in targets if target not in found], graph):
        user = parse_identity(target.name, reply) if reply.verdict == OK else None
        if user is not None and user.id and user.principal_name:
            found += [target, user]
        elif reason_of(reply) == reasons.USER_NOT_FOUND:
            missing.append(redact_name(target.name) + lookalikes(target.name))
        else:
            raise _unreadable(f"The exclude '{redact_name(target.name)}' could not be looked up", reply)
    if missing:
        raise EntraError(
            f"'exclude_users' names users that do not exist in this tenant: {some_of(missing)}. The run stopped before"
            " the first write. Check the spelling (a mail address can differ from the user principal name), or give the"
            " object id.",
            reason=reasons.EXCLUDE_NOT_FOUND,
        )
    return found


def _match_names_and_ids(chosen: Roster, excluded: Roster, graph: Graph, warn: Warn) -> None:
    """Look users up where a name and an id may be the same user; of names and ids, whichever are fewer.

    A user whose name is masked wherever it is shown is looked up too: the id says which user it is.
    """
    users = [*chosen.targets, *excluded.targets]
    names = [target for target in users if not target.id and target.name != ME]
    ids = [target for target in users if target.id and not target.principal_name]
    mixed = _mixed(chosen, excluded)
    unknown = min(names, ids, key=len) if mixed else []
    if len(users) > 1:
        unknown = unknown + [target for target in users if target.name == ME]
    unknown = unknown + [target for target in users if target.masked and not target.id]
    unmatched: Reply | None = None
    for target, reply in _look_up(list(dict.fromkeys(unknown)), graph):
        user = parse_identity(target.name, reply) if reply.verdict == OK else target
        if reply.verdict == OK and user.id and user.principal_name:
            for roster in (chosen, excluded):
                if roster.holds(target):
                    roster.add(user)
        elif reason_of(reply) != reasons.USER_NOT_FOUND and (mixed or target.name == ME):
            if excluded.targets:
                raise _unreadable(f"It is not known whether '{redact_name(target.name)}' is an excluded user", reply)
            unmatched = reply
    if unmatched is not None:
        warn(
            "Names and ids are mixed, and Graph does not show which name belongs to which id, so a user may be"
            f" counted twice. Grant {TO_RESOLVE}, or give all users by id. {_said(unmatched)}"
        )


def _unreadable(message: str, reply: Reply) -> EntraError:
    """An exclude must be certain before the first write."""
    if reason_of(reply) == reasons.FORBIDDEN:
        return PermissionMissing(
            f"{message}, so no user was written to. Grant {TO_RESOLVE}. {_said(reply)}", reply.support
        )
    return EntraError(
        f"{message}, so no user was written to. Run again. {_said(reply)}", reply.support, reasons.INCOMPLETE
    )


def _said(reply: Reply) -> str:
    return "The answer does not show which user it is about." if reply.verdict == OK else reply.quoted


def _mixed(chosen: Roster, excluded: Roster) -> bool:
    """Whether a name among the chosen users could be the same user as an id among all."""
    by_name = any(not target.id and target.name != ME for target in chosen.targets)
    return by_name and any(
        target.id and not target.principal_name for roster in (chosen, excluded) for target in roster.targets
    )


def _look_up(targets: list[Target], graph: Graph) -> list[tuple[Target, Reply]]:
    found: list[tuple[Target, Reply]] = []

    def keep(job: Job, reply: Reply) -> tuple[()]:
        found.append((job.tag, reply))
        return ()

    graph.exchange([Job(identity_request(target.address), target) for target in targets], keep)
    return found
