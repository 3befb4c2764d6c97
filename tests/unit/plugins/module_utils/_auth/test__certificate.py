# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import textwrap

import jwt as pyjwt
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._auth._certificate import Certificate
from ansible_collections.frontline.entra.plugins.module_utils._auth._login import Login
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    AUTHORITY,
    TENANT,
    DrivenWorkers,
    FakeSession,
    granted,
    login,
)

PASSPHRASE = "open sesame"


class Pair:
    """A key and its certificate, in all usual formats."""

    def __init__(self, key_type):
        issued = trustme.CA().issue_cert("app.contoso.example", key_type=key_type)
        self.key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
        self.chain = [pem.bytes() for pem in issued.cert_chain_pems]
        self.certificate = x509.load_pem_x509_certificate(self.chain[0])

    def key_pem(self, passphrase=None, form=serialization.PrivateFormat.PKCS8):
        return self.key.private_bytes(serialization.Encoding.PEM, form, _encryption(passphrase))

    def pem(self, passphrase=None, **form):
        return self.key_pem(passphrase, **form) + b"".join(self.chain)

    def pfx(self, passphrase=None):
        return pkcs12.serialize_key_and_certificates(b"app", self.key, self.certificate, None, _encryption(passphrase))


def _encryption(passphrase):
    if passphrase:
        return serialization.BestAvailableEncryption(passphrase.encode())
    return serialization.NoEncryption()


@pytest.fixture(name="rsa", scope="module")
def fixture_rsa():
    return Pair(trustme.KeyType.RSA)


@pytest.fixture(name="other", scope="module")
def fixture_other():
    return Pair(trustme.KeyType.RSA)


@pytest.fixture(name="elliptic", scope="module")
def fixture_elliptic():
    return Pair(trustme.KeyType.ECDSA)


@pytest.fixture(name="session")
def fixture_session():
    return FakeSession(login(granted()), DrivenWorkers())


def method(session, certificate=None, path=None, passphrase=None):
    to = Login(session, AUTHORITY, "https://graph.microsoft.com")
    return Certificate(to, TENANT, "app-id", certificate, str(path) if path else None, passphrase)


def named_certificate(assertion):
    """The fingerprint by which an assertion names its certificate."""
    thumbprint = pyjwt.get_unverified_header(assertion)["x5t#S256"]
    return base64.urlsafe_b64decode(thumbprint.rstrip("=") + "=")


def text(data):
    return base64.b64encode(data).decode()


