# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""M18: certificates, keys, passphrases and token files, good ones and bad ones."""

from __future__ import annotations

import base64
import json
import threading
import time

import pytest

from integration.credentials import (
    certificate,
    ec_key,
    federated_credential,
    federated_token,
    key_pem,
    own_certificate,
    pfx,
    public_pem,
    rsa_key,
)
from integration.tenants import app, person, tenant

ANNA = "anna@contoso.example"
PASSPHRASE = "the-passphrase-of-the-tests"


def TENANT():
    return tenant(
        person("anna", 1),
        apps=[app(certificates=[public_pem(own_certificate())], federated=[federated_credential()])],
    )


def own(**how):
    """PEM text with the application's key and certificate."""
    return key_pem(rsa_key(), **how) + public_pem(own_certificate())


@pytest.fixture
def file(tmp_path):
    """The path of a file with that content."""

    def write(content):
        path = tmp_path / "credential"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.fixture
def sign_in(module):
    """Enables one user by the given credential alone."""

    def run(**credential):
        return module(users=[ANNA], client_secret=None, **credential)

    return run


def assert_refused_before_any_request(result, simulator, *said):
    assert result["reason"] == "invalid_options" and not result["changed"]
    assert all(words in result["msg"] for words in said), result["msg"]
    assert simulator.journal() == []
    shown = json.dumps(result)
    assert PASSPHRASE not in shown and "PRIVATE KEY" not in shown and "Traceback" not in shown


GOOD = {
    "key first": own,
    "certificate first": lambda: public_pem(own_certificate()) + key_pem(rsa_key()),
    "traditional key": lambda: own(traditional=True),
    "with text around": lambda: f"Bag Attributes\n  friendlyName: x\n{own()}\n# end\n",
    "with a chain": lambda: public_pem(certificate(rsa_key("authority"))) + own(),
    "with Windows line ends": lambda: own().replace("\n", "\r\n"),
}


@pytest.mark.covers("M18")
@pytest.mark.parametrize("form", GOOD)
@pytest.mark.parametrize("passphrase", [None, "not needed"])
def test_a_pem_text_signs_in(simulator, sign_in, form, passphrase):
    result = sign_in(certificate=GOOD[form](), certificate_passphrase=passphrase)

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": "certificate", "source": "options"}
    assert [entry.authorization for entry in simulator.calls("login") if entry.method == "POST"] == ["ok"]


@pytest.mark.covers("M18")
@pytest.mark.parametrize(
    ("content", "passphrase"),
    [
        (own, None),
        (lambda: own(passphrase=PASSPHRASE), PASSPHRASE),
        (lambda: pfx(rsa_key(), own_certificate()), None),
        (lambda: pfx(rsa_key(), own_certificate(), PASSPHRASE), PASSPHRASE),
    ],
    ids=["PEM", "PEM with passphrase", "PFX", "PFX with passphrase"],
)
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "file"])
def test_a_certificate_signs_in_as_text_and_as_file(simulator, sign_in, file, content, passphrase, as_text):
    data = content()
    if as_text:
        text = data if isinstance(data, str) else base64.encodebytes(data).decode()
        result = sign_in(certificate=text, certificate_passphrase=passphrase)
    else:
        result = sign_in(certificate_path=file(data), certificate_passphrase=passphrase)

    assert result["changed"] and result["reason"] is None
    assert simulator.tokens_asked() == 1


BAD = {
    "garbage text": (lambda: "no certificate at all", None, ["neither PEM"]),
    "garbage bytes": (lambda: bytes(range(256)), None, ["PFX"]),
    "certificate without key": (lambda: public_pem(own_certificate()), None, ["no private key"]),
    "key without certificate": (lambda: key_pem(rsa_key()), None, ["no certificate"]),
    "key of another": (
        lambda: key_pem(rsa_key("other")) + public_pem(own_certificate()),
        None,
        ["do not belong together"],
    ),
    "damaged key": (lambda: own().replace("\nM", "\n!!", 1), None, ["cannot be loaded"]),
    "damaged certificate": (
        lambda: key_pem(rsa_key()) + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        None,
        ["cannot be loaded"],
    ),
    "cut off": (lambda: own()[:1000], None, ["no private key"]),
    "no passphrase": (lambda: own(passphrase=PASSPHRASE), None, ["encrypted", "certificate_passphrase"]),
    "wrong passphrase": (lambda: own(passphrase=PASSPHRASE), "wrong-one-of-the-tests", ["certificate_passphrase"]),
    "PFX, no passphrase": (lambda: pfx(rsa_key(), own_certificate(), PASSPHRASE), None, ["certificate_passphrase"]),
    "PFX, wrong passphrase": (
        lambda: pfx(rsa_key(), own_certificate(), PASSPHRASE),
        "wrong-one-of-the-tests",
        ["certificate_passphrase"],
    ),
    "PFX without certificate": (lambda: pfx(rsa_key(), None, PASSPHRASE), PASSPHRASE, ["private key"]),
    "PFX without key": (lambda: pfx(None, own_certificate(), PASSPHRASE), PASSPHRASE, ["private key"]),
    "elliptic key": (lambda: (key := ec_key()) and key_pem(key) + public_pem(certificate(key)), None, ["RSA"]),
    "PFX with an elliptic key": (
        lambda: (key := ec_key()) and pfx(key, certificate(key), PASSPHRASE),
        PASSPHRASE,
        ["RSA"],
    ),
}


