# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All requests that the simulator answers, as an OpenAPI document: those in Microsoft's document, and the others."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graph_simulator.graph import ROUTES

_KEY = re.compile(r"{[^}]*}|\*")
_QUERY = {
    "$select": ["id", "id,phoneNumber", "id,displayName", "userPrincipalName,accountEnabled"],
    "$filter": ["phoneType eq 'mobile'", "displayName eq 'It''s'", "methodsRegistered/any(t: t eq 'mobilePhone')"],
    "$search": ['"displayName:ann"'],
    "$orderby": ["displayName", "displayName desc"],
    "$top": ["1", "7", "999"],
    "$count": ["true"],
    "$skiptoken": ["WzUsIGZhbHNlXQ==", "WzEwLCB0cnVlXQ=="],
}


def surface(document: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """``document`` with the simulator's other paths, with its own query options on all, and with what leads deeper.

    ``keys`` says for the last word before a key ("users") which keys exist. Keys, options and bodies are known ones
    about as often as anything else: made of chance alone, hardly a request would get beyond the first refusal.
    """
    result = copy.deepcopy(dict(document))
    paths = result["paths"]
    described = {_KEY.sub("*", path) for path in paths}
    for route in ROUTES:
        path = f"/{'/'.join(route.path)}"
        if path not in described:
            paths[re.sub(r"(\w+)/\*", r"\1/{\1-id}", path)] = {
                method.lower(): {"responses": _ANSWERS} for method in route.handlers
            }
    for path, operations in paths.items():
        if "get" in operations:
            operations["get"]["responses"]["501"] = _NOT_KNOWN
            operations["get"]["parameters"] = [
                *({"name": name, "in": "query", "schema": _sometimes(known)} for name, known in _QUERY.items()),
                {"name": "ConsistencyLevel", "in": "header", "schema": _sometimes(["eventual"])},
            ]
        operations["parameters"] = [
            {"name": name[1:-1], "in": "path", "required": True, "schema": _sometimes(keys[before])}
            for before, name in re.findall(r"(\w+)/({[^}]*})", path)
        ]
    for path, method, usual in _BODIES:
        content = paths[path][method]["requestBody"]["content"]["application/json"]
        content["schema"] = {"anyOf": [usual, content["schema"]]}
    phones = [f"/users/{user}/authentication/phoneMethods" for user in keys["users"] if "#" not in user]
    paths["/$batch"] = {"post": {"requestBody": _batch(phones, keys["phoneMethods"]), "responses": _ANSWERS}}
    return result


def login(tenant: str, client_id: str) -> dict[str, Any]:
    """The login of the simulator as an OpenAPI document."""
    answers = {status: {"description": ""} for status in ("2XX", "4XX")}
    form = _thing(
        grant_type=_sometimes(["client_credentials"]),
        client_id=_sometimes([client_id]),
        scope=_sometimes(["https://graph.microsoft.com/.default"]),
        client_assertion_type=_sometimes(["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]),
        client_assertion=_sometimes(["e30.e30.e30", ".."]),
    )
    secret = _thing(**{**form["properties"], "client_secret": {"type": "string"}})
    body = {"content": {"application/x-www-form-urlencoded": {"schema": {"anyOf": [form, secret]}}}}
    path = {"name": "tenant", "in": "path", "required": True, "schema": _sometimes([tenant, "common"])}
    where = {"name": "authorization_endpoint", "in": "query", "schema": {"type": "string"}}
    return {
        "openapi": "3.0.4",
        "info": {"title": "Login", "version": "2.0"},
        "paths": {
            "/{tenant}/oauth2/v2.0/token": {"post": {"parameters": [path], "requestBody": body, "responses": answers}},
            "/{tenant}/v2.0/.well-known/openid-configuration": {"get": {"parameters": [path], "responses": answers}},
            "/{tenant}/discovery/v2.0/keys": {"get": {"parameters": [path], "responses": answers}},
            "/common/discovery/instance": {"get": {"parameters": [where], "responses": answers}},
        },
    }


def _sometimes(known: Sequence[str]) -> dict[str, Any]:
    """One of these texts, or any other: without the "not" the first half would be treated as a part of the second."""
    these = {"type": "string", "enum": list(known)}
    return {"anyOf": [these, {"type": "string", "not": {"enum": list(known)}}]}


def _batch(phones: Sequence[str], methods: Sequence[str]) -> dict[str, Any]:
    """A requestBody of items, most of which are in order."""
    actions = [
        f"{path}/{method}/{word}SmsSignIn" for path in phones for method in methods for word in ("enable", "disable")
    ]
    read = _thing(id=_NAME, method={"enum": ["GET", "DELETE"]}, url={"enum": list(phones)})
    write = _thing(
        id=_NAME,
        method={"enum": ["POST", "PATCH"]},
        url={"enum": [*actions, *phones, "/groups"]},
        headers=_thing(**{"Content-Type": {"enum": ["application/json"]}}),
        body={"anyOf": [{"enum": [{}]}, _PHONE, {"type": "array"}]},
        dependsOn={"type": "array", "items": _NAME, "maxItems": 1},
    )
    items = {"type": "array", "items": {"anyOf": [read, write]}, "minItems": 1, "maxItems": 3}
    return {"required": True, "content": {"application/json": {"schema": _thing(requests=items)}}}


def _thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_NOT_KNOWN = {"description": "A filter that Graph may know and the simulator does not"}
_ANSWERS = {"2XX": {"description": "Success"}, "4XX": {"$ref": "#/components/responses/error"}}
_NAME = {"type": "string", "enum": ["1", "2", "3", "4", "5", "6"]}
_PHONES = "/users/{user-id}/authentication/phoneMethods"
_CONFIGURATIONS = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
_PHONE = _thing(
    phoneNumber=_sometimes(["+1 2065550150", "+1 2065550102", "+12065550151x5"]),
    phoneType={"enum": ["mobile", "alternateMobile", "office"]},
)
_TARGETS = {"type": "array", "items": _thing(id=_sometimes(["all_users"]), targetType={"enum": ["group", "user"]})}
_POLICY = _thing(
    **{"@odata.type": {"enum": ["#microsoft.graph.smsAuthenticationMethodConfiguration"]}},
    state={"enum": ["enabled", "disabled"]},
    includeTargets=_TARGETS,
    excludeTargets=_TARGETS,
)
_BODIES = (
    (_PHONES, "post", _PHONE),
    (f"{_PHONES}/{{phoneAuthenticationMethod-id}}", "patch", _PHONE),
    (f"{_CONFIGURATIONS}/{{authenticationMethodConfiguration-id}}", "patch", _POLICY),
)
