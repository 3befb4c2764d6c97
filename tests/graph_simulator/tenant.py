# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant file: read, checked and expanded into plain, immutable specifications."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from .phone_numbers import NumberError, parse_number
from .switches import load_switches

DEFAULT_TENANT_ID = "11111111-2222-3333-4444-555555555555"


class TenantError(ValueError):
    """The tenant file describes an impossible tenant."""


@dataclass(frozen=True, slots=True)
class Secret:
    value: str
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Federated:
    """A federated identity credential; ``key`` is the issuer's public key as PEM."""

    issuer: str
    subject: str
    key: str
    audience: str = "api://AzureADTokenExchange"


@dataclass(frozen=True, slots=True)
class App:
    """An application with its credentials, application permissions and Entra roles."""

    client_id: str
    name: str = ""
    secrets: tuple[Secret, ...] = ()
    certificates: tuple[str, ...] = ()
    federated: tuple[Federated, ...] = ()
    managed_identity: bool = False
    resource_id: str = ""
    roles: tuple[str, ...] = ()
    entra_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delegation:
    """A user who may hold delegated tokens of an application."""

    user: str
    client_id: str
    scopes: tuple[str, ...] = ()
    entra_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserSpec:
    """A user as loaded. Numbers are ``+CC NNN``; ``state`` is a raw smsSignInState, "null" or "absent".

    ``methods`` are the kinds of other methods; one with properties of its own is a mapping from the kind to them.
    ``admin`` null is what the registration report says of some users.
    """

    name: str
    id: str
    display_name: str = ""
    mail: str | None = None
    enabled: bool = True
    guest: bool = False
    admin: bool | None = False
    soft_deleted: bool = False
    mobile: str | None = None
    alternate_mobile: str | None = None
    office: str | None = None
    sms_sign_in: bool = False
    attempted: bool = False
    state: str | None = None
    default_method: bool = False
    methods: tuple[str | Mapping[str, Mapping[str, Any]], ...] = ()
    by_name: str | None = None
    enable: str | None = None
    disable: str | None = None
    forbidden: bool = False
    lag: float | None = None
    flicker: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A direct member of a group: ``kind`` is user, group, device, contact or servicePrincipal."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class GroupSpec:
    name: str
    id: str
    security: bool = True
    hidden: bool = False
    members: tuple[Member, ...] = ()
    owners: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """Simulated latency, seconds: per HTTP call, per operation, and how many batch items run side by side."""

    per_call: float = 0.0
    per_item: float = 0.0
    side_by_side: int = 4


@dataclass(frozen=True, slots=True)
class QuotaSpec:
    """Rates per application; null switches a bucket off. A bucket holds ``window`` seconds of its rate, or the seconds
    that it has of its own.

    Phone methods have a bucket of their own if it has a rate. Above its size a bucket still answers until ``refuse_at``
    times its size is spent.
    """

    reads_per_second: float | None = None
    writes_per_second: float | None = None
    reports_per_second: float | None = None
    phone_methods_per_second: float | None = None
    window: float = 1.0
    reads_window: float | None = None
    writes_window: float | None = None
    reports_window: float | None = None
    phone_methods_window: float | None = None
    refuse_at: float = 1.0
    retry_after: str = "decimal"
    restart: bool = True
    headers: bool = True
    percentage: bool = True


@dataclass(frozen=True, slots=True)
class Tenant:
    """A checked tenant: what ``Simulator`` starts from and what ``reset`` goes back to."""

    id: str
    domain: str
    graph_host: str
    apps: Mapping[str, App]
    delegated: tuple[Delegation, ...]
    users: tuple[UserSpec, ...]
    groups: tuple[GroupSpec, ...]
    policy: Mapping[str, Any]
    switches: Mapping[str, Any]
    quota: QuotaSpec | None
    service_time: ServiceTime
    faults: tuple[Mapping[str, Any], ...] = field(default=())


