# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access tokens: minted as signed JWTs and checked, claim by claim, on every call."""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from .clock import Clock
from .errors import GraphError
from .permissions import ROLE_TEMPLATES, Rule
from .tenant import Tenant

KEY_ID = "simulator"
PUBLIC, SECRET, CERTIFICATE = "0", "1", "2"
"""How an application authenticated, as the claim appidacr says it; a federated assertion counts as a certificate."""
# In place of a dot it makes a token one that no client can read.
_OPAQUE_DOT = "~"
# When the tenant was made, in seconds since the epoch.
_TENANT_CREATED = 1577836800
_ROLE_NAMES = {template: name for name, template in ROLE_TEMPLATES.items()}


@cache
def _signing_key() -> rsa.RSAPrivateKey:
    """One key per process: making it takes longer than all else at the start."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_keys() -> dict[str, Any]:
    """The JSON Web Key Set that verifies the tokens."""
    key = jwt.algorithms.RSAAlgorithm.to_jwk(_signing_key().public_key(), as_dict=True)
    return {"keys": [{**key, "use": "sig", "kid": KEY_ID, "alg": "RS256"}]}


@dataclass(frozen=True)
class Caller:
    """The identity of a token. ``user_id`` is None for an application."""

    client_id: str
    user_id: str | None
    granted: frozenset[str]
    entra_roles: frozenset[str]
    methods: frozenset[str] = field(default=frozenset())

    def may(self, rule: Rule, target_id: str | None = None) -> bool:
        """Whether the rule lets this caller act (on the user ``target_id``, if there is one)."""
        if self.user_id is None:
            return bool(self.granted & rule.app)
        if target_id == self.user_id:
            return bool(self.granted & rule.own)
        return bool(self.granted & rule.others) and (not rule.roles or bool(self.entra_roles & rule.roles))


class Tokens:
    """Issues and validates the tokens of one tenant for Graph's audiences."""

    def __init__(self, tenant: Tenant, graph_url: str, login_url: str, clock: Clock) -> None:
        self._tenant = tenant
        self._clock = clock
        self.audiences = (graph_url, tenant.graph_host, "00000003-0000-0000-c000-000000000000")
        self.other_resources = (
            "https://management.azure.com", "https://management.core.windows.net", "https://vault.azure.net",
        )  # fmt: skip
        self._issuer = f"https://sts.windows.net/{tenant.id}/"
        self._id_issuer = f"{login_url}/{tenant.id}/v2.0"
        self._authorize = f"{login_url}/{tenant.id}/oauth2/authorize"
        self._valid: dict[str, tuple[float, Caller]] = {}
        self._generation = 0
        self._challenge: tuple[int, int] | None = None

    def mint(
        self,
        *,
        client_id: str | None = None,
        user: str | None = None,
        user_id: str | None = None,
        scopes: Sequence[str] | None = None,
        roles: Sequence[str] | None = None,
        entra_roles: Sequence[str] | None = None,
        expires_in: int = 3599,
        audience: str | None = None,
        not_before: int | None = None,
        credential: str = SECRET,
        claims: Mapping[str, Any] | None = None,
        opaque: bool = False,
    ) -> str:
        """A signed token. A ``user`` makes it delegated; permissions default to what the tenant file grants. Nobody but
        this service can read one that is ``opaque``.

        ``not_before`` is the moment that a challenge asked for, ``credential`` how the application authenticated.
        """
        now = int(self._clock.time())
        holder = self._delegated(user, client_id) if user else None
        app_id = (holder.client_id if holder else client_id) or next(iter(self._tenant.apps), str(uuid.UUID(int=0)))
        app = self._tenant.apps.get(app_id.lower())
        payload: dict[str, Any] = {
            "aud": audience or self.audiences[0],
            "iss": self._issuer,
            "iat": now,
            "nbf": now,
            "exp": now + expires_in,
            "tid": self._tenant.id,
            "appid": app_id,
            "app_displayname": (app.name if app else "") or app_id,
            "appidacr": credential,
            "aio": self._aio(not_before),
            "rh": f"1.{secrets.token_urlsafe(32)}.",
            "tenant_region_scope": "EU",
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
            "xms_tcdt": _TENANT_CREATED,
        }
        if user:
            names = entra_roles if entra_roles is not None else (holder.entra_roles if holder else ())
            payload |= {
                "idtyp": "user",
                "oid": user_id,
                "sub": str(uuid.uuid5(uuid.UUID(self._tenant.id), f"{app_id} {user_id}")),
                "unique_name": user,
                "upn": user,
                "scp": " ".join(scopes if scopes is not None else (holder.scopes if holder else ())),
            }
        else:
            names = entra_roles if entra_roles is not None else (app.entra_roles if app else ())
            payload |= {
                "idtyp": "app",
                "idp": self._issuer,
                "oid": self.service_principal(app_id),
                "sub": self.service_principal(app_id),
                "roles": list(roles if roles is not None else (app.roles if app else ())),
            }
            if app and app.managed_identity:
                payload["xms_mirid"] = app.resource_id or f"/subscriptions/simulated/machines/{app_id}"
        payload["wids"] = [ROLE_TEMPLATES[name] for name in names]
        token = jwt.encode({**payload, **(claims or {})}, _signing_key(), "RS256", headers={"kid": KEY_ID})
        return token.replace(".", _OPAQUE_DOT) if opaque else token

    def service_principal(self, client_id: str) -> str:
        """The object id of an application in this tenant."""
        return str(uuid.uuid5(uuid.UUID(self._tenant.id), f"service principal:{client_id}"))

    def _aio(self, not_before: int | None) -> str:
        """The claim in which the service keeps its own notes: here what revokes a token and answers a challenge."""
        notes = json.dumps([self._generation, not_before, secrets.token_urlsafe(8)]).encode()
        return base64.urlsafe_b64encode(notes).decode()

    def _delegated(self, user: str, client_id: str | None) -> Any:
        for entry in self._tenant.delegated:
            if entry.user.lower() == user.lower() and client_id in (None, entry.client_id):
                return entry
        return None

    def revoke_all(self) -> None:
        """Every token minted so far becomes invalid."""
        self._generation += 1
        self._valid.clear()

    def id_token(self, *, client_id: str, user: str, user_id: str | None) -> str:
        """An id token: shows a client who signed in."""
        now = int(self._clock.time())
        payload = {
            "aud": client_id,
            "iss": self._id_issuer,
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "tid": self._tenant.id,
            "oid": user_id,
            "sub": user_id,
            "preferred_username": user,
            "ver": "2.0",
        }
        return jwt.encode(payload, _signing_key(), "RS256", headers={"kid": KEY_ID})

    def challenge(self, status: int | None) -> None:
        """From now on refuse, with this status, tokens that were not asked for with the claims of the refusal; None
        ends it."""
        self._challenge = (status, int(self._clock.time())) if status else None
        self._valid.clear()

    def challenged(self) -> GraphError:
        """The refusal with the claims to ask for."""
        status, moment = self._challenge or (401, 0)
        wanted = {"access_token": {"nbf": {"essential": True, "value": str(moment)}}}
        claims = base64.b64encode(json.dumps(wanted).encode()).decode()
        error = self._refusal(
            "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: "
            "TokenIssuedBeforeRevocationTimestamp",
            "claims challenge",
        )
        error.headers["WWW-Authenticate"] += f', error="insufficient_claims", claims="{claims}"'
        if status == 403:
            error.status, error.code = 403, "insufficient_claims"
        return error

    def revoked(self) -> GraphError:
        return self._refusal("Access token has expired or is not yet valid.", "token revoked")

    def validate(self, authorization: str | None) -> Caller:
        """The caller of a request. Raises GraphError 401 with Graph's words for what is wrong with the token."""
        scheme, _space, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise self._refusal("Access token is empty.", "no bearer token")
        token = token.strip()
        known = self._valid.get(token)
        if known and known[0] > self._clock.time():
            return known[1]
        try:
            claims = jwt.decode(
                token.replace(_OPAQUE_DOT, "."),
                _signing_key().public_key(),
                algorithms=["RS256"],
                audience=[*self.audiences, *(f"{one}/" for one in self.audiences[:2])],
                issuer=self._issuer,
                options={
                    "require": ["exp", "nbf", "aud", "iss", "tid", "appid", "aio"],
                    # Judged below: PyJWT knows no other clock than the machine's.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidAudienceError as error:
            raise self._refusal("Access token validation failure. Invalid audience.", "wrong audience") from error
        except jwt.InvalidSignatureError as error:
            raise self._refusal("Access token validation failure. Invalid signature.", "wrong signature") from error
        except jwt.DecodeError as error:
            raise self._refusal("CompactToken parsing failed with error code: 80049217", "no JWT") from error
        except jwt.InvalidTokenError as error:
            raise self._refusal("Access token validation failure.", type(error).__name__) from error
        now = self._clock.time()
        if claims["exp"] <= now:
            raise self._refusal("Lifetime validation failed, the token is expired.", "token expired")
        if claims["nbf"] > now:
            raise self._refusal("Lifetime validation failed, the token is not yet valid.", "token not yet valid")
        generation, not_before, _random = json.loads(base64.urlsafe_b64decode(claims["aio"]))
        if generation != self._generation:
            raise self.revoked()
        if self._challenge and (not_before or 0) < self._challenge[1]:
            raise self.challenged()
        granted = claims.get("roles", ()) if claims["idtyp"] == "app" else claims["scp"].split()
        caller = Caller(
            client_id=claims["appid"],
            user_id=None if claims["idtyp"] == "app" else claims["oid"],
            granted=frozenset(granted),
            entra_roles=frozenset(_ROLE_NAMES[wid] for wid in claims["wids"] if wid in _ROLE_NAMES),
            methods=frozenset(claims.get("amr", ())),
        )
        self._valid[token] = (claims["exp"], caller)
        return caller

    def _refusal(self, message: str, reason: str) -> GraphError:
        challenge = f'Bearer realm="", authorization_uri="{self._authorize}", client_id="{self.audiences[2]}"'
        return GraphError(
            401, "InvalidAuthenticationToken", message, reason=reason, headers={"WWW-Authenticate": challenge}
        )
