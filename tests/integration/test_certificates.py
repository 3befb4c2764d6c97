# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Valid and invalid certificates, keys and passphrases."""

from __future__ import annotations

import base64
import json

import pytest

from integration.credentials import (
    PASSPHRASE,
    assert_refused_before_any_request,
    certificate,
    ec_key,
    key_pem,
    of_every_credential,
    own_certificate,
    pfx,
    public_pem,
    rsa_key,
)

TENANT = of_every_credential
ANNA = "anna@contoso.example"


def own(**how):
    """PEM text with the application's key and certificate."""
    return key_pem(rsa_key(), **how) + public_pem(own_certificate())


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
def test_a_certificate_signs_in_as_text_and_as_file(simulator, sign_in, credential_file, content, passphrase, as_text):
    data = content()
    if as_text:
        text = data if isinstance(data, str) else base64.encodebytes(data).decode()
        result = sign_in(certificate=text, certificate_passphrase=passphrase)
    else:
        result = sign_in(certificate_path=credential_file(data), certificate_passphrase=passphrase)

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
def test_an_unusable_certificate_is_reported_before_any_request(simulator, sign_in, credential_file, form, as_text):
    content, passphrase, said = BAD[form]
    data = content()
    if as_text:
        text = data if isinstance(data, str) else base64.b64encode(data).decode()
        result = sign_in(certificate=text, certificate_passphrase=passphrase)
    else:
        result = sign_in(certificate_path=credential_file(data), certificate_passphrase=passphrase)

    option = "'certificate'" if as_text else "'certificate_path'"
    assert_refused_before_any_request(result, simulator, option, *said)
    assert passphrase is None or passphrase not in json.dumps(result)


@pytest.mark.covers("M18")
@pytest.mark.parametrize("option", ["certificate_path", "federated_token_file"])
@pytest.mark.parametrize(
    ("path", "said"),
    [("{folder}/missing", "No such file"), ("{folder}", "it is a folder"), ("{folder}/file/below", "Not a directory")],
)
def test_an_unreadable_file_is_reported_with_the_reason(simulator, sign_in, tmp_path, option, path, said):
    (tmp_path / "file").write_text("x")
    path = path.format(folder=tmp_path)

    result = sign_in(**{option: path})

    assert_refused_before_any_request(result, simulator, f"'{option}'", path, said)


@pytest.mark.covers("M18", "M19")
@pytest.mark.parametrize("option", ["certificate_path", "federated_token_file"])
def test_an_empty_file_counts_as_not_given(simulator, module, sign_in, credential_file, option):
    alone = sign_in(**{option: credential_file("")})
    beside_a_secret = module(users=[ANNA], **{option: credential_file("")})

    assert alone["reason"] == "invalid_options" and "No credential" in alone["msg"]
    assert alone["requests"]["sent"] == 0
    assert beside_a_secret["changed"] and beside_a_secret["auth"]["method"] == "client_secret"


@pytest.mark.covers("M18", "M16", "A1")
def test_a_certificate_of_another_application_is_refused_by_the_login_once(simulator, sign_in):
    stranger = rsa_key("other")

    result = sign_in(certificate=key_pem(stranger) + public_pem(certificate(stranger)))

    assert result["reason"] == "authentication_failed" and "AADSTS700027" in result["msg"]
    assert "Upload" in result["msg"] and simulator.tokens_asked() == 1 and simulator.calls() == []