FORMS = {
    "PEM text": lambda pair: {"certificate": pair.pem().decode()},
    "PEM text, certificate first": lambda pair: {"certificate": (pair.chain[0] + pair.key_pem()).decode()},
    "PEM text with words around": lambda pair: {"certificate": "Bag Attributes\n  name: x\n" + pair.pem().decode()},
    "PEM text with Windows line ends": lambda pair: {"certificate": pair.pem().decode().replace("\n", "\r\n")},
    "PEM text, old form of key": lambda pair: {
        "certificate": pair.pem(form=serialization.PrivateFormat.TraditionalOpenSSL).decode()
    },
    "PEM text, line breaks as two characters": lambda pair: {"certificate": pair.pem().decode().replace("\n", "\\n")},
    "PEM text, Windows line ends as four characters": lambda pair: {
        "certificate": pair.pem().decode().replace("\n", "\\r\\n")
    },
    "PEM text, encrypted": lambda pair: {"certificate": pair.pem(PASSPHRASE).decode(), "passphrase": PASSPHRASE},
    "PEM text, old form of key, encrypted": lambda pair: {
        "certificate": pair.pem(PASSPHRASE, form=serialization.PrivateFormat.TraditionalOpenSSL).decode(),
        "passphrase": PASSPHRASE,
    },
    "PEM text, a passphrase that is not needed": lambda pair: {"certificate": pair.pem().decode(), "passphrase": "x"},
    "base64 of PEM": lambda pair: {"certificate": text(pair.pem())},
    "base64 of PFX": lambda pair: {"certificate": text(pair.pfx())},
    "base64 of PFX in lines": lambda pair: {"certificate": "\n".join(textwrap.wrap(text(pair.pfx()), 64)) + "\n"},
    "base64 of PFX, encrypted": lambda pair: {"certificate": text(pair.pfx(PASSPHRASE)), "passphrase": PASSPHRASE},
    "PEM file": lambda pair: {"file": pair.pem()},
    "PEM file, encrypted": lambda pair: {"file": pair.pem(PASSPHRASE), "passphrase": PASSPHRASE},
    "PFX file": lambda pair: {"file": pair.pfx()},
    "PFX file, encrypted": lambda pair: {"file": pair.pfx(PASSPHRASE), "passphrase": PASSPHRASE},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_certificate_signs(form, rsa, session, tmp_path):
    given = FORMS[form](rsa)
    if "file" in given:
        path = tmp_path / "certificate"
        path.write_bytes(given.pop("file"))
        given["path"] = path
    certificate = method(session, **given)
    assert session.calls == [], "nothing is asked before it is needed"
    assert certificate.token().value == "a-token"
    body = session.calls[-1].body
    url = session.calls[-1].url
    claims = pyjwt.decode(body["client_assertion"], rsa.key.public_key(), ["PS256", "RS256"], audience=url)
    assert (claims["iss"], claims["sub"]) == ("app-id", "app-id")
    assert named_certificate(body["client_assertion"]) == rsa.certificate.fingerprint(hashes.SHA256())


def test_the_own_certificate_of_a_chain_is_found(rsa, other, session):
    pem = rsa.key_pem() + other.chain[0] + rsa.chain[0]
    method(session, pem.decode()).token()
    assert named_certificate(session.calls[-1].body["client_assertion"]) == rsa.certificate.fingerprint(hashes.SHA256())


REFUSED = {
    "no certificate": (lambda rsa, other, ec: {"certificate": rsa.key_pem().decode()}, "holds no certificate"),
    "no key": (lambda rsa, other, ec: {"certificate": rsa.chain[0].decode()}, "holds no private key"),
    "of another key": (
        lambda rsa, other, ec: {"certificate": (rsa.key_pem() + other.chain[0]).decode()},
        "do not belong together",
    ),
    "an EC key": (lambda rsa, other, ec: {"certificate": ec.pem().decode()}, "not RSA"),
    "an EC key in a PFX": (lambda rsa, other, ec: {"certificate": text(ec.pfx())}, "not RSA"),
    "no passphrase": (
        lambda rsa, other, ec: {"certificate": rsa.pem(PASSPHRASE).decode()},
        "Give its 'certificate_passphrase'",
    ),
    "a wrong passphrase": (
        lambda rsa, other, ec: {"certificate": rsa.pem(PASSPHRASE).decode(), "passphrase": "wrong"},
        "may be wrong",
    ),
    "no passphrase for a PFX": (lambda rsa, other, ec: {"certificate": text(rsa.pfx(PASSPHRASE))}, "wrong or missing"),
    "a wrong passphrase for a PFX": (
        lambda rsa, other, ec: {"certificate": text(rsa.pfx(PASSPHRASE)), "passphrase": "wrong"},
        "wrong or missing",
    ),
    "a damaged key": (
        lambda rsa, other, ec: {"certificate": rsa.pem().decode().replace("\nM", "\nX", 1)},
        "it is damaged",
    ),
    "a damaged certificate": (
        lambda rsa, other, ec: {"certificate": rsa.key_pem().decode() + rsa.chain[0].decode().replace("\nM", "\nX", 1)},
        "it is damaged",
    ),
    "words": (lambda rsa, other, ec: {"certificate": "my certificate!"}, "neither PEM text nor the base64"),
    "words beyond ASCII": (
        lambda rsa, other, ec: {"certificate": "Zertifikat f\u00fcr Graph"},
        "neither PEM text nor the base64",
    ),
    "base64 of words": (lambda rsa, other, ec: {"certificate": text(b"my certificate!")}, "neither PEM nor PFX"),
    "a PFX with a certificate only": (
        lambda rsa, other, ec: {
            "certificate": text(
                pkcs12.serialize_key_and_certificates(b"x", None, None, [rsa.certificate], serialization.NoEncryption())
            )
        },
        "needs both",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_unusable_certificate_is_refused_before_any_request(case, rsa, other, elliptic, session):
    make, words = REFUSED[case]
    given = make(rsa, other, elliptic)
    with pytest.raises(InvalidOptions, match=words) as caught:
        method(session, **given)
    assert "'certificate'" in caught.value.message
    assert "MII" not in caught.value.message
    assert PASSPHRASE not in caught.value.message
    assert session.calls == []


def test_an_unsupported_kind_of_key_is_refused(elliptic, session):
    known_curve, unknown_curve = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030163")
    der = elliptic.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert known_curve in der
    body = "\n".join(textwrap.wrap(text(der.replace(known_curve, unknown_curve)), 64))
    label = "PRIVATE KEY-----"
    pem = f"-----BEGIN {label}\n{body}\n-----END {label}\n{elliptic.chain[0].decode()}"
    with pytest.raises(InvalidOptions, match="'certificate'"):
        method(session, pem)


def test_an_unreadable_file_is_reported(session, tmp_path):
    with pytest.raises(InvalidOptions, match="'certificate_path' cannot be read.*No such file"):
        method(session, path=tmp_path / "missing.pem")
    with pytest.raises(InvalidOptions, match="it is a folder"):
        method(session, path=tmp_path)
    (tmp_path / "garbage.pfx").write_bytes(b"\x00\xffgarbage")
    with pytest.raises(InvalidOptions, match="'certificate_path' cannot be loaded"):
        method(session, path=tmp_path / "garbage.pfx")


# -- invalid content

quickly = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def load(data):
    """Load these bytes: that gives a usable certificate, or the one kind of error with a sentence."""
    try:
        Certificate(Login(None, AUTHORITY, "https://graph.contoso.example"), TENANT, "app", data, None, PASSPHRASE)
    except InvalidOptions as error:
        assert "'certificate'" in error.message and "PRIVATE" not in error.message


@quickly
@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused(data):
    load(base64.b64encode(data).decode() or "x")


@quickly
@given(st.text(max_size=300))
def test_any_other_text_is_refused(text):
    load(text + "-----BEGIN")
    load(text or "x")


@quickly
@given(st.data())
@pytest.mark.parametrize("form", ["pem", "pfx"])
def test_a_damaged_certificate_is_used_or_refused(rsa, form, data):
    whole = bytearray(rsa.pem() if form == "pem" else rsa.pfx(PASSPHRASE))
    for _blow in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(whole)))
    load(base64.b64encode(whole[:cut]).decode() if form == "pfx" else whole[:cut].decode("latin-1") + "-----BEGIN")
