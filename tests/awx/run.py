# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""run.py BUILD: from an empty folder to approved runs in a real AWX, and what must hold on the way.

It needs a lab, which is not part of this repository: AWX_LAB_TOOLS names a folder with setup.sh, build-ee.sh, up.sh,
down.sh and env.sh that build and start AWX on this machine, and AWX_SRC_GIT the git directory of AWX's source.
AWX_LAB_ROOT is where the lab is built, BUILD/awx-lab if it is not given. Tenants are simulated on this machine.

Each run makes an organization of its own. A line for each check begins with `passed` or `FAILED` and has the evidence.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from awx.lab import IMAGES, MOUNTED, NEWEST, OLDER, Awx, Lab, Webhook

from graph_simulator import Simulator

COLLECTION = Path.cwd()
PASSWORDS = {"shared": 'it\'s "shared"', "fabrikam": "fabrikam's own"}
CLIENT = "aaaaaaaa-0000-0000-0000-00000000000{}"
SECRET = "Zq8~{}.kept-for-the-simulator"
LIMIT_OF_A_RESULT = 700_000
READY, NOT_ENABLED = "ready", "notEnabled"


def tenant(number: int, name: str, users: list[dict[str, Any]], group: str) -> dict[str, Any]:
    return {
        "tenant_id": f"{number}" * 8 + "-2222-3333-4444-555555555555",
        "domain": f"{name}.example",
        "apps": [
            {
                "client_id": CLIENT.format(number),
                "secrets": [SECRET.format(name)],
                "roles": [
                    "UserAuthMethod-Phone.ReadWrite.All",
                    "UserAuthenticationMethod.ReadWrite.All",
                    "GroupMember.Read.All",
                    "User.Read.All",
                    "AuditLog.Read.All",
                ],
            }
        ],
        "users": users,
        "groups": [
            {"name": group, "members_match": "*"},
            {"name": "Break glass", "members": [users[-1]["name"].format(n=1)]},
        ],
        "policy": {"state": "enabled", "include": [{"group": "all_users", "sign_in": True}]},
    }


def users(domain: str, number: int, *names: str) -> list[dict[str, Any]]:
    """Users with a mobile number; the last one is the emergency access account."""
    return [
        {"name": f"{name}@{domain}.example", "mobile": f"+1 20655501{number}{line}"}
        for line, name in enumerate((*names, "glass"))
    ]


TENANTS = {
    "contoso": tenant(1, "contoso", users("contoso", 1, "anna", "ben", "dora"), "Frontline"),
    "fabrikam": tenant(2, "fabrikam", users("fabrikam", 2, "eve", "finn"), "0123"),
    "wingtip": tenant(3, "wingtip", users("wingtip", 3, "gus"), "Frontline"),
}
"""Contoso and Fabrikam have a vault each. Wingtip has no credential in the project: it comes with the job, or not."""


