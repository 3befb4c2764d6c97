# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML page: from a run to its JSON report to the page, with Ansible's own commands."""

from __future__ import annotations

import json
import stat

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.modules import report
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils._results._html.documents import TIME, large_run
from integration.documents import commands, named_files
from integration.tenants import READY, TENANT_ID, make_user, tenant

TENANT = tenant(
    make_user("anna", 1, sms_sign_in=True),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl", 3),
    make_user("dora", 4, enabled=False),
    groups=[{"name": "Frontline", "members": [f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora")]}],
)
MODULE = "frontline.entra.report"


def play(*tasks):
    return json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}])


def switch(options, report, **more):
    given = {
        **options,
        "users": ["anna@contoso.example", "ben@contoso.example", "carl@contoso.example"],
        "state": "disabled",
    }
    return {"name": f"Write {report}", "frontline.entra.sms_sign_in": {**given, "report_path": report}, **more}


def render(name, src, dest, **more):
    return {"name": name, MODULE: {"src": src, "dest": dest, **more}}


def test_a_dry_run_and_a_run_become_pages(simulator, playbook, options, tmp_path):
    played = playbook(
        play(
            switch(options, "dry.json", check_mode=True),
            switch(options, "run.json"),
            {"name": "Wait, so that the second report is newer", "ansible.builtin.pause": {"seconds": 1}},
            switch(options, "again.json"),
            {**render("Predict", "dry.json", "page.html"), "check_mode": True},
            render("Render", "dry.json", "page.html"),
            render("Render again", ["dry.json"], "page.html"),
            render("Compare", ["again.json"], "compared.html", compare=["dry.json"]),
        ),
        "--diff",
    )

    assert played.returncode == 0, played.output
    changed = [played.of(name).result["changed"] for name in ("Predict", "Render", "Render again", "Compare")]
    assert changed == [True, True, False, True]
    page = (tmp_path / "page.html").read_text("utf-8")
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o600
    assert "Dry run: nothing was changed" in page and f"<bdi>{TENANT_ID}</bdi>" in page
    assert "SMS sign-in would be disabled for 2 of 3 users; 1 needs no change." in page
    compared = (tmp_path / "compared.html").read_text("utf-8")
    assert "SMS sign-in was disabled for 0 of 3 users; 3 needed no change." in compared
    assert '<th scope="row">Not on now, on before</th><td class="n">2</td>' in compared
    assert "<!doctype html>" not in played.output and "SHA-256" in played.output
    assert not any("206555" in text or "206 555" in text for text in (page, compared))
    assert "sent" not in played.of("Render").result, "it has no requests"


def test_a_run_writes_the_page_itself(simulator, module, tmp_path):
    path = tmp_path / "run.html"
    result = module(users=["anna@contoso.example", "nobody@contoso.example"], state="disabled", report_path=str(path))
    page = path.read_text("utf-8")
    assert result["reason"] == "some_users_failed" and simulator.state("anna@contoso.example") != READY
    assert "SMS sign-in was disabled for 1 of 2 users; 1 failed." in page and "did not finish" not in page
    assert "Failed: <code>user_not_found</code>" in page
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("src", "more", "reason", "words"),
    [
        ("play.yml", {}, "invalid_file", "play.yml is not a JSON report"),
        ("missing.json", {}, "invalid_file", "missing.json cannot be read"),
        ([], {}, "invalid_options", "'src' names no file"),
        ("play.yml", {"dest": "page.txt"}, "invalid_options", "'dest' must end in .html"),
        ("play.yml", {"dest": None}, "invalid_options", "missing required arguments: dest"),
        ("play.yml", {"tenant_id": "x"}, "invalid_options", "Unsupported parameters"),
    ],
)
def test_a_task_that_cannot_render_fails_with_a_reason(playbook, tmp_path, src, more, reason, words):
    given = {key: value for key, value in {"src": src, "dest": "page.html", **more}.items() if value is not None}
    played = playbook(play({"name": "Render", MODULE: given}))
    result = played.of("Render").result
    assert played.returncode == 2 and result["reason"] == reason and words in result["msg"], played.output
    assert result["changed"] is False and not list(tmp_path.glob("page.*"))


def test_the_defaults_of_shared_options_do_not_apply(playbook, tmp_path):
    (tmp_path / "empty.json").write_text("{}", encoding="utf-8")
    defaults = {"group/frontline.entra.graph": {"tenant_id": TENANT_ID}}
    tasks = [render("Render", "empty.json", "page.html")]
    text = json.dumps([{"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": tasks}])
    assert "it has no schema_version" in playbook(text).of("Render").result["msg"]


def test_the_guide_renders_the_reports_of_a_folder(ansible, tmp_path):
    (tmp_path / "reports" / "earlier").mkdir(parents=True)
    for number in range(1, 4):
        for folder, time in (("reports", TIME), ("reports/earlier", "2026-11-01T08:00:00Z")):
            document = large_run(50, tenant=f"tenant{number}.example", time=time)
            (tmp_path / folder / f"{number}.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "report.yml").write_text(named_files("docs/report.md")["report.yml"], encoding="utf-8")

    for command, changed in zip(commands("docs/report.md") * 2, (True, False), strict=True):
        played = ansible(*command.split())
        assert played.returncode == 0, played.output
        assert played.of("Render the reports").result["changed"] is changed

    page = (tmp_path / "reports" / "tenants.html").read_text("utf-8")
    assert "3 reports of 3 tenants." in page and page.count("Since the report of 2026-11-01 08:00:00 UTC") == 3


def test_the_examples_of_the_module_run(simulator, playbook, options, tmp_path):
    tasks = yaml.safe_load(report.EXAMPLES)
    variables = {f"entra_{name}": options[name] for name in ("tenant_id", "client_id", "client_secret")}
    hosts = {name: options[name] for name in ("graph_url", "authority_host", "ca_path")}
    text = yaml.safe_dump(
        [
            {
                "hosts": "localhost",
                "gather_facts": False,
                "vars": {**variables, "report_folder": str(tmp_path)},
                "module_defaults": {"group/frontline.entra.graph": hosts},
                "tasks": tasks,
            }
        ]
    )
    played = playbook(text)
    assert played.returncode == 0, played.output
    assert (tmp_path / "contoso.html").exists() and (tmp_path / "tenants.html").exists()
