# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client assertions: a certificate's or another identity provider's signature instead of a secret.

Source: "Microsoft identity platform application authentication certificate credentials" and "Workload identity
federation"; AADSTS numbers from "Microsoft Entra authentication and authorization error codes".
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from .tenant import App, Federated

# Clocks may differ by so many seconds.
_SKEW = 300


class LoginError(Exception):
    """A refusal of the login service: an OAuth error and its AADSTS number."""

    def __init__(self, status: int, error: str, number: int, message: str) -> None:
        super().__init__(f"AADSTS{number}")
        self.status = status
        self.error = error
        self.number = number
        self.message = message


def _invalid_client(number: int, message: str) -> LoginError:
    return LoginError(401, "invalid_client", number, message)


@dataclass(frozen=True)
class _Certificate:
    public_key: Any
    sha1: str
    sha256: str
    expires: datetime

    @classmethod
    def load(cls, pem: str) -> _Certificate:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        return cls(
            public_key=certificate.public_key(),
            sha1=_encoded(certificate.fingerprint(hashes.SHA1())),
            sha256=_encoded(certificate.fingerprint(hashes.SHA256())),
            expires=certificate.not_valid_after_utc,
        )


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def verify(assertion: str, app: App, audiences: Collection[str], now: float) -> None:
    """Check a client assertion of ``app`` at ``now``, seconds since the epoch; raises LoginError."""
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise _invalid_client(50027, "JWT token is invalid or malformed.") from error
    if app.client_id in (claims.get("iss"), claims.get("sub")):
        _verify_certificate(assertion, header, claims, app, audiences, now)
    else:
        _verify_federated(assertion, claims, app, now)


def _verify_certificate(
    assertion: str,
    header: dict[str, Any],
    claims: dict[str, Any],
    app: App,
    audiences: Collection[str],
    now: float,
) -> None:
    # MSAL pads them although JWS does not.
    thumbprints = [str(header.get(name, "")).rstrip("=") for name in ("x5t#S256", "x5t")]
    known = [_Certificate.load(pem) for pem in app.certificates]
    certificate = next((one for one in known if one.sha256 == thumbprints[0] or one.sha1 == thumbprints[1]), None)
    if certificate is None:
        raise _invalid_client(
            700027,
            "The certificate with identifier used to sign the client assertion is not registered on application. "
            "[Reason - The key was not found.]",
        )
    if certificate.expires < datetime.fromtimestamp(now, UTC):
        raise _invalid_client(
            700027, "Client assertion failed signature validation. [Reason - The key used is expired.]"
        )
    _signed(assertion, certificate.public_key, ["RS256", "PS256"])
    _in_time(claims, now)
    if claims.get("aud") not in audiences:
        raise _invalid_client(700023, "Client assertion audience claim does not match Realm issuer.")
    if claims.get("iss") != app.client_id or claims.get("sub") != app.client_id or not claims.get("jti"):
        raise _invalid_client(
            700021, "Client assertion application identifier doesn't match 'client_id' parameter, or 'jti' is missing."
        )


def _verify_federated(assertion: str, claims: dict[str, Any], app: App, now: float) -> None:
    given = claims.get("aud")
    audiences = given if isinstance(given, list) else [given]

    def matches(one: Federated) -> bool:
        return one.issuer == claims.get("iss") and one.subject == claims.get("sub") and one.audience in audiences

    credential = next(filter(matches, app.federated), None)
    if credential is None:
        raise _no_match(claims, app)
    key = serialization.load_pem_public_key(credential.key.encode())
    _signed(assertion, key, ["RS256", "PS256", "ES256"])
    _in_time(claims, now)


def _no_match(claims: dict[str, Any], app: App) -> LoginError:
    """The refusal that names the first claim which no credential of the application has."""
    if not app.federated:
        return _invalid_client(70025, "The client application has no configured federated identity credentials.")
    issuer, subject = claims.get("iss"), str(claims.get("sub"))
    of_issuer = [one for one in app.federated if one.issuer == issuer]
    if not of_issuer:
        number, what = 700211, f"issuer '{issuer}'"
    elif any(one.subject == subject for one in of_issuer):
        number, what = 700212, f"audience '{claims.get('aud')}'"
    elif any(one.subject.lower() == subject.lower() for one in of_issuer):
        number, what = 7002138, f"subject '{subject}', which matches in another case only"
    else:
        number, what = 700213, f"subject '{subject}'"
    return _invalid_client(
        number,
        f"No matching federated identity record found for presented assertion {what}. Check your federated identity "
        "credential Subject, Audience and Issuer against the presented assertion.",
    )


def _signed(assertion: str, key: Any, algorithms: list[str]) -> None:
    try:
        jwt.decode(assertion, key, algorithms=algorithms, options={"verify_aud": False, "verify_exp": False,
                   "verify_nbf": False, "verify_iat": False})  # fmt: skip
    except (jwt.PyJWTError, TypeError) as error:
        raise _invalid_client(
            700027,
            "Client assertion failed signature validation. [Reason - The provided signature value did not match the "
            "expected signature value.]",
        ) from error


def _in_time(claims: dict[str, Any], now: float) -> None:
    expires, starts = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires, (int, float)) or not isinstance(starts, (int, float)):
        raise _invalid_client(700024, "Client assertion is not within its valid time range: exp is missing.")
    if not starts - _SKEW <= now <= expires + _SKEW:
        raise _invalid_client(700024, "Client assertion is not within its valid time range.")
