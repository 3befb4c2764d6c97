# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._clouds import find_cloud, same_login


@pytest.mark.parametrize(
    ("name", "graph_url", "authority_host"),
    [
        (None, "https://graph.microsoft.com", "https://login.microsoftonline.com"),
        ("", "https://graph.microsoft.com", "https://login.microsoftonline.com"),
        ("global", "https://graph.microsoft.com", "https://login.microsoftonline.com"),
        ("AzureCloud", "https://graph.microsoft.com", "https://login.microsoftonline.com"),
        ("usgov", "https://graph.microsoft.us", "https://login.microsoftonline.us"),
        ("AZUREUSGOVERNMENT", "https://graph.microsoft.us", "https://login.microsoftonline.us"),
        ("usgov_dod", "https://dod-graph.microsoft.us", "https://login.microsoftonline.us"),
        ("china", "https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
        ("AzureChinaCloud", "https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
    ],
)
def test_a_cloud_has_its_own_hosts(name, graph_url, authority_host):
    cloud = find_cloud(name)
    assert cloud is not None
    assert (cloud.graph_url, cloud.authority_host) == (graph_url, authority_host)


@pytest.mark.parametrize("name", ["azure", "germany", "AzureGermanCloud", "global ", "https://graph.microsoft.com"])
def test_an_unknown_name_is_not_a_cloud(name):
    assert find_cloud(name) is None


@pytest.mark.parametrize(
    ("name", "available"), [("global", True), ("usgov", True), ("usgov_dod", True), ("china", False)]
)
def test_sms_sign_in_is_managed_in_every_cloud_but_china(name, available):
    cloud = find_cloud(name)
    assert cloud is not None
    assert cloud.sms_actions is available


@pytest.mark.parametrize(
    ("url", "authority", "same"),
    [
        ("https://login.contoso.example/t/token", "https://login.contoso.example", True),
        ("HTTPS://LOGIN.contoso.example:443/t", "https://login.contoso.example", True),
        ("https://login.contoso.example:8443/t", "https://login.contoso.example:8443", True),
        ("https://login.contoso.example:8443/t", "https://login.contoso.example", False),
        ("http://login.contoso.example/t", "https://login.contoso.example", False),
        ("https://user@login.contoso.example/t", "https://login.contoso.example", False),
        ("https://login.contoso.example@evil.example/t", "https://login.contoso.example", False),
        ("https://sts.windows.net/t", "https://login.microsoftonline.com", True),
        ("https://login.microsoftonline.us/t", "https://login.microsoftonline.com", False),
        ("https://login.microsoftonline.com/t", "https://login.contoso.example", False),
        ("https://login.partner.microsoftonline.cn/t", "https://login.chinacloudapi.cn", True),
        ("/t/token", "https://login.contoso.example", False),
        ("https://[::1/t", "https://login.contoso.example", False),
        ("", "https://login.contoso.example", False),
    ],
)
def test_secrets_are_sent_to_login_hosts_of_the_same_cloud_only(url, authority, same):
    assert same_login(url, authority) is same
