# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/users/{id}/authentication/phoneMethods: read, enable, disable, add, change, delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from . import permissions
from .directory import METHOD_IDS, PHONE_TYPES, NumberTaken, User
from .errors import GraphError, bad_request, in_form
from .exchange import Call, Reply
from .filters import conditions
from .odata import context, needs_header_to_count, options, plain_count, select
from .permissions import PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, Rule
from .phone_numbers import NumberError, mask_number, parse_number
from .state import State
from .tokens import Caller

_PROPERTIES = ("id", "phoneNumber", "phoneType", "smsSignInState", "createdDateTime")
_CLAIMS = '{"access_token":{"amr":{"essential":true,"values":["ngcmfa"]}}}'


def read_one(state: State, call: Call, key: str, method_id: str) -> Reply:
    """Reads one phone method."""
    user = authorised(state, call, key, permissions.PHONE_READ)
    given = options(call, *(("$select",) if state.switches.phone_query_options else ()))
    method = _existing(state, user, shown(state, call, user, state.directory.visible_methods(user)), method_id)
    text = given.get("$select")
    return Reply(200, {"@odata.context": _context(state, key, text, entity=True), **_selected(method, text)})


def read_all(state: State, call: Call, key: str) -> Reply:
    """Lists the phone methods of a user."""
    user = authorised(state, call, key, permissions.PHONE_READ)
    given = options(call, *(("$select", "$filter") if state.switches.phone_query_options else ()))
    methods = shown(state, call, user, state.directory.visible_methods(user))
    if (text := given.get("$filter")) is not None:
        methods = list(filter(conditions(text, {"phoneType": str}), methods))
    chosen = given.get("$select")
    value = [_selected(method, chosen) for method in methods]
    return Reply(200, {"@odata.context": _context(state, key, chosen), "value": value})


def count(state: State, call: Call, key: str) -> Reply:
    """How many phone methods there are, as plain text."""
    user = authorised(state, call, key, permissions.PHONE_READ)
    options(call)
    needs_header_to_count(call)
    return plain_count(len(state.directory.visible_methods(user)))


def enable(state: State, call: Call, key: str, method_id: str) -> Reply:
    """``enableSmsSignIn``."""
    return _switch_sign_in(state, call, key, method_id, on=True)


def disable(state: State, call: Call, key: str, method_id: str) -> Reply:
    """``disableSmsSignIn``."""
    return _switch_sign_in(state, call, key, method_id, on=False)


def _switch_sign_in(state: State, call: Call, key: str, method_id: str, *, on: bool) -> Reply:
    user = authorised(state, call, key, permissions.PHONE_WRITE)
    options(call)
    _no_parameters(state, call)
    method = _existing(state, user, state.directory.methods(user), method_id)
    switches, directory = state.switches, state.directory
    now = method.get("smsSignInState")
    if now == "notSupported":
        raise in_form(
            GraphError(
                switches.unsupported_refusal_status,
                switches.unsupported_refusal_code,
                "This phone authentication method does not support SMS sign-in.",
                reason=f"{method['phoneType']} does not support SMS sign-in",
            ),
            switches,
        )
    by_name = key.lower() != user.id
    if by_name and "noop" in (user.spec.by_name, switches.by_name):
        return Reply(switches.action_success)
    if not on:
        if not user.sms_sign_in and now != "ready" and switches.disable_when_off != 204:
            raise GraphError(switches.disable_when_off, "badRequest", "SMS sign-in is not enabled.")
        if user.spec.disable == "never":
            return Reply(switches.action_success)
        _write(state, call, user, directory.disable)
        return Reply(switches.action_success)
    if now == "notAllowedByPolicy":
        raise in_form(
            GraphError(
                switches.policy_refusal_status,
                switches.policy_refusal_code,
                switches.policy_refusal_message,
                reason="the SMS policy does not let this user sign in",
            ),
            switches,
        )
    if now == "ready" and switches.enable_when_ready != 204:
        raise GraphError(switches.enable_when_ready, "badRequest", "SMS sign-in is already enabled.")
    if user.spec.enable == "never":
        return Reply(switches.action_success)
    _write(state, call, user, directory.enable)
    return Reply(switches.action_success)


