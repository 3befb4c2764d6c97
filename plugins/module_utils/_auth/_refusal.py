# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What a refusal of the login means and what to do. Microsoft may change the numbers; they only select the advice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._domain._redaction import redact
from .._errors import AuthenticationFailed, support_of

_UNATTENDED = (
    "The sign-in needs a user who answers in a browser, which is not possible in an unattended run. Sign in as an"
    " application."
)
_SIGN_IN_AGAIN = "The sign-in has ended: it is too old, or was revoked. Sign in again."
_CONSENT = "Consent to this application is missing. An administrator must consent to its permissions for Graph."
_ACCOUNT = "The account cannot sign in: it is disabled, locked or its password has expired."
_DEVICE = "A Conditional Access policy requires a managed device. Run on one, or sign in as an application."
_LOGGED = "names the policy; look for the correlation id, which is 'client_request_id' in 'support'."
_POLICY = (
    "A Conditional Access policy for workload identities blocks this application, such as by its network location. The"
    f" sign-in log of service principals {_LOGGED}"
)
_POLICY_FOR_USERS = (
    "A Conditional Access policy or the security defaults of the tenant block this user's sign-in. The log of"
    f" non-interactive user sign-ins {_LOGGED} Sign in as an application, or run where the policy allows it."
)
_TENANT_NEEDED = "Set 'tenant_id' to the tenant's id or domain; common and organizations cannot be used here."
_OTHER_CLOUD = "The tenant or the application belongs to another cloud. Check 'cloud'."
_CERTIFICATE = (
    "The certificate or assertion is not valid. Check that it belongs to the application, and this machine's clock."
)
_FEDERATED = "No federated credential of the application matches the token's"
_LATER = "The login is busy or failed for a moment. Run again later."

_NO_CONSENT = (65001, 90094, 90095, 65004)
_NO_PERMISSION = (650057, 650052, 650056)
_BLOCKED_BY_POLICY = (53003, 530032, 530035)
_NEEDS_A_USER = (50072, 50074, 50076, 50078, 50079)
_TRANSIENT = (90033, 90006, 90024, 90055, 50087)
_TRANSIENT_ERRORS = ("temporarily_unavailable", "server_error")

_ADVICE = {
    7000215: "The client secret is wrong. Give the secret's value, not its id.",
    7000222: "The client secret has expired. Create a new one in the app registration.",
    7000218: "The login got no secret, certificate or assertion. Give a credential.",
    700025: "The registration is a public client, which cannot use a credential. Add a platform of type Web to it.",
    90002: "There is no such tenant in this cloud. Check 'tenant_id' and 'cloud'.",
    900023: "The tenant is neither an id nor a domain name. Check 'tenant_id'.",
    **dict.fromkeys((9001023, 50059, 50194, 90130), _TENANT_NEEDED),
    **dict.fromkeys((90038, 900382, 900432), _OTHER_CLOUD),
    700016: "The tenant has no such application. Check 'client_id' and 'tenant_id', and that an admin consented.",
    7000112: "The application is disabled in this tenant. Enable it under Enterprise applications.",
    70001: "The application is disabled or missing in this tenant. Check it under Enterprise applications.",
    7000229: "The application has no service principal in this tenant. An admin has to consent first.",
    700027: "The certificate is not the application's, or has expired. Upload its public part to the registration.",
    **dict.fromkeys((700030, 50012, 50013, 500133), _CERTIFICATE),
    50027: "The assertion is malformed. Check that 'federated_token' or its file holds one JWT and nothing else.",
    70025: "The application has no federated credential. Add one for the token's issuer and subject.",
    70021: f"{_FEDERATED} issuer, subject and audience.",
    700211: f"{_FEDERATED} issuer.",
    700212: f"{_FEDERATED} audience.",
    700213: f"{_FEDERATED} subject.",
    7002131: f"{_FEDERATED} claims; it is a flexible credential, so check its expression.",
    7002137: f"{_FEDERATED} issuer: they differ in capitals only.",
    7002138: f"{_FEDERATED} subject: they differ in capitals only.",
    700024: "The assertion is not valid now. Check the clock of this machine and that the token file is renewed.",
    **dict.fromkeys(
        (700229, 700222, 700238),
        "Entra itself issued this assertion, and it is not accepted here. Use the token of a managed identity or an"
        " application.",
    ),
    **dict.fromkeys(_NEEDS_A_USER, _UNATTENDED),
    **dict.fromkeys((53000, 53001, 50097), _DEVICE),
    **dict.fromkeys(_BLOCKED_BY_POLICY, _POLICY),
    530036: "The sign-in began in a way that a policy blocks. Sign in again in a browser, or use an application.",
    **dict.fromkeys((70043, 700082, 70008, 50173, 50132, 50133, 50089), _SIGN_IN_AGAIN),
    **dict.fromkeys(_NO_CONSENT, _CONSENT),
    65002: (
        "Microsoft's own application cannot have the permission. Use your own application: sign in to"
        " the CLI with 'az login --service-principal', or set 'client_id' and a credential."
    ),
    **dict.fromkeys(
        _NO_PERMISSION,
        "Add the permission for Microsoft Graph to the registration and have an admin consent.",
    ),
    **dict.fromkeys((500011, 50001), "Graph does not exist at this address in the tenant. Check 'cloud'."),
    **dict.fromkeys((50034, 51004), "The account is not in this directory. Check its name and 'tenant_id'."),
    **dict.fromkeys((50020, 90072), "The account belongs to another tenant. Set 'tenant_id' to that tenant."),
    **dict.fromkeys((50057, 50053, 50055), _ACCOUNT),
    **dict.fromkeys(
        (50105, 501051),
        "The application wants an assignment. Add one under Enterprise applications, or switch off 'Assignment"
        " required' there.",
    ),
    1002012: "The scope is of another cloud. Check 'cloud'.",
    50196: "The login received too many identical requests. Wait a few minutes.",
    **dict.fromkeys(_TRANSIENT, _LATER),
}

