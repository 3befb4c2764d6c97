# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of AWX: its own code injects them, and a module signs in with what arrives."""

from __future__ import annotations

import os
import re

import pytest
import yaml
from awx_plugins.credentials.plugins import azure_rm
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_credential_api import Credential
from awx_plugins.interfaces._temporary_private_inject_api import ENV_BLOCKLIST, inject_credential, secret_fields
from jinja2 import StrictUndefined
from jinja2.exceptions import UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from integration.credentials import key_pem, own_certificate, public_pem, rsa_key
from integration.documents import ROOT
from integration.tenants import CLIENT_ID, SECRET, TENANT_ID

ANNA = "anna@contoso.example"
DATA = ROOT / "playbooks" / "vars" / "awx.yml"


class Loader(yaml.SafeLoader):
    """Takes what Ansible would not render for text."""


Loader.add_constructor("!unsafe", Loader.construct_scalar)


def ours():
    """The credential type that the collection creates in AWX."""
    (data,) = yaml.load(DATA.read_text("utf-8"), Loader)["controller_credential_types"]
    keys = ("kind", "inputs", "injectors")
    return ManagedCredentialType(namespace="ours", name="ours", **{key: data[key] for key in keys})


OURS = ours()


def check(inputs, injectors):
    """What AWX refuses when a credential type is created."""
    names = {field["id"] for field in inputs["fields"]}
    files = {name.partition(".")[2]: "EXAMPLE_FILENAME" for name in injectors.get("file", {})}
    namespace = {**dict.fromkeys(names, "EXAMPLE"), "tower": {"filename": files}}
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for name, template in {**injectors.get("env", {}), **injectors.get("file", {})}.items():
        environment.from_string(template).render(namespace)
        assert template.isascii(), name
    for name in injectors.get("env", {}):
        assert re.fullmatch(r"[a-zA-Z_]+[a-zA-Z0-9_]*", name) and not name.startswith("ANSIBLE_"), name
        assert name not in ENV_BLOCKLIST, name
    for name in injectors.get("file", {}):
        assert re.fullmatch(r"template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?", name), name


def test_awx_accepts_our_credential_type():
    check(OURS.inputs, OURS.injectors)
    assert OURS.kind == "cloud" and set(OURS.inputs["required"]) == {"tenant_id", "client_id"}
    assert set(secret_fields(OURS)) == {"client_secret", "certificate", "certificate_passphrase"}


@pytest.mark.parametrize(
    ("injectors", "error"),
    [
        ({"env": {"AZURE_TENANT_ID": "{{ tenant }}"}}, UndefinedError),
        ({"env": {"AZURE_CLIENT_CERTIFICATE_PATH": "{{ tower.filename.other }}"}}, UndefinedError),
        ({"env": {"ANSIBLE_TENANT": "{{ tenant_id }}"}}, AssertionError),
        ({"env": {"PYTHONPATH": "{{ tenant_id }}"}}, AssertionError),
    ],
)
def test_what_awx_refuses_is_refused_here(injectors, error):
    with pytest.raises(error):
        check(OURS.inputs, {**injectors, "file": OURS.injectors["file"]})


@pytest.fixture
def inject(monkeypatch, tmp_path):
    """Injects a credential as a job gets it. Returns what AWX stores of it, which all readers of the job can see."""

    def run(kind, inputs):
        folder = tmp_path / "private"
        (folder / "env").mkdir(parents=True)
        environment, stored, arguments = {}, {}, []
        inject_credential(kind, Credential(inputs), environment, stored, arguments, str(folder))
        for name, value in environment.items():
            # The folder has another name in the container.
            monkeypatch.setenv(name, re.sub("^/runner/", f"{folder}/", value))
        assert arguments == [], "variables would not reach the update of an inventory"
        return stored

    return run


@pytest.mark.parametrize("blank", [{}, {"fields": ""}])
@pytest.mark.parametrize(
    ("filled", "method", "reason"),
    [
        ("client_secret", "client_secret", None),
        # The tenant of these tests does not know the certificate: that the login refuses it shows that it was taken.
        ("certificate", "certificate", "authentication_failed"),
        (None, None, "invalid_options"),
    ],
)
def test_our_credential_type_signs_in_with_what_was_filled_in(module, inject, filled, method, reason, blank):
    """A field left blank is not among the inputs, or an empty one: its variable is empty, and so is its file."""
    possible = {
        "client_secret": SECRET,
        "certificate": key_pem(rsa_key()) + public_pem(own_certificate()),
        "certificate_passphrase": "of a key that has none",
    }
    inputs = {field["id"]: "" for field in OURS.inputs["fields"]} if blank else {}
    inputs |= {"tenant_id": TENANT_ID, "client_id": CLIENT_ID}
    inputs |= {name: value for name, value in possible.items() if name == filled}

    stored = inject(OURS, inputs)
    result = module(users=[ANNA], tenant_id=None, client_id=None, client_secret=None)

    assert result["auth"] == {"method": method, "source": "environment" if method else None}
    assert result["reason"] == reason
    assert not [value for value in possible.values() if value in "".join(stored.values())]


def test_the_clouds_are_those_of_the_module(inject, module):
    inject(OURS, {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, "client_secret": SECRET, "cloud": "usgov"})
    assert os.environ["AZURE_CLOUD_ENVIRONMENT"] == "usgov"
    (cloud,) = [field for field in OURS.inputs["fields"] if field["id"] == "cloud"]
    for choice in cloud["choices"]:
        assert module(users=[], cloud=choice)["reason"] is None


def test_the_built_in_azure_credential_signs_in_without_wiring(inject, module, simulator):
    inputs = {"subscription": "any text", "tenant": TENANT_ID, "client": CLIENT_ID, "secret": SECRET}

    stored = inject(azure_rm, inputs)
    result = module(users=[ANNA], tenant_id=None, client_id=None, client_secret=None)

    assert result["auth"] == {"method": "client_secret", "source": "environment"}
    assert result["reason"] is None and len(simulator.writes()) == 1
    assert stored["AZURE_TENANT"] == TENANT_ID and SECRET not in stored.values()