class Checks:
    """Prints what was checked, and counts."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def __call__(self, what: str, holds: object, evidence: object = "") -> None:
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        shown = evidence if isinstance(evidence, str) else json.dumps(evidence, ensure_ascii=False, default=str)
        print(f"{'passed' if holds else 'FAILED'} {what}{shown and f'  [{shown[:400]}]'}", flush=True)


class Rollout:
    """An organization in AWX, its project, its tenants, and the answers of AWX."""

    def __init__(self, lab: Lab, folder: Path, simulators: dict[str, Simulator], webhook: Webhook) -> None:
        self.lab, self.simulators, self.webhook = lab, simulators, webhook
        self.awx = Awx(lab.variables)
        self.check = Checks()
        self.folder, self.project = folder, folder / "project"
        self.name = f"Run {time.strftime('%d %H:%M:%S')}"
        self.prefix = f'{self.name} "it\'s SMS"'
        self.repository = re.sub(r"\W", "-", self.name) + ".git"

    # -- the project ---------------------------------------------------------------------------------------------------

    def git(self, *arguments: str | Path) -> None:
        identity = ("-c", "user.name=lab", "-c", "user.email=lab@localhost.example")
        subprocess.run(["git", "-C", self.project, *identity, *arguments], check=True, stdout=subprocess.DEVNULL)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        self.git("push", "--quiet", str(self.lab.root / "repos" / self.repository), "HEAD:main")

    def ansible(self, core: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """A playbook of this collection, in the project's folder, with the account of AWX in the environment."""
        paths = f"{COLLECTION.parents[2]}:{self.lab.variables['ANSIBLE_COLLECTIONS_PATH']}"
        environment = {**self.lab.variables, "ANSIBLE_COLLECTIONS_PATH": paths, "ANSIBLE_NOCOLOR": "1"}
        environment["CONTROLLER_OAUTH_TOKEN"] = self.awx.token
        environment.pop("ANSIBLE_CONFIG", None)
        command = [self.lab.ansible(core), *arguments]
        place = self.project if self.project.exists() else self.folder
        pipe = subprocess.PIPE
        done = subprocess.run(
            command, env=environment, cwd=place, stdout=pipe, stderr=pipe, encoding="utf-8", check=False
        )
        if done.returncode not in (0, 2):
            print(done.stdout[-3000:], done.stderr[-3000:], sep="\n", file=sys.stderr)
        return done

    def write_project(self) -> None:
        """The repository of a user: written by the collection, then with the addresses of the simulators."""
        published = self.lab.publish(self._collection(), "frontline.entra.git")
        answers = {
            "project_folder": str(self.project),
            "project_tenants": [
                {
                    "name": name,
                    "tenant_id": TENANTS[name]["tenant_id"],
                    "client_id": TENANTS[name]["apps"][0]["client_id"],
                    "client_secret": SECRET.format(name),
                    "vault_id": "fabrikam" if name == "fabrikam" else "shared",
                    "groups": [TENANTS[name]["groups"][0]["name"]],
                }
                for name in TENANTS
            ],
            "project_vault_passwords": PASSWORDS,
            "project_groups": ["Frontline"],
            "project_exclude_groups": ["Break glass"],
            "project_git_url": f"{published.rpartition('/')[0]}/{self.repository}",
            "project_image": IMAGES[NEWEST],
            "project_collection": {"name": published, "type": "git", "version": "main"},
        }
        (self.folder / "answers.yml").write_text(yaml.safe_dump(answers), "utf-8")
        done = self.ansible(NEWEST, "frontline.entra.new_project", "-e", f"@{self.folder}/answers.yml")
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        authorities = {simulator.ca_file.read_text("utf-8") for simulator in self.simulators.values()}
        (self.project / "ca.pem").write_text("".join(authorities), "utf-8")
        for name, simulator in self.simulators.items():
            settings = self.project / "host_vars" / name / "settings.yml"
            known = yaml.safe_load(settings.read_text("utf-8"))
            if name == "wingtip":
                known = {}
                (settings.parent / "vault.yml").unlink()
            known |= {
                "sms_sign_in_graph_url": simulator.graph_url,
                "sms_sign_in_authority_host": simulator.login_url,
                "sms_sign_in_ca_path": "{{ playbook_dir }}/ca.pem",
                # Registered users need it, and nobody in these tenants has another method.
                "sms_sign_in_require_methods": [],
            }
            settings.write_text(yaml.safe_dump(known), "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Simulated tenants")
        self.lab.publish(self.project, self.repository)

    def _collection(self) -> Path:
        """The copy of the collection that the tests run in, as commits."""
        copy = self.folder / "collection"
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", copy], check=True)
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], stdout=subprocess.PIPE, check=True)
        for name in listed.stdout.decode().splitlines():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(COLLECTION / name, copy / name)
        identity = ("-c", "user.name=lab", "-c", "user.email=lab@localhost.example")
        subprocess.run(["git", "-C", copy, "add", "--all"], check=True)
        subprocess.run(["git", "-C", copy, *identity, "commit", "--quiet", "--message", "Tested"], check=True)
        return copy

    # -- AWX -----------------------------------------------------------------------------------------------------------

    def configure(self, core: str, *arguments: str, **more: Any) -> tuple[dict[str, int], str]:
        """configure_awx with the project's own values: the counts of its recap, and its output."""
        given = {
            "entra_organization": self.name,
            "entra_prefix": self.prefix,
            "entra_mark": f"Made by {self.name}.",
            "entra_galaxy_credentials": ["Ansible Galaxy"],
            "entra_credential_type": f"{self.name}: Entra application",
            "entra_image_pull": "never",
            "entra_webhook": self.webhook.url,
            "entra_report_folder": MOUNTED,
            "entra_timeout": 1800,
            **more,
        }
        vaults = []
        for vault_id, password in PASSWORDS.items():
            (self.folder / vault_id).write_text(password, "utf-8")
            vaults += ["--vault-id", f"{vault_id}@{self.folder}/{vault_id}"]
        (self.folder / "given.json").write_text(json.dumps(given), "utf-8")
        playbook = ("frontline.entra.configure_awx", "-e", "@awx.yml", "-e", f"@{self.folder}/given.json")
        done = self.ansible(core, *playbook, *vaults, *arguments)
        recap = {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", done.stdout.partition("PLAY RECAP")[2])}
        if recap.get("failed", 1):
            print(done.stdout[-3000:], done.stderr[-3000:], sep="\n")
        return recap, done.stdout

    def full(self, name: str) -> str:
        return f"{self.prefix}: {name}"

    def run(self, name: str, **data: Any) -> dict[str, Any]:
        return self.awx.run(self.full(name), **data)

    def stats(self, job: dict[str, Any], key: str = "changed") -> dict[str, Any]:
        return {host: one.get(key) for host, one in job["artifacts"].get("sms_sign_in_stats", {}).items()}

    def why(self, job: dict[str, Any], pattern: str) -> str:
        """The first line of a job's output that has the pattern."""
        lines = self.awx.output(job).splitlines()
        return next((line.strip() for line in lines if re.search(pattern, line)), "")

    def states(self, name: str) -> dict[str, str | None]:
        found = {one["name"].partition("@")[0]: one["name"] for one in TENANTS[name]["users"]}
        return {short: self.simulators[name].state(full) for short, full in found.items()}

    def enabled(self, name: str) -> list[str]:
        return [short for short, state in self.states(name).items() if state == READY]

    def writes(self) -> dict[str, int]:
        found = {
            name: sum(entry.write and entry.kind != "login" for entry in simulator.journal())
            for name, simulator in self.simulators.items()
        }
        for simulator in self.simulators.values():
            simulator.clear_journal()
        return found

    def reset(self) -> None:
        for simulator in self.simulators.values():
            simulator.reset()

    def use_core(self, core: str) -> None:
        environment = self.awx.one("execution_environments", self.prefix)
        self.awx.send("PATCH", environment["url"], image=IMAGES[core]).raise_for_status()


def configuration(it: Rollout) -> None:
    recap, shown = it.configure(OLDER)
    it.check("configure_awx creates everything", recap["failed"] == 0 and recap["changed"] > 10, recap)
    it.check("the new organization has the Galaxy credential in the data", "has no Galaxy credential" not in shown)
    # A wrong password was typed.
    (vault,) = it.awx.all("credentials/", name=it.full("vault fabrikam"))
    wrong = {"vault_id": "fabrikam", "vault_password": "wrong"}
    it.awx.send("PATCH", vault["url"], inputs=wrong).raise_for_status()
    recap, _shown = it.configure(NEWEST)
    it.check("run again, by another ansible-core, it changes nothing", recap["failed"] == recap["changed"] == 0, recap)
    job = it.run("read", limit="fabrikam")
    it.check("not even a wrong password", job["status"] == "failed", it.why(job, "Decryption failed|decrypt"))

    # Fewer objects take less time.
    recap, shown = it.configure(NEWEST, "--check", entra_jobs=["audit"])
    it.check("nor would it in check mode", recap["failed"] == recap["changed"] == 0, recap)
    left = [f"job_templates: {it.full('read')}", f"workflow_job_templates: {it.full('retire with approval')}"]
    it.check("what left the data is reported", all(one in shown.replace('\\"', '"') for one in left), left)
    it.check("and not deleted", it.awx.one("job_templates", it.full("read"))["id"])
    recap, _shown = it.configure(NEWEST, entra_jobs=["audit"], entra_update_secrets=True)
    job = it.run("read", limit="fabrikam")
    it.check(
        "entra_update_secrets replaces the password", recap["changed"] == 1 and job["status"] == "successful", recap
    )

    kinds = {
        "job_templates": 16,
        "workflow_job_templates": 3,
        "projects": 1,
        "inventories": 1,
        "execution_environments": 1,
        "notification_templates": 1,
        "credentials": 2,
    }
    found = {kind: len(it.awx.all(f"{kind}/", organization__name=it.name)) for kind in kinds}
    it.check("the objects are there", found == kinds, found)
    (schedule,) = it.awx.all("schedules/", unified_job_template__organization__name=it.name)
    it.check("the audit has its next run", schedule["next_run"], schedule["next_run"])
    hosts = [host["name"] for host in it.awx.all("hosts/", inventory__organization__name=it.name)]
    it.check("the inventory source was read", sorted(hosts) == sorted(TENANTS), hosts)


def dry_runs(it: Rollout) -> None:
    it.reset()
    answer = it.awx.launch(it.full("enable dry run"), job_type="run").json()
    it.check(
        "a dry run that is launched as `run` says that it ignores that",
        answer["ignored_fields"].get("job_type") == "run",
        answer["ignored_fields"],
    )
    job = it.awx.wait(answer)
    it.check("and stays a dry run", job["job_type"] == "check" and not any(it.writes().values()), job["job_type"])
    it.check(
        "two vault ids, of two tenants",
        it.stats(job, "reason") == {"contoso": None, "fabrikam": None},
        it.stats(job, "reason"),
    )
    it.check(
        "a tenant without a credential fails alone",
        job["status"] == "failed" and it.stats(job) == {"contoso": 3, "fabrikam": 2},
        it.stats(job),
    )
    told = it.webhook.of(job)
    it.check(
        "the notification has the numbers",
        {name: one["changed"] for name, one in told["tenants"].items()} == it.stats(job),
        told["text"],
    )
    summary = it.why(job, "3 would be enabled")
    it.check("the summary is readable in the output", summary, summary)


def workflow(it: Rollout, kind: str, prepare: Any) -> None:
    """From the launch to the audit, through an approval by API, with a tenant that fails in the dry run."""
    it.reset()
    prepare()
    it.writes()
    flow = it.awx.launch(it.full(f"{kind} with approval")).json()
    approval = it.awx.approval(flow)
    nodes = it.awx.nodes(flow)
    dry_run = nodes["dry_run"]
    it.check(
        f"{kind}: a failed tenant does not block the approval of the others",
        nodes["update"]["status"] == "successful" and dry_run["status"] == "failed",
        it.stats(dry_run),
    )
    it.check(f"{kind}: nothing is written before the approval", not any(it.writes().values()))
    it.awx.approve(approval)
    flow = it.awx.wait(flow)
    nodes = it.awx.nodes(flow)
    allowed, done = it.stats(dry_run), it.stats(nodes["approved"])
    it.check(
        f"{kind}: after the approval each tenant changes as many users as were approved",
        allowed == done and all(allowed.values()),
        {"approved": allowed, "changed": done},
    )
    it.check(f"{kind}: the tenant that failed changes nobody", it.writes()["wingtip"] == 0)
    wanted = ["anna", "ben", "dora"] if kind == "enable" else ["glass"] if kind == "disable" else []
    it.check(
        f"{kind}: the users are as wanted, the emergency access account as before",
        [name for name in it.enabled("contoso") if name != "glass"] == [name for name in wanted if name != "glass"],
        it.states("contoso"),
    )
    it.check(
        f"{kind}: the audit finds the finished tenants unchanged",
        it.stats(nodes["audit"]) == {"contoso": 0, "fabrikam": 0},
        it.stats(nodes["audit"]),
    )


def bounds(it: Rollout) -> None:
    """What changes between the dry run and the approved run."""
    it.reset()
    contoso = it.simulators["contoso"]
    contoso.change("ben@contoso.example", sms_sign_in=True)
    flow = it.awx.launch(it.full("enable with approval"), limit="contoso:fabrikam").json()
    approval = it.awx.approval(flow)
    contoso.change("ben@contoso.example", sms_sign_in=False)
    it.writes()
    revision = it.awx.one("projects", it.prefix)["scm_revision"]
    it.commit("Something new")
    it.awx.approve(approval)
    nodes = it.awx.nodes(it.awx.wait(flow))
    reasons = it.stats(nodes["approved"], "reason")
    it.check(
        "one user more than was approved: the tenant changes nobody",
        reasons["contoso"] == "too_many_changes" and it.enabled("contoso") == [],
        {"approved": it.stats(nodes["dry_run"]), "reasons": reasons},
    )
    it.check("and the others go on", it.enabled("fabrikam") == ["eve", "finn"], it.states("fabrikam"))
    revisions = {nodes[name]["scm_revision"] for name in ("dry_run", "approved", "audit")}
    it.check("a new commit does not change what was approved", revisions == {revision}, list(revisions))

    it.reset()
    flow = it.awx.launch(it.full("enable with approval"), limit="contoso").json()
    approval = it.awx.approval(flow)
    first = it.awx.nodes(flow)["dry_run"]["scm_revision"]
    it.check("the workflow begins with an update of the project", first != revision, [revision[:8], first[:8]])
    it.commit("Something newer")
    update = it.awx.send("POST", it.awx.one("projects", it.prefix)["related"]["update"]).json()
    it.awx.wait(it.awx.get(f"project_updates/{update['id']}/"))
    it.writes()
    it.awx.approve(approval)
    nodes = it.awx.nodes(it.awx.wait(flow))
    it.check(
        "if the project is updated after the dry run, the approved run changes nobody",
        it.stats(nodes["approved"], "reason") == {"contoso": "too_many_changes"} and it.writes()["contoso"] == 0,
        [first[:8], nodes["approved"]["scm_revision"][:8]],
    )

    it.reset()
    flow = it.awx.launch(it.full("enable with approval"), limit="contoso").json()
    it.awx.approve(it.awx.approval(flow))
    job = it.awx.nodes(it.awx.wait(flow))["approved"]
    it.reset()
    it.writes()
    again = it.awx.wait(it.awx.send("POST", job["related"]["relaunch"]).json())
    it.check(
        "a relaunch of an approved job changes nobody: an approval counts once",
        job["status"] == "successful" and again["status"] == "failed" and it.writes()["contoso"] == 0,
        [it.stats(job), it.stats(again), it.stats(again, "reason")],
    )

    it.reset()
    it.writes()
    job = it.run("enable approved", limit="contoso")
    it.check(
        "launched alone, the approved run changes nobody",
        job["status"] == "failed" and it.writes()["contoso"] == 0,
        it.stats(job, "reason"),
    )


def some_users(it: Rollout) -> None:
    it.reset()
    it.writes()
    name = it.full("some users")
    answers = {
        "sms_sign_in_users": "anna@contoso.example\n\n  dora@contoso.example  \n",
        "sms_sign_in_state": "enabled",
    }
    job = it.awx.run(name, extra_vars=answers)
    it.check(
        "some users: more than one tenant is refused",
        job["status"] == "failed" and not any(it.writes().values()),
        it.why(job, "Set the limit"),
    )
    job = it.awx.run(name, extra_vars=answers, limit="contoso")
    it.check(
        "some users: one tenant, lines with spaces", it.enabled("contoso") == ["anna", "dora"], it.states("contoso")
    )
    for missing in answers:
        given = {key: value for key, value in answers.items() if key != missing}
        answer = it.awx.launch(name, extra_vars=given, limit="contoso")
        it.check(f"some users: {missing} is required", answer.status_code == 400, answer.text)
    answer = it.awx.launch(name, extra_vars={**answers, "sms_sign_in_state": "maybe"}, limit="contoso")
    it.check("some users: another state is refused", answer.status_code == 400, answer.text)
    answer = it.awx.launch(name, extra_vars={**answers, "sms_sign_in_max_changes": 0}, limit="contoso").json()
    it.check(
        "some users: a variable outside of the survey is dropped",
        "sms_sign_in_max_changes" in answer["ignored_fields"].get("extra_vars", {}),
        answer["ignored_fields"],
    )
    it.awx.wait(answer)
    it.writes()
    for typed in ("0123", "12345"):
        job = it.awx.run(name, extra_vars={**answers, "sms_sign_in_users": typed}, limit="contoso")
        it.check(
            f"some users: the answer {typed} is no user",
            job["status"] == "failed" and not any(it.writes().values()),
            it.why(job, f"{typed}|number"),
        )
    it.reset()
    job = it.awx.run(name, extra_vars=answers, limit="contoso", job_type="check")
    it.check(
        "some users: the job type can be `check`",
        it.stats(job) == {"contoso": 2} and not any(it.writes().values()),
        it.stats(job),
    )


def retire(it: Rollout) -> None:
    it.reset()
    it.simulators["contoso"].change("anna@contoso.example", sms_sign_in=True)
    it.writes()
    name = it.full("retire")
    answer = it.awx.launch(name, extra_vars={"sms_sign_in_confirm": "yes"}, limit="contoso")
    it.check("retire: the most users to disable must be given", answer.status_code == 400, answer.text)
    job = it.awx.run(name, extra_vars={"sms_sign_in_confirm": "no", "sms_sign_in_max_changes": 5}, limit="contoso")
    it.check(
        "retire: without the confirmation it is a dry run", not any(it.writes().values()), it.stats(job, "check_mode")
    )
    job = it.awx.run(name, extra_vars={"sms_sign_in_confirm": "yes", "sms_sign_in_max_changes": 5}, limit="contoso")
    it.check(
        "retire: with it, users are disabled",
        it.enabled("contoso") == [] and it.stats(job) == {"contoso": 1},
        it.stats(job),
    )


def reports(it: Rollout) -> None:
    it.reset()
    job = it.run("enable", limit="contoso")
    report = it.lab.reports / f"contoso-{job['id']}.csv"
    it.check(
        "the report outlives the job",
        report.is_file(),
        {"file": report.name, "lines": len(report.read_text("utf-8").splitlines()) if report.is_file() else 0},
    )
    job = it.awx.run(it.full("roll back"), extra_vars={"entra_run": job["id"]}, limit="contoso")
    it.check(
        "roll back by the number of the job",
        job["status"] == "successful" and it.enabled("contoso") == [],
        it.states("contoso"),
    )
    job = it.awx.run(it.full("roll back"), extra_vars={"entra_run": job["id"] + 100_000}, limit="contoso")
    it.check("roll back of a job without a report fails", job["status"] == "failed", it.stats(job, "reason"))


def credentials(it: Rollout) -> None:
    """A tenant whose credential comes with the job: our type with blank fields, the built-in one, a survey."""
    it.reset()
    organization = it.awx.one("organizations", it.name)["id"]
    application = TENANTS["wingtip"]["apps"][0]["client_id"]
    secret, directory = SECRET.format("wingtip"), TENANTS["wingtip"]["tenant_id"]
    template = it.awx.one("job_templates", it.full("read"))
    given = {
        "our type, blank fields": (
            f"{it.name}: Entra application",
            {"tenant_id": directory, "client_id": application, "client_secret": secret},
        ),
        "the built-in type for Azure": (
            "Microsoft Azure Resource Manager",
            {"subscription": "none", "tenant": directory, "client": application, "secret": secret},
        ),
    }
    for what, (kind, inputs) in given.items():
        made = it.awx.create(
            "credentials",
            name=f"{it.name}: {what}",
            organization=organization,
            credential_type=it.awx.one("credential_types", kind)["id"],
            inputs=inputs,
        )
        it.awx.send("POST", template["related"]["credentials"], id=made["id"]).raise_for_status()
        job = it.run("read", limit="wingtip")
        it.awx.send("POST", template["related"]["credentials"], id=made["id"], disassociate=True).raise_for_status()
        it.check(
            f"credentials: {what}",
            # The excluded emergency access account is read too.
            job["status"] == "successful" and it.stats(job, "total") == {"wingtip": 2},
            it.stats(job, "total"),
        )
        shown = it.awx.output(job) + json.dumps([it.awx.all(job["related"]["job_events"]), job])
        it.check(f"credentials: {what}: the secret is nowhere", secret not in shown, len(shown))
    job = it.run("read", limit="wingtip")
    it.check("credentials: without one the tenant fails", job["status"] == "failed")
    asked = it.awx.create(
        "job_templates",
        name=it.full("secret by survey"),
        organization=organization,
        job_type="run",
        playbook="read.yml",
        project=template["project"],
        inventory=template["inventory"],
        execution_environment=template["execution_environment"],
        ask_limit_on_launch=True,
        extra_vars=json.dumps({"sms_sign_in_tenant_id": directory, "sms_sign_in_client_id": application}),
        survey_enabled=True,
    )
    question = {
        "question_name": "Secret",
        "question_description": "",
        "variable": "sms_sign_in_client_secret",
        "type": "password",
        "required": True,
        "min": 1,
        "max": 100,
        "default": "",
        "choices": "",
    }
    survey = {"name": "Secret", "description": "", "spec": [question]}
    it.awx.send("POST", asked["url"] + "survey_spec/", **survey).raise_for_status()
    job = it.awx.run(asked["name"], extra_vars={"sms_sign_in_client_secret": secret}, limit="wingtip")
    shown = it.awx.output(job) + json.dumps([it.awx.all(job["related"]["job_events"]), job])
    it.check(
        "credentials: a password as the answer of a survey",
        job["status"] == "successful" and secret not in shown,
        re.findall(r"client_secret[^,}]*", job["extra_vars"]),
    )


def cancel(it: Rollout) -> None:
    it.reset()
    fabrikam = it.simulators["fabrikam"]
    fabrikam.inject({"name": "slow", "service_time": {"per_call": 8.0}})
    job = it.awx.launch(it.full("enable"), limit="fabrikam").json()
    end = time.monotonic() + 300
    while not fabrikam.journal() and time.monotonic() < end:
        time.sleep(0.5)
    it.awx.send("POST", job["url"] + "cancel/").raise_for_status()
    job = it.awx.wait(job)
    it.check(
        "a job is cancelled in the middle",
        job["status"] == "canceled",
        f"{job['elapsed']} s, {len(fabrikam.journal())} requests",
    )
    fabrikam.inject({"name": "fast", "service_time": {"per_call": 0.0}})
    job = it.run("enable", limit="fabrikam")
    it.check(
        "run again it finishes",
        job["status"] == "successful" and it.enabled("fabrikam") == ["eve", "finn"],
        it.states("fabrikam"),
    )


def sizes(it: Rollout) -> None:
    jobs = it.awx.all("jobs/", organization__name=it.name)
    found = [
        (len(json.dumps(event["event_data"].get("res") or {})), event["task"], job["id"])
        for job in jobs
        for event in it.awx.all(f"jobs/{job['id']}/job_events/")
    ]
    it.check(
        "no result is near AWX's limit",
        found and max(found)[0] < LIMIT_OF_A_RESULT / 2,
        [len(jobs), "jobs", max(found)],
    )


def main(build: Path) -> None:
    missing = [name for name in ("AWX_LAB_TOOLS", "AWX_SRC_GIT") if not os.environ.get(name)]
    if missing:
        sys.exit(
            f"make awx needs {' and '.join(missing)}. AWX_LAB_TOOLS is a folder with the scripts setup.sh, build-ee.sh,"
            " up.sh, down.sh and env.sh that build and start AWX on this machine. They are not part of this repository."
            " AWX_SRC_GIT is the git directory of AWX's source. AWX_LAB_ROOT, if given, is where the lab is built."
        )
    start = time.monotonic()
    root = Path(os.environ.get("AWX_LAB_ROOT") or build / "awx-lab").absolute()
    lab = Lab(Path(os.environ["AWX_LAB_TOOLS"]).absolute(), os.environ["AWX_SRC_GIT"], root)
    lab.start()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="awx-")))
        simulators = {
            name: stack.enter_context(Simulator(given, ca=folder / "authority.pem")) for name, given in TENANTS.items()
        }
        it = Rollout(lab, folder, simulators, stack.enter_context(Webhook()))
        it.write_project()
        configuration(it)
        contoso, fabrikam = simulators["contoso"], simulators["fabrikam"]

        def enabled() -> None:
            for name in ("anna", "ben", "glass"):
                contoso.change(f"{name}@contoso.example", sms_sign_in=True)
            fabrikam.change("eve@fabrikam.example", sms_sign_in=True)

        print(f"== jobs with ansible-core {NEWEST}", flush=True)
        dry_runs(it)
        workflow(it, "enable", lambda: None)
        workflow(it, "disable", enabled)
        workflow(it, "retire", enabled)
        bounds(it)
        some_users(it)
        retire(it)
        reports(it)
        credentials(it)
        cancel(it)
        print(f"== jobs with ansible-core {OLDER}: what depends on it", flush=True)
        it.use_core(OLDER)
        dry_runs(it)
        workflow(it, "disable", enabled)
        some_users(it)
        it.use_core(NEWEST)
        sizes(it)
    print(f"{it.check.passed} checks passed, {it.check.failed} failed, {time.monotonic() - start:.0f} s")
    sys.exit(min(it.check.failed, 1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
