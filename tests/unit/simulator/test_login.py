# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login service, with real MSAL where possible and with hand-made requests where MSAL makes no errors."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from graph_simulator import Simulator

CLIENT_ID = "aaaaaaaa-0000-0000-0000-000000000001"
TENANT_ID = "11111111-2222-3333-4444-555555555555"
ISSUER, SUBJECT, AUDIENCE = "https://cluster.example", "system:serviceaccount:awx:runner", "api://AzureADTokenExchange"


@dataclass
class Identity:
    """A key with its certificate, as a client holds it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, days: int = 30) -> Identity:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "frontline")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=60)).not_valid_after(now + timedelta(days=days))
        return cls(key, builder.sign(key, hashes.SHA256()))

    @property
    def key_pem(self) -> str:
        form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, form, plain).decode()

    @property
    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def public_pem(self) -> str:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    @property
    def thumbprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA1()).hex()


@pytest.fixture(scope="module")
def known() -> Identity:
    return Identity.make()


@pytest.fixture(scope="module")
def expired() -> Identity:
    return Identity.make(days=-1)


@pytest.fixture(scope="module")
def stranger() -> Identity:
    return Identity.make()


@pytest.fixture(scope="module")
def simulator(known: Identity, expired: Identity) -> Iterator[Simulator]:
    app = {
        "client_id": CLIENT_ID,
        "secrets": ["right", {"value": "old", "expired": True}],
        "certificates": [known.certificate_pem, expired.certificate_pem],
        "federated": [{"issuer": ISSUER, "subject": SUBJECT, "key": known.public_pem}],
        "managed_identity": True,
        "roles": ["User.Read.All"],
    }
    user = {"name": "anna@contoso.example"}
    with Simulator({"tenant_id": TENANT_ID, "domain": "contoso.example", "apps": [app], "users": [user]}) as simulator:
        yield simulator


@pytest.fixture
def session(simulator: Simulator) -> Iterator[requests.Session]:
    simulator.reset()
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(simulator.ca_file)
        yield session


def assertion(identity: Identity, **claims: Any) -> str:
    now = int(time.time())
    standard = {"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "exp": now + 600, "nbf": now}
    return jwt.encode({**standard, **claims}, identity.key, "RS256")


def certificate_assertion(
    simulator: Simulator, identity: Identity, named: Identity | None = None, **claims: Any
) -> str:
    now = int(time.time())
    standard = {
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "aud": f"{simulator.login_url}/{TENANT_ID}/oauth2/v2.0/token",
        "exp": now + 600,
        "nbf": now,
        "jti": str(uuid.uuid4()),
    }
    digest = (named or identity).certificate.fingerprint(hashes.SHA256())
    header = {"x5t#S256": jwt.utils.base64url_encode(digest).decode()}
    return jwt.encode({**standard, **claims}, identity.key, "PS256", headers=header)


def acquire(simulator: Simulator, session: requests.Session, credential: Any, **changes: Any) -> dict[str, Any]:
    app = msal.ConfidentialClientApplication(
        changes.get("client_id", CLIENT_ID),
        client_credential=credential,
        authority=f"{simulator.login_url}/{changes.get('tenant', TENANT_ID)}",
        instance_discovery=False,
        http_client=session,
    )
    result: dict[str, Any] = app.acquire_token_for_client([f"{simulator.graph_url}/.default"])
    return result


def post(simulator: Simulator, session: requests.Session, tenant: str = TENANT_ID, **form: str) -> requests.Response:
    standard = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "scope": f"{simulator.graph_url}/.default"}
    fields = {name: value for name, value in {**standard, **form}.items() if value}
    return session.post(f"{simulator.login_url}/{tenant}/oauth2/v2.0/token", data=fields, timeout=10)


def accepted(simulator: Simulator, session: requests.Session, token: str) -> bool:
    url = f"{simulator.graph_url}/v1.0/users/anna@contoso.example"
    return session.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code == 200


@pytest.mark.filterwarnings("ignore:Passing a static:DeprecationWarning")
@pytest.mark.parametrize("kind", ["secret", "pem", "pem with thumbprint", "pfx", "federated", "federated callable"])
def test_msal_gets_a_token_that_graph_accepts(
    simulator: Simulator, session: requests.Session, known: Identity, tmp_path: Path, kind: str
) -> None:
    pfx = tmp_path / "app.pfx"
    pfx.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"app", known.key, known.certificate, None, serialization.BestAvailableEncryption(b"pass")
        )
    )
    credentials: dict[str, Any] = {
        "secret": "right",
        "pem": {"private_key": known.key_pem, "public_certificate": known.certificate_pem},
        "pem with thumbprint": {"private_key": known.key_pem, "thumbprint": known.thumbprint},
        "pfx": {"private_key_pfx_path": str(pfx), "passphrase": "pass"},
        "federated": {"client_assertion": assertion(known)},
        "federated callable": {"client_assertion": lambda: assertion(known, aud=["other", AUDIENCE])},
    }
    result = acquire(simulator, session, credentials[kind])
    assert "error" not in result, result
    assert result["token_type"] == "Bearer" and result["expires_in"] == 3599
    assert accepted(simulator, session, result["access_token"])
    assert [(entry.kind, entry.method, entry.status, entry.write) for entry in simulator.journal()] == [
        ("login", "GET", 200, False),
        ("login", "POST", 200, False),
        ("graph", "GET", 200, False),
    ]


def test_a_token_verifies_with_the_published_keys(simulator: Simulator, session: requests.Session) -> None:
    token = post(simulator, session, client_secret="right").json()["access_token"]
    configuration = session.get(f"{simulator.login_url}/contoso.example/v2.0/.well-known/openid-configuration").json()
    key = jwt.PyJWK(session.get(configuration["jwks_uri"]).json()["keys"][0])
    claims = jwt.decode(token, key, audience=simulator.graph_url)
    assert (claims["tid"], claims["appid"], claims["idtyp"]) == (TENANT_ID, CLIENT_ID, "app")
    assert claims["roles"] == ["User.Read.All"] and claims["exp"] - claims["iat"] == 3599


@pytest.mark.parametrize(
    ("form", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": "old"}, 401, "invalid_client", 7000222),
        ({}, 401, "invalid_client", 7000218),
        ({"tenant": "nowhere.example", "client_secret": "right"}, 400, "invalid_request", 90002),
        ({"client_id": "no such app", "client_secret": "right"}, 400, "unauthorized_client", 700016),
        ({"client_secret": "right", "scope": "https://graph.microsoft.com/User.Read"}, 400, "invalid_scope", 70011),
        ({"client_secret": "right", "scope": "https://graph.microsoft.us/.default"}, 400, "invalid_resource", 500011),
        ({"client_secret": "right", "scope": ""}, 400, "invalid_request", 900144),
        ({"client_secret": "right", "grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ],
)
def test_a_login_is_refused_as_entra_does(
    simulator: Simulator, session: requests.Session, form: dict[str, str], status: int, error: str, number: int
) -> None:
    answer = post(simulator, session, **form)
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    for part in ("Trace ID: ", "Correlation ID: ", "Timestamp: "):
        assert part in body["error_description"]
    assert form.get("client_secret", "right") not in answer.text or form["client_secret"] == "right"
    assert simulator.journal()[-1].reason == f"AADSTS{number}"


@pytest.mark.parametrize(
    ("signer", "named", "claims", "number"),
    [
        ("stranger", None, {}, 700027),
        ("stranger", "known", {}, 700027),
        ("expired", None, {}, 700027),
        ("known", None, {"aud": "https://login.microsoftonline.com/x/oauth2/v2.0/token"}, 700023),
        ("known", None, {"aud": ["https://login.microsoftonline.com"]}, 700023),
        ("known", None, {"exp": 1}, 700024),
        ("known", None, {"nbf": 9999999999, "exp": 9999999999}, 700024),
        ("known", None, {"sub": "another"}, 700021),
        ("known", None, {"iss": "another"}, 700021),
        ("known", None, {"jti": ""}, 700021),
    ],
)
def test_a_certificate_assertion_is_verified(
    request: pytest.FixtureRequest,
    simulator: Simulator,
    session: requests.Session,
    signer: str,
    named: str | None,
    claims: dict[str, Any],
    number: int,
) -> None:
    identity: Identity = request.getfixturevalue(signer)
    other: Identity | None = request.getfixturevalue(named) if named else None
    answer = post(
        simulator,
        session,
        client_assertion=certificate_assertion(simulator, identity, other, **claims),
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    )
    assert (answer.status_code, answer.json()["error_codes"]) == (401, [number])


@pytest.mark.parametrize(
    ("signer", "claims", "status", "number"),
    [
        ("stranger", {}, 401, 700027),
        ("known", {"sub": "system:serviceaccount:awx:other"}, 401, 700213),
        ("known", {"sub": SUBJECT.upper()}, 401, 7002138),
        ("known", {"iss": "https://other.example"}, 401, 700211),
        ("known", {"aud": "https://kubernetes.default.svc"}, 401, 700212),
        ("known", {"exp": 1}, 401, 700024),
    ],
)
def test_a_federated_assertion_is_verified(
    request: pytest.FixtureRequest,
    simulator: Simulator,
    session: requests.Session,
    signer: str,
    claims: dict[str, Any],
    status: int,
    number: int,
) -> None:
    answer = post(
        simulator,
        session,
        client_assertion=assertion(request.getfixturevalue(signer), **claims),
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    )
    assert (answer.status_code, answer.json()["error_codes"]) == (status, [number])


def test_an_invalid_assertion_is_refused(simulator: Simulator, session: requests.Session) -> None:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert post(simulator, session, client_assertion="x", client_assertion_type=kind).json()["error_codes"] == [50027]
    assert post(simulator, session, client_assertion="x").json()["error_codes"] == [900144]


def test_discovery_of_an_unknown_tenant_fails_in_msal(simulator: Simulator, session: requests.Session) -> None:
    with pytest.raises(ValueError, match="nowhere.example"):
        acquire(simulator, session, "right", tenant="nowhere.example")
    url = f"{simulator.login_url}/nowhere.example/v2.0/.well-known/openid-configuration"
    answer = session.get(url)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_tenant")


def test_instance_discovery_knows_only_its_own_host(simulator: Simulator, session: requests.Session) -> None:
    url = f"{simulator.login_url}/common/discovery/instance"
    good = {"api-version": "1.1", "authorization_endpoint": f"{simulator.login_url}/x/oauth2/v2.0/authorize"}
    assert session.get(url, params=good).json()["tenant_discovery_endpoint"].startswith(simulator.login_url)
    bad = {**good, "authorization_endpoint": "https://evil.example/x"}
    assert session.get(url, params=bad).json()["error"] == "invalid_instance"


@pytest.mark.parametrize("kind", ["app service", "imds"])
def test_a_managed_identity_gets_a_token(
    simulator: Simulator, session: requests.Session, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "app service":
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{simulator.identity_url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", simulator.identity_header)
    else:
        monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", simulator.identity_url)
    client = msal.ManagedIdentityClient(msal.SystemAssignedManagedIdentity(), http_client=session)
    result = client.acquire_token_for_client(resource="https://graph.microsoft.com")
    assert accepted(simulator, session, result["access_token"])
    user_assigned = msal.ManagedIdentityClient(
        msal.UserAssignedManagedIdentity(client_id="no one"), http_client=session
    )
    assert "access_token" not in user_assigned.acquire_token_for_client(resource="https://graph.microsoft.com")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/msi/token?api-version=2019-08-01&resource=https://graph.microsoft.com", {}, 401),
        ("/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://graph.microsoft.com", {}, 400),
        ("/ml/token?api-version=2017-09-01&resource=https://graph.microsoft.com", {"secret": "wrong"}, 401),
        ("/arc/token?api-version=2020-06-01&resource=https://graph.microsoft.com", {"Metadata": "true"}, 401),
        (
            "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://evil.example",
            {"Metadata": "true"},
            400,
        ),
        ("/metadata/identity/oauth2/token?resource=https://graph.microsoft.com", {"Metadata": "true"}, 400),
        ("/else", {}, 404),
    ],
)
def test_a_malformed_managed_identity_request_is_refused(
    simulator: Simulator, session: requests.Session, path: str, headers: dict[str, str], status: int
) -> None:
    assert session.get(f"{simulator.identity_url}{path}", headers=headers).status_code == status