def load_tenant(source: Mapping[str, Any] | str | Path | Tenant) -> Tenant:
    """Read a tenant from a mapping or a YAML file. Raises TenantError with the place that is wrong."""
    if isinstance(source, Tenant):
        return source
    given = source if isinstance(source, Mapping) else yaml.load(Path(source).read_text("utf-8"), _YamlLoader)
    if not isinstance(given, Mapping):
        raise TenantError("a tenant is a mapping")
    known = {
        "tenant_id", "domain", "graph_host", "apps", "delegated", "users", "groups", "policy", "switches", "quota",
        "service_time", "faults",
    }  # fmt: skip
    if unknown := sorted(set(given) - known):
        raise TenantError(f"unknown keys in the tenant: {', '.join(map(str, unknown))}")
    tenant_id = str(given.get("tenant_id", DEFAULT_TENANT_ID)).lower()
    space = uuid.UUID(tenant_id)
    apps = {app.client_id.lower(): app for app in (_app(entry) for entry in given.get("apps") or ())}
    users = tuple(_users(given.get("users") or (), space))
    try:
        load_switches(given.get("switches") or {})
    except ValueError as error:
        raise TenantError(str(error)) from error
    return Tenant(
        id=tenant_id,
        domain=str(given.get("domain", "contoso.example")),
        graph_host=str(given.get("graph_host", "https://graph.microsoft.com")).rstrip("/"),
        apps=apps,
        delegated=tuple(_build(Delegation, entry, "delegated") for entry in given.get("delegated") or ()),
        users=users,
        groups=_groups(given.get("groups") or (), users, space),
        policy=dict(given.get("policy") or {"state": "enabled", "include": [{"group": "all_users"}]}),
        switches=dict(given.get("switches") or {}),
        quota=quota_spec(given.get("quota") or None),
        service_time=service_time(given.get("service_time") or {}),
        faults=tuple(given.get("faults") or ()),
    )


# libyaml reads a big tenant about ten times faster.
_YamlLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_SCALARS: Mapping[str, tuple[type, ...]] = {
    "bool": (bool,),
    "bool | None": (bool, type(None)),
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "float | None": (int, float, type(None)),
}
_Spec = TypeVar("_Spec", Secret, Federated, App, Delegation, UserSpec, ServiceTime, QuotaSpec)


def _keys(kind: Any) -> tuple[frozenset[str], frozenset[str], Mapping[str, str]]:
    """All keys of a specification, those that must be given, and the types of the plain ones."""
    declared = fields(kind)
    required = (one.name for one in declared if one.default is MISSING and one.default_factory is MISSING)
    scalars = {one.name: str(one.type) for one in declared if one.type in _SCALARS}
    return frozenset(one.name for one in declared), frozenset(required), scalars


# Computed once: a tenant may have many users.
_KEYS = {kind: _keys(kind) for kind in (Secret, Federated, App, Delegation, UserSpec, ServiceTime, QuotaSpec)}


def _build(kind: type[_Spec], given: Mapping[str, Any], where: str) -> _Spec:
    if not isinstance(given, Mapping):
        raise TenantError(f"{where}: a mapping is expected")
    known, required, scalars = _KEYS[kind]
    if unknown := given.keys() - known:
        raise TenantError(f"{where}: unknown keys {', '.join(sorted(map(str, unknown)))}")
    if missing := required - given.keys():
        raise TenantError(f"{where}: {', '.join(sorted(missing))} missing")
    values: dict[str, Any] = {}
    for key, value in given.items():
        kind_of = scalars.get(key)
        types = _SCALARS.get(kind_of or "", (object,))
        # To Python a boolean is a number.
        if not isinstance(value, types) or (kind_of and isinstance(value, bool) and bool not in types):
            raise TenantError(f"{where}: {key} is {value!r}, which is no {kind_of}")
        values[key] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def quota_spec(given: Mapping[str, Any] | None, current: QuotaSpec | None = None) -> QuotaSpec | None:
    """``current`` with the given keys; None means no quota. Raises TenantError."""
    if given is None:
        return None
    spec = _build(QuotaSpec, _on_top(given, current), "quota")
    for key, value in asdict(spec).items():
        if key.endswith(("_per_second", "window")) and value is not None and value <= 0:
            raise TenantError(f"quota: {key} is above 0")
    if spec.refuse_at < 1:
        raise TenantError("quota: refuse_at is at least 1")
    if spec.retry_after not in ("decimal", "integer", "date", "none"):
        raise TenantError("quota: retry_after is decimal, integer, date or none")
    return spec


def service_time(given: Mapping[str, Any], current: ServiceTime | None = None) -> ServiceTime:
    """``current`` with the given keys. Raises TenantError."""
    return _build(ServiceTime, _on_top(given, current), "service_time")


def _on_top(given: Any, current: QuotaSpec | ServiceTime | None) -> Any:
    return {**asdict(current), **given} if current and isinstance(given, Mapping) else given


def _app(given: Mapping[str, Any]) -> App:
    if not isinstance(given, Mapping):
        raise TenantError("apps: a mapping is expected")
    where = f"app {given.get('client_id')}"
    secrets = [Secret(one) if isinstance(one, str) else _build(Secret, one, where) for one in given.get("secrets", ())]
    federated = [_build(Federated, one, where) for one in given.get("federated", ())]
    try:
        for pem in given.get("certificates", ()):
            x509.load_pem_x509_certificate(str(pem).encode())
        for one in federated:
            serialization.load_pem_public_key(one.key.encode())
    except ValueError as error:
        raise TenantError(f"{where}: certificates and federated keys are PEM texts: {error}") from error
    return _build(App, {**given, "secrets": secrets, "federated": federated}, where)


