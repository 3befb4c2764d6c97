# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Who is meant: from the options and groups to people, each once, without those excluded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ._domain import _reasons as reasons
from ._domain._outcomes import some_of
from ._domain._states import DISABLED
from ._domain._targets import ME, Roster, Target, is_possible, named
from ._entra._users import TO_RESOLVE, identity_request, parse_identity
from ._errors import EntraError, PermissionMissing
from ._graph._client import Graph, Job
from ._graph._messages import OK, Reply

Warn = Callable[[str], None]


class Scope(NamedTuple):
    """Names and ids as the options give them, trimmed."""

    users: Sequence[str] = ()
    groups: Sequence[str] = ()
    exclude_users: Sequence[str] = ()
    exclude_groups: Sequence[str] = ()


def gather(scope: Scope, wanted: str, graph: Graph, warn: Warn) -> list[Target]:
    """Everybody in `scope`. Excludes win.

    Raises EntraError when a group cannot be read, when an exclude group has no members, when a group to disable has
    none, or when excludes are names where targets are ids and Graph does not tell which is whom.
    """
    excluded = Roster(named(name) for name in scope.exclude_users)
    for name in scope.exclude_groups:
        found = _members(graph, name)
        if not found:
            raise EntraError(
                f"The exclude group '{name}' has no members. Remove it if that is right.", None, "group_empty"
            )
        for person in found:
            excluded.add(person)
    meant = Roster(named(name) for name in scope.users)
    for name in scope.groups:
        found = _members(graph, name)
        if not found:
            message = f"The group '{name}' has no users as members."
            if wanted == DISABLED:
                raise EntraError(message, reason=reasons.GROUP_EMPTY)
            warn(message)
        for person in found:
            meant.add(person)
    _tell_apart(meant, excluded, graph, warn)
    return [target for target in meant.targets if not excluded.holds(target)]


def _members(graph: Graph, group: str) -> list[Target]:
    from ._entra._groups import find_group, members

    return members(graph, group, find_group(graph, group))


def _tell_apart(meant: Roster, excluded: Roster, graph: Graph, warn: Warn) -> None:
    """Look people up where a name and an id may be one person; of names and ids, whichever are fewer."""
    everybody = [target for target in (*meant.targets, *excluded.targets) if is_possible(target.name)]
    names = [target for target in everybody if not target.id and target.name != ME]
    ids = [target for target in everybody if target.id and not target.principal_name]
    unknown = min(names, ids, key=len) if _mixed(meant, excluded) else []
    if len(everybody) > 1:
        unknown = unknown + [target for target in everybody if target.name == ME]
    untold: Reply | None = None
    missing = []
    for target, reply in _look_up(unknown, graph):
        if reply.verdict == OK:
            person = parse_identity(target.name, reply)
            for roster in (meant, excluded):
                if roster.holds(target):
                    roster.add(person)
        elif reply.status == 404:
            missing += [target.name] if excluded.holds(target) else []
        elif excluded.targets:
            raise _undecided(target, reply)
        else:
            untold = reply
    if missing:
        warn(f"{len(missing)} excluded users do not exist in this tenant: {some_of(missing)}.")
    if untold is not None:
        warn(
            "Names and ids are mixed, and Graph does not tell which name belongs to which id, so a person may be"
            f" counted twice. Grant {TO_RESOLVE}, or give all by id. Graph said: {untold.said}."
        )


def _undecided(target: Target, reply: Reply) -> EntraError:
    """Whom an exclude means has to be known before anybody is written to."""
    message = f"It is not known whether '{target.name}' is one of those given by the other of name and id"
    if reply.status == 403:
        return PermissionMissing(
            f"{message}, so nobody was written to. Grant {TO_RESOLVE}, or give all by id. Graph said: {reply.said}.",
            reply.support,
        )
    return EntraError(
        f"{message}, so nobody was written to. Run again. Graph said: {reply.said}.", reply.support, reasons.INCOMPLETE
    )


def _mixed(meant: Roster, excluded: Roster) -> bool:
    """Whether a name among those meant could be an id among all, or the other way round."""

    def by_name(people: Iterable[Target]) -> bool:
        return any(not target.id and target.name != ME for target in people)

    def by_id(people: Iterable[Target]) -> bool:
        return any(target.id and not target.principal_name for target in people)

    return (by_name(meant.targets) and (by_id(meant.targets) or by_id(excluded.targets))) or (
        by_id(meant.targets) and by_name(excluded.targets)
    )


def _look_up(targets: list[Target], graph: Graph) -> list[tuple[Target, Reply]]:
    found: list[tuple[Target, Reply]] = []

    def keep(job: Job, reply: Reply) -> tuple[()]:
        found.append((job.tag, reply))
        return ()

    graph.exchange([Job(identity_request(target.address), target) for target in targets], keep)
    return found