_ADVICE_TO_USERS = {
    **_ADVICE,
    **dict.fromkeys(_BLOCKED_BY_POLICY, _POLICY_FOR_USERS),
    **dict.fromkeys(
        _NEEDS_A_USER,
        "The sign-in needs multifactor authentication, which only a user can answer. Sign in again in a browser, or"
        " sign in as an application.",
    ),
    50105: "The user is not assigned to the application. Assign the user under Enterprise applications.",
}
"""Where a user has signed in, the same number can mean something else."""

CONSENT_HELPS = frozenset(f"AADSTS{number}" for number in (*_NO_CONSENT, *_NO_PERMISSION, 700016, 7000229))
"""Codes of refusals after which an administrator opens the link for the consent."""


def is_transient(body: Mapping[str, Any]) -> bool:
    """Whether the login marks the failure as temporary, regardless of the status."""
    return str(body.get("error")) in _TRANSIENT_ERRORS or ("error" in body and _number(body) in _TRANSIENT)


def refused(body: Mapping[str, Any], speaker: str = "The login") -> AuthenticationFailed:
    """The failure in a login's error body: its AADSTS code and what to do. Contains no secret."""
    number = _number(body)
    code = f"AADSTS{number}" if number else redact(str(body.get("error") or "unknown")[:100])
    advice = _ADVICE.get(number) or redact(_wording(body) or "No reason was given.")
    support = support_of(
        code=code,
        request_id=_text(body.get("trace_id")),
        client_request_id=_text(body.get("correlation_id")),
        date=_text(body.get("timestamp")),
    )
    return AuthenticationFailed(f"{speaker} refused ({code}). {sentence(advice)}", support)


def advise(text: str, user: bool) -> tuple[str | None, str]:
    """The AADSTS code in `text` and what a user, or else an application, can do; None and "" without one."""
    number = _number({"error_description": text})
    return (f"AADSTS{number}", (_ADVICE_TO_USERS if user else _ADVICE).get(number, "")) if number else (None, "")


def sentence(text: str) -> str:
    """`text` with a full stop."""
    return text if text.endswith((".", "!", "?", "...")) else text + "."


def _wording(body: Mapping[str, Any]) -> str:
    """The login's own sentence, without the code and the ids, which are reported separately."""
    lines = _description(body).strip().splitlines()
    return re.sub(r"^AADSTS\d+: | Trace ID: .*", "", lines[0]) if lines else ""


def _description(body: Mapping[str, Any]) -> str:
    return str(body.get("error_description") or body.get("error") or "")[:4000]


def _number(body: Mapping[str, Any]) -> int:
    """The AADSTS number, 0 without one."""
    # Longer numbers are not codes of the login, and very long ones cannot be converted.
    found = re.search(r"(?a)AADSTS(\d{1,10})(?!\d)", _description(body))
    codes = body.get("error_codes")
    first = codes[0] if isinstance(codes, list) and codes else None
    listed = first if isinstance(first, int) and not isinstance(first, bool) else 0
    return int(found.group(1)) if found else listed if 0 < listed < 10**10 else 0


def _text(value: Any) -> str | None:
    return redact(str(value)) if isinstance(value, (str, int)) and value else None
