# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates with their keys, tokens of another issuer, and the tenant that accepts them."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from graph_simulator import Simulator
from integration.tenants import app, make_user, tenant

ISSUER = "https://issuer.example"
SUBJECT = "system:serviceaccount:ansible:runner"
PASSPHRASE = "the-passphrase-of-the-tests"
VARIABLES = {
    "client_secret": "AZURE_CLIENT_SECRET",
    "certificate_path": "AZURE_CLIENT_CERTIFICATE_PATH",
    "federated_token": "AZURE_FEDERATED_TOKEN",
    "federated_token_file": "AZURE_FEDERATED_TOKEN_FILE",
    "access_token": "AZURE_ACCESS_TOKEN",
}
"""The credentials that the environment can hold, in the order of the search."""


@cache
def rsa_key(name: str = "app") -> rsa.RSAPrivateKey:
    """A key of that name, the same one each time, because its creation is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(key: Any) -> x509.Certificate:
    """A self-signed certificate for the key, valid for a day."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "frontline")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
    return builder.sign(key, hashes.SHA256())


@cache
def own_certificate() -> x509.Certificate:
    """The certificate of rsa_key()."""
    return certificate(rsa_key())


def public_pem(of: x509.Certificate) -> str:
    return of.public_bytes(serialization.Encoding.PEM).decode()


def key_pem(key: Any, passphrase: str | None = None, traditional: bool = False) -> str:
    form = serialization.PrivateFormat.TraditionalOpenSSL if traditional else serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, _encryption(passphrase)).decode()


def pfx(key: Any, of: x509.Certificate | None, passphrase: str | None = None) -> bytes:
    return pkcs12.serialize_key_and_certificates(b"frontline", key, of, None, _encryption(passphrase))


def _encryption(passphrase: str | None) -> serialization.KeySerializationEncryption:
    if passphrase is None:
        return serialization.NoEncryption()
    return serialization.BestAvailableEncryption(passphrase.encode())


def federated_credential() -> dict[str, str]:
    """A federated credential of an application: it trusts the issuer that federated_token() signs for."""
    key = rsa_key("issuer").public_key()
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return {"issuer": ISSUER, "subject": SUBJECT, "key": key.public_bytes(encoding, form).decode()}


def federated_token(**claims: Any) -> str:
    """A token as Kubernetes writes into AZURE_FEDERATED_TOKEN_FILE, with additional claims."""
    now = int(time.time())
    usual = {
        "iss": ISSUER,
        "sub": SUBJECT,
        "aud": "api://AzureADTokenExchange",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
    }
    return jwt.encode({**usual, **claims}, rsa_key("issuer"), "RS256")


def of_every_credential() -> dict[str, Any]:
    """A tenant of one user, whose application signs in with secret, certificate and federated token."""
    trusted = app(certificates=[public_pem(own_certificate())], federated=[federated_credential()])
    groups = [{"name": "Frontline", "members": ["anna@contoso.example"]}]
    return tenant(make_user("anna", 1), apps=[trusted], groups=groups)


def assert_refused_before_any_request(result: Mapping[str, Any], simulator: Simulator, *said: str) -> None:
    """The credential was refused with these words, shown nowhere, and sent nowhere."""
    assert result["reason"] == "invalid_options" and not result["changed"]
    assert all(words in result["msg"] for words in said), result["msg"]
    assert simulator.journal() == []
    shown = json.dumps(result)
    assert PASSPHRASE not in shown and "PRIVATE KEY" not in shown and "Traceback" not in shown