def add(state: State, call: Call, key: str) -> Reply:
    """Adds a phone method."""
    user = authorised(state, call, key, permissions.PHONE_WRITE)
    options(call)
    phone_type, number = _body(state, call, required=True)
    if user.number(phone_type):
        raise GraphError(
            state.switches.existing_method_status,
            state.switches.existing_method_code,
            f"The user already has a phone method of type {phone_type}.",
        )
    if phone_type == "alternateMobile" and not user.mobile:
        raise _against_the_rules(state, "An alternate mobile phone needs a mobile phone first.")
    _write(state, call, user, lambda one: _store(state, one, phone_type, number))
    now = state.directory.methods(user)
    method = next(one for one in shown(state, call, user, now) if one["phoneType"] == phone_type)
    place = f"{state.graph_url}/v1.0{_path(key)}/{method['id']}"
    body = {"@odata.context": _context(state, key, entity=True), **method}
    return Reply(state.switches.phone_created, body, {"Location": place})


def change(state: State, call: Call, key: str, method_id: str) -> Reply:
    """Changes the number of a phone method."""
    user = authorised(state, call, key, permissions.PHONE_WRITE)
    options(call)
    method = _existing(state, user, state.directory.methods(user), method_id)
    phone_type, number = _body(state, call, required=False, default_type=method["phoneType"])
    if phone_type != method["phoneType"]:
        raise GraphError(400, "badRequest", "The phoneType of a phone method cannot be changed.")
    return _write(state, call, user, lambda one: _store(state, one, phone_type, number))


def remove(state: State, call: Call, key: str, method_id: str) -> Reply:
    """Deletes a phone method."""
    user = authorised(state, call, key, permissions.PHONE_WRITE)
    options(call)
    method = _existing(state, user, state.directory.methods(user), method_id)
    phone_type = method["phoneType"]
    if phone_type == "mobile" and user.alternate_mobile:
        raise _against_the_rules(state, "The mobile phone cannot go while there is an alternate mobile phone.")
    if phone_type == "mobile" and user.spec.default_method:
        raise _against_the_rules(state, "The default authentication method cannot be deleted.")
    return _write(state, call, user, lambda one: state.directory.set_number(one, phone_type, None))


# -- what they share -------------------------------------------------------------------------------------------------


def authorised(state: State, call: Call, key: str, rule: Rule) -> User:
    """The addressed user, if the caller may do this to that user."""
    caller = call.authenticated()
    user = state.directory.find(key)
    if not caller.may(rule, user.id if user else None):
        raise _forbidden("the token lacks the permission or role")
    if user is None:
        raise GraphError(
            404,
            state.switches.missing_user_code,
            f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
            reason="no such user",
        )
    write = rule is permissions.PHONE_WRITE
    if user.spec.forbidden or (write and user.spec.admin and not _may_touch_admins(caller, user)):
        raise _forbidden("this user is out of the caller's reach")
    if write and state.switches.fresh_mfa and caller.user_id == user.id and "ngcmfa" not in caller.methods:
        raise GraphError(
            403,
            "accessDenied",
            "Multi-factor authentication within the last 10 minutes is required.",
            reason="no fresh multi-factor authentication",
            headers={"WWW-Authenticate": f"Bearer error=\"insufficient_claims\", claims='{_CLAIMS}'"},
        )
    return user


def _may_touch_admins(caller: Caller, user: User) -> bool:
    return caller.user_id == user.id or PRIVILEGED_AUTHENTICATION_ADMINISTRATOR in caller.entra_roles


def _forbidden(reason: str) -> GraphError:
    return GraphError(403, "accessDenied", "Request Authorization failed", reason=reason)


def _against_the_rules(state: State, rule: str) -> GraphError:
    switches = state.switches
    message = rule if switches.phone_rule_message else ""
    return in_form(GraphError(switches.phone_rule_status, switches.phone_rule_code, message, reason=rule), switches)