def _users(entries: Sequence[Mapping[str, Any]], space: uuid.UUID) -> Iterator[UserSpec]:
    names: set[str] = set()
    ids: set[str] = set()
    for entry in entries:
        for given in _numbered(entry):
            if "name" not in given:
                raise TenantError("users: name missing")
            name = str(given["name"])
            # A new user may have the name of a deleted one.
            seed = f"deleted:{name}" if given.get("soft_deleted") else name
            user_id = str(given.get("id") or uuid.uuid5(space, seed)).lower()
            if not given.get("soft_deleted"):
                if name.lower() in names:
                    raise TenantError(f"user {name}: the name is taken")
                names.add(name.lower())
            if user_id in ids:
                raise TenantError(f"user {name}: the id is taken")
            ids.add(user_id)
            numbers: dict[str, str] = {}
            for key in ("mobile", "alternate_mobile", "office"):
                if given.get(key):
                    try:
                        numbers[key] = parse_number(str(given[key]), extension=key == "office")
                    except NumberError as error:
                        raise TenantError(f"user {name}: {key}: {error}") from error
            for key, choice in (("by_name", "noop"), ("enable", "never"), ("disable", "never")):
                if given.get(key) not in (None, choice):
                    raise TenantError(f"user {name}: {key} can only be {choice}")
            yield _build(UserSpec, {**given, **numbers, "name": name, "id": user_id}, f"user {name}")


def _numbered(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """An entry with ``count`` becomes that many; ``{n}`` in its texts counts from ``start``."""
    if "count" not in entry:
        yield entry
        return
    start = int(entry.get("start", 1))
    plain = {key: value for key, value in entry.items() if key not in ("count", "start")}
    templates = {key: value for key, value in plain.items() if isinstance(value, str) and "{n" in value}
    for n in range(start, start + int(entry["count"])):
        yield {**plain, **{key: value.format(n=n) for key, value in templates.items()}}


_MEMBER_KINDS = {"group": "group", "device": "device", "contact": "contact", "service_principal": "servicePrincipal"}


def _groups(entries: Sequence[Mapping[str, Any]], users: Sequence[UserSpec], space: uuid.UUID) -> tuple[GroupSpec, ...]:
    by_key: dict[str, UserSpec] = {}
    for user in users:
        if not user.soft_deleted:
            by_key[user.name.lower()] = by_key[user.id] = user
    # The id of a group does not hang on its place in the file, but names may repeat: number the repeats.
    seen: dict[str, int] = {}
    heads: list[tuple[str, str]] = []
    for entry in entries:
        name = str(entry.get("name", ""))
        if not name:
            raise TenantError("groups: name missing")
        seen[name] = seen.get(name, 0) + 1
        salt = "" if seen[name] == 1 else f"#{seen[name]}"
        heads.append((name, str(entry.get("id") or uuid.uuid5(space, f"group:{name}{salt}")).lower()))
    group_ids = {key: group_id for name, group_id in heads for key in (name, group_id)}
    result = []
    for entry, (name, group_id) in zip(entries, heads, strict=True):
        if unknown := sorted(set(entry) - {"name", "id", "security", "hidden", "members", "members_match", "owners"}):
            raise TenantError(f"group {name}: unknown keys {', '.join(unknown)}")
        members = [_member(str(one), by_key, group_ids, space, name) for one in entry.get("members") or ()]
        owners = [_member(str(one), by_key, group_ids, space, name) for one in entry.get("owners") or ()]
        if pattern := str(entry.get("members_match") or "").lower():
            matching = (u for u in users if not u.soft_deleted and fnmatchcase(u.name.lower(), pattern))
            members += [Member("user", user.id, user.name) for user in matching]
        result.append(
            GroupSpec(
                name=name,
                id=group_id,
                security=bool(entry.get("security", True)),
                hidden=bool(entry.get("hidden", False)),
                members=tuple(members),
                owners=tuple(owners),
            )
        )
    return tuple(result)


def _member(
    text: str, users: Mapping[str, UserSpec], group_ids: Mapping[str, str], space: uuid.UUID, group: str
) -> Member:
    prefix, colon, rest = text.partition(":")
    if colon and prefix in _MEMBER_KINDS:
        if prefix != "group":
            return Member(_MEMBER_KINDS[prefix], str(uuid.uuid5(space, text)), rest)
        if rest not in group_ids:
            raise TenantError(f"group {group}: member {text} is no group")
        return Member("group", group_ids[rest], rest)
    user = users.get(text.lower())
    if user is None:
        raise TenantError(f"group {group}: member {text} is no user")
    return Member("user", user.id, user.name)