@pytest.mark.covers("M18")
@pytest.mark.parametrize("form", BAD)
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "file"])
def test_a_certificate_that_cannot_serve_is_told_before_any_request(simulator, sign_in, file, form, as_text):
    content, passphrase, said = BAD[form]
    data = content()
    if as_text:
        text = data if isinstance(data, str) else base64.b64encode(data).decode()
        result = sign_in(certificate=text, certificate_passphrase=passphrase)
    else:
        result = sign_in(certificate_path=file(data), certificate_passphrase=passphrase)

    option = "'certificate'" if as_text else "'certificate_path'"
    assert_refused_before_any_request(result, simulator, option, *said)
    assert passphrase is None or passphrase not in json.dumps(result)


@pytest.mark.covers("M18")
@pytest.mark.parametrize("option", ["certificate_path", "federated_token_file"])
@pytest.mark.parametrize(
    ("path", "said"),
    [("{folder}/missing", "No such file"), ("{folder}", "it is a folder"), ("{folder}/file/below", "Not a directory")],
)
def test_a_file_that_cannot_be_read_is_told_with_the_reason(simulator, sign_in, tmp_path, option, path, said):
    (tmp_path / "file").write_text("x")
    path = path.format(folder=tmp_path)

    result = sign_in(**{option: path})

    assert_refused_before_any_request(result, simulator, f"'{option}'", path, said)


@pytest.mark.covers("M18", "M19")
@pytest.mark.parametrize("option", ["certificate_path", "federated_token_file"])
def test_an_empty_file_counts_as_not_given(simulator, module, sign_in, file, option):
    alone = sign_in(**{option: file("")})
    beside_a_secret = module(users=[ANNA], **{option: file("")})

    assert alone["reason"] == "invalid_options" and "No credential" in alone["msg"]
    assert alone["requests"]["sent"] == 0
    assert beside_a_secret["changed"] and beside_a_secret["auth"]["method"] == "client_secret"


@pytest.mark.covers("M18", "M16", "A1")
def test_a_certificate_that_is_not_the_applications_is_refused_by_the_login_once(simulator, sign_in):
    stranger = rsa_key("other")

    result = sign_in(certificate=key_pem(stranger) + public_pem(certificate(stranger)))

    assert result["reason"] == "authentication_failed" and "AADSTS700027" in result["msg"]
    assert "Upload" in result["msg"] and simulator.tokens_asked() == 1 and simulator.calls() == []


@pytest.mark.covers("M18")
def test_a_federated_token_signs_in(simulator, sign_in, file):
    result = sign_in(federated_token_file=file(federated_token() + "\n"))

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": "workload_identity", "source": "options"}


@pytest.mark.covers("M18")
@pytest.mark.parametrize(
    "content", ["garbage", "two.parts", "a.b.c.d", b"\xff\xfe\x00.\x00.\x00", "line\n.break\n.inside", "   "]
)
def test_a_token_file_without_a_token_is_told_before_any_request(simulator, sign_in, file, content):
    result = sign_in(federated_token_file=file(content))

    assert_refused_before_any_request(result, simulator, "'federated_token_file'")


@pytest.mark.covers("M18", "M16")
@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"sub": "system:serviceaccount:other:runner"}, 70021),
        ({"iss": "https://elsewhere.example"}, 70021),
        ({"aud": "api://Other"}, 70021),
        ({"exp": int(time.time()) - 3600}, 700024),
    ],
    ids=["subject", "issuer", "audience", "expired"],
)
def test_a_federated_token_that_does_not_fit_is_refused_by_the_login_once(simulator, sign_in, file, claims, code):
    token = federated_token(**claims)

    result = sign_in(federated_token_file=file(token))

    assert result["reason"] == "authentication_failed" and f"AADSTS{code}" in result["msg"]
    assert simulator.tokens_asked() == 1 and simulator.calls() == []
    assert token not in json.dumps(result)


@pytest.mark.covers("M18", "M10")
def test_a_token_file_is_read_again_for_each_sign_in(simulator, sign_in, file):
    path = file(federated_token())
    simulator.inject({"match": {"method": "POST"}, "then": {"expire_tokens": True, "delay": 0.4}})
    rotation = threading.Timer(0.3, file, ["rotated into garbage"])

    rotation.start()
    result = sign_in(federated_token_file=path)
    rotation.join()

    assert result["reason"] == "invalid_options" and "federated_token_file" in result["msg"]
    assert simulator.tokens_asked() == 1, "the first one was good, the second was never asked for"