def _existing(state: State, user: User, methods: list[dict[str, Any]], method_id: str) -> dict[str, Any]:
    """The method with this id. The ids are constants in lower case; the service answers others in its own way."""
    if method_id not in PHONE_TYPES:
        if state.switches.wrong_method_id == "clean":
            raise bad_request("The id of the phone method is malformed.")
        leak = (
            "No HTTP resource was found that matches the request URI 'https://mface.windowsazure.com/odata/"
            f"users({state.tenant.id}_{user.id})/phoneMethods/{method_id}'."
        )
        raise GraphError(404, "UnknownError", json.dumps({"Message": leak}), reason="no such phone method id")
    for method in methods:
        if method["id"] == method_id:
            return method
    raise GraphError(
        404,
        state.switches.missing_method_code,
        f"The requested resource was not found: phone method {method_id}.",
        reason=f"the user has no {PHONE_TYPES[method_id]} phone",
    )


def shown(state: State, call: Call, user: User, methods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Phone methods as this caller sees them: an Authentication Administrator sees masked numbers."""
    caller = call.authenticated()
    seeing = caller.entra_roles - {permissions.AUTHENTICATION_ADMINISTRATOR}
    if not state.switches.masks_for_all and (caller.user_id in (None, user.id) or seeing):
        return methods
    character = state.switches.mask_character
    return [{**method, "phoneNumber": mask_number(method["phoneNumber"], character)} for method in methods]


def _path(key: str) -> str:
    """The user as addressed, percent-encoded."""
    return f"/users('{quote(key, safe='')}')/authentication/phoneMethods"


def _context(state: State, key: str, selected: str | None = None, *, entity: bool = False) -> str:
    return context(state.graph_url, _path(key)[1:], selected, entity=entity)


def _selected(method: dict[str, Any], text: str | None) -> dict[str, Any]:
    if text is None:
        return method
    names = select(text, _PROPERTIES, _PROPERTIES, "phoneAuthenticationMethod")
    # Every method has a time of creation, which the service does not show.
    return {name: value for name, value in ({"createdDateTime": None} | method).items() if name in names}


def _no_parameters(state: State, call: Call) -> None:
    """Enable and disable have no parameters; in a batch their body is ``{}``."""
    allowed = "empty_object" if call.kind == "item" else state.switches.action_body
    if not call.body or allowed == "any":
        return
    if allowed == "refuse" or call.json() != {}:
        raise bad_request("The action takes no parameters; the request body must be empty.")


def _body(state: State, call: Call, *, required: bool, default_type: str = "") -> tuple[str, str]:
    given = call.json()
    if not isinstance(given, dict):
        raise bad_request("Unable to read JSON request payload.")
    if unknown := sorted(set(given) - {"phoneNumber", "phoneType", "@odata.type"}):
        raise bad_request(
            f"The property '{unknown[0]}' cannot be set on type 'microsoft.graph.phoneAuthenticationMethod'."
        )
    phone_type, number = given.get("phoneType", default_type), given.get("phoneNumber")
    if phone_type not in tuple(METHOD_IDS) or not isinstance(number, str) or (required and "phoneType" not in given):
        raise bad_request("phoneNumber and phoneType are required.")
    try:
        return phone_type, parse_number(number, extension=phone_type == "office")
    except NumberError as error:
        raise GraphError(400, state.switches.bad_number_code, str(error)) from error


def _write(state: State, call: Call, user: User, apply: Callable[[User], None]) -> Reply:
    """Change a user. A taken number is refused, although something may have changed."""
    before = state.directory.methods(user)
    try:
        apply(user)
    except NumberTaken:
        switches = state.switches
        raise in_form(
            GraphError(
                switches.unique_refusal_status,
                switches.unique_refusal_code,
                switches.unique_refusal_message.format(number=user.mobile),
                reason="the number signs in another user",
            ),
            switches,
        ) from None
    finally:
        call.effect = state.directory.settle(user, before)
    return Reply(204)


def _store(state: State, user: User, phone_type: str, number: str) -> None:
    """Store a number; a mobile one is registered for sign-in at once if the policy allows it."""
    directory = state.directory
    old = user.number(phone_type)
    directory.set_number(user, phone_type, number)
    if phone_type != "mobile" or not state.switches.auto_registration or not directory.allows(user):
        return
    try:
        directory.enable(user)
    except NumberTaken:
        if not state.switches.taken_number_saved:
            directory.set_number(user, phone_type, old)
        raise
