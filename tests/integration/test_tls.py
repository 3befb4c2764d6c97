# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of hosts, and the authorities that are trusted."""

from __future__ import annotations

import datetime

import pytest
import trustme

from integration.servers import tls_server
from integration.tenants import make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    {"count": 30, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
    groups=[{"name": "Frontline", "members": ["anna@contoso.example"]}],
)
ANNA = "anna@contoso.example"


@pytest.mark.covers("M15")
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("content", ["another authority", "a missing file"])
def test_ca_path_takes_precedence_over_the_environment(simulator, elsewhere, module, monkeypatch, variable, content):
    monkeypatch.setenv(variable, str(elsewhere.ca_file) if content == "another authority" else "/missing/ca.pem")

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M15")
def test_the_environment_names_the_authority_when_no_option_does(simulator, module, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(simulator.ca_file))

    assert module(users=[ANNA], ca_path=None)["changed"]


@pytest.mark.covers("M15", "N1")
@pytest.mark.parametrize("option", [None, "another authority"])
def test_an_untrusted_certificate_ends_the_run_before_anything_is_sent(simulator, elsewhere, module, option):
    result = module(users=[ANNA], ca_path=str(elsewhere.ca_file) if option else None)

    assert result["reason"] == "unreachable" and not result["changed"]
    assert "ca_path" in result["msg"] and "certificate" in result["msg"].lower()
    assert simulator.journal() == [] and result["requests"]["sent"] == 1


@pytest.mark.covers("M15")
def test_an_untrusted_graph_host_gets_no_token(simulator, elsewhere, module):
    result = module(users=[ANNA], graph_url=elsewhere.graph_url)

    assert result["reason"] == "unreachable" and "ca_path" in result["msg"]
    assert simulator.tokens_asked() == 1 and elsewhere.journal() == []


@pytest.mark.covers("M15")
@pytest.mark.parametrize("ca_path", ["/missing/ca.pem", "{folder}/empty.pem", "{folder}/garbage.pem"])
def test_an_unusable_ca_file_is_reported(simulator, module, tmp_path, ca_path):
    (tmp_path / "empty.pem").touch()
    (tmp_path / "garbage.pem").write_text("no certificate")
    ca_path = ca_path.format(folder=tmp_path)

    result = module(users=[ANNA], ca_path=ca_path)

    assert result["reason"] == "invalid_options" and "ca_path" in result["msg"]
    assert simulator.journal() == []


@pytest.mark.covers("M15")
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("bundle", [None, "another authority"])
def test_validate_certs_can_be_switched_off(simulator, elsewhere, module, monkeypatch, bundle):
    if bundle:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(elsewhere.ca_file))

    result = module(users=[ANNA], ca_path=None, validate_certs=False)

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M15")
def test_disabled_validation_warns(simulator, module):
    result = module(users=[ANNA], ca_path=None, validate_certs=False)

    assert "'validate_certs' is off" in result.warned and "not verified" in result.warned


@pytest.mark.covers("M15")
@pytest.mark.parametrize("how", ["expired", "future", "host"])
def test_the_message_about_a_refused_certificate_names_the_cause(module, simulator, tmp_path, how):
    now = datetime.datetime.now().astimezone()
    days = datetime.timedelta(days=3)
    authority = trustme.CA()
    (tmp_path / "ca.pem").write_bytes(simulator.ca_file.read_bytes() + authority.cert_pem.bytes())
    certificate, words = {
        "expired": (authority.issue_cert("localhost", not_before=now - 2 * days, not_after=now - days), "has expired"),
        "future": (authority.issue_cert("localhost", not_before=now + days, not_after=now + 2 * days), "clock"),
        "host": (authority.issue_cert("graph.contoso.example"), "graph.contoso.example"),
    }[how]

    with tls_server(certificate) as url:
        result = module(users=[ANNA], graph_url=url, ca_path=str(tmp_path / "ca.pem"))

    assert result["reason"] == "unreachable" and words in result["msg"] and "set 'ca_path'" not in result["msg"]
