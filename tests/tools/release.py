# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""release.py FOLDER: checks the release that the last commit would be, in FOLDER and in the environment that runs this.

Clones the repository, compares tag, versions and changelog, builds the tarball, compares its files with CONTENTS,
installs it into an empty folder, and runs from there the demo and the simulator. Each step prints what it saw.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CONTENTS = (
    "MANIFEST.json",
    "FILES.json",
    "README.md",
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "SECURITY.md",
    "COPYING",
    "LICENSES/*.txt",
    "bindep.txt",
    "changelogs/changelog.yaml",
    "docs/**/*.md",
    "docs/*.png",
    "docs/*.svg",
    "execution-environment.yml",
    "meta/*.yml",
    "playbooks/*.yml",
    "playbooks/files/*.py",
    "playbooks/tasks/*.yml",
    "playbooks/templates/**/*.j2",
    "playbooks/vars/*.yml",
    "plugins/**/*.py",
    "requirements.txt",
    "roles/sms_sign_in/README.md",
    "roles/sms_sign_in/meta/*.yml",
    "roles/sms_sign_in/tasks/*.yml",
    "roles/sms_sign_in/templates/*.j2",
    # ansible-test and the certification read it.
    "tests/config.yml",
    # `make simulator`
    "Makefile",
    "requirements/simulator.txt",
    "tests/graph_simulator/**/*.py",
    "tests/graph_simulator/README.md",
    "tests/graph_simulator/scenarios/*.yml",
    "tests/tools/environment.py",
    "tests/tools/environment.sh",
)
"""What users get. A file that no pattern names is an error, and so is a pattern without a file."""

OURS = re.compile(r"ANSIBLE|PYTHON|MAKE|MFLAGS|BUILD$|ARGS$")
"""The variables of the Makefile and of this machine, which users do not have."""

LARGEST = 2_000_000
"""Bytes of the tarball. Galaxy takes ten times as much, but nothing in it is large."""

TENANT = """
tenant_id: 11111111-2222-3333-4444-555555555555
domain: contoso.example
users:
  - {name: anna@contoso.example, mobile: "+1 2065550101"}
"""


def expect(truth: object, sentence: str) -> None:
    if not truth:
        sys.exit(f"FAILED: {sentence}")


def passed(sentence: str) -> None:
    print(f"ok: {sentence}", flush=True)


def git(*words: str) -> str:
    return subprocess.run(["git", *words], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


class Release:
    """The release in `folder`, and commands of a user who has nothing but Ansible and what is installed there."""

    def __init__(self, folder: Path) -> None:
        self._clone = folder / "clone"
        self._dist = folder / "dist"
        self._collections = folder / "collections"
        self._work = folder / "work"
        # It keeps the environment of the simulator for the next time.
        self._home = folder / "home"
        for place in (self._clone, self._dist, self._collections, self._work):
            shutil.rmtree(place, ignore_errors=True)
        for place in (self._work, self._home):
            place.mkdir(parents=True, exist_ok=True)
        self._installed = self._collections / "ansible_collections" / "frontline" / "entra"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not OURS.match(name)},
            "HOME": str(self._home),
            "ANSIBLE_COLLECTIONS_PATH": str(self._collections),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *words: str | Path, **more: str) -> str:
        """The output of a command that must succeed, in an empty folder; `more` are variables."""
        done = subprocess.run(
            words,
            cwd=self._work,
            env={**self._environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        expect(done.returncode == 0, f"{' '.join(map(str, words))}\n{done.stdout}")
        return done.stdout

    def clone(self, repository: Path) -> None:
        changes = len(git("-C", str(repository), "status", "--porcelain").splitlines())
        left_out = f"; {changes} uncommitted changes are not in it" if changes else ""
        git("clone", "--quiet", str(repository), str(self._clone))
        passed(f"cloned {git('-C', str(self._clone), 'log', '-1', '--format=%h %s')}{left_out}")

    def compare_versions(self) -> str:
        """The version that the files agree on, and the tag of the commit, if there is one."""

        def read(name: str) -> Any:
            return yaml.safe_load((self._clone / name).read_text("utf-8"))

        version: str = read("galaxy.yml")["version"]
        newest = next(reversed(sorted(read("changelogs/changelog.yaml")["releases"], key=numbers)), None)
        code = (self._clone / "plugins/module_utils/_version.py").read_text("utf-8")
        expect(f'\nVERSION = "{version}"\n' in code, f"_version.py has another version than galaxy.yml, {version}")
        expect(newest == version, f"changelog.yaml ends with {newest}, galaxy.yml has {version}")
        waiting = [file.name for file in (self._clone / "changelogs/fragments").glob("*.y*ml")]
        expect(not waiting, f"the changelog lacks {', '.join(waiting)}: run antsibull-changelog release")
        for file, added in self._added():
            expect(numbers(added) <= numbers(version), f"{file} is of version {added}, later than {version}")
        tags = git("-C", str(self._clone), "tag", "--points-at", "HEAD").splitlines()
        expect(tags in ([], [version]), f"the tag must be {version}, not {', '.join(tags)}")
        passed(f"version {version} in galaxy.yml, the code and the changelog; tag: {', '.join(tags) or 'none yet'}")
        return version

    def _added(self) -> Iterator[tuple[str, str]]:
        """Each version_added with its file."""
        for folder in ("plugins", "roles"):
            for file in sorted((self._clone / folder).rglob("*.*")):
                if file.suffix in (".py", ".yml"):
                    for added in re.findall(r"^ *version_added: (\S+)$", file.read_text("utf-8"), re.MULTILINE):
                        yield str(file.relative_to(self._clone)), added

    def compare_changelog(self) -> None:
        file = self._clone / "CHANGELOG.md"
        written = file.read_text("utf-8")
        subprocess.run(["antsibull-changelog", "generate"], cwd=self._clone, env=self._environment, check=True)
        expect(file.read_text("utf-8") == written, "CHANGELOG.md is not what changelog.yaml says")
        passed("CHANGELOG.md is what changelogs/changelog.yaml says")

    def build(self, version: str) -> Path:
        self.run("ansible-galaxy", "collection", "build", "--output-path", self._dist, self._clone)
        (tarball,) = self._dist.iterdir()
        expect(tarball.name == f"frontline-entra-{version}.tar.gz", f"the tarball is {tarball.name}")
        size = tarball.stat().st_size
        expect(size <= LARGEST, f"the tarball has {size:,} bytes")
        passed(f"built {tarball}, {size:,} bytes")
        return tarball

    def install(self, tarball: Path) -> None:
        self.run("ansible-galaxy", "collection", "install", "--offline", "-p", self._collections, tarball)
        passed(f"installed into an empty folder; {self.verified()}")

    def verified(self) -> str:
        command = ("ansible-galaxy", "collection", "verify", "--offline", "-p", self._collections, "frontline.entra")
        return self.run(*command).splitlines()[-1]

    def compare_contents(self, tarball: Path) -> None:
        with tarfile.open(tarball) as archive:
            files = {member.name for member in archive if not member.isdir()}
        expected: set[str] = set()
        for pattern in CONTENTS:
            found = {file.relative_to(self._installed).as_posix() for file in self._installed.glob(pattern)}
            expect(found & files, f"the tarball lacks {pattern}")
            print(f"    {len(found & files):4}  {pattern}")
            expected |= found
        unexpected = ", ".join(sorted(files - expected))
        expect(not unexpected, f"users do not need {unexpected}; see CONTENTS and build_ignore in galaxy.yml")
        passed(f"the tarball has {len(files)} files, all of them are for users")

    def document(self) -> None:
        for kind in ("module", "role", "lookup"):
            listed = json.loads(self.run("ansible-doc", "--json", "--list", "--type", kind, "frontline.entra"))
            expect(listed, f"ansible-doc finds no {kind}")
            for name in listed:
                expect(self.run("ansible-doc", "--type", kind, name).strip(), f"ansible-doc says nothing about {name}")
            passed(f"ansible-doc shows {', '.join(listed)}")

    def demonstrate(self) -> None:
        """The demo is not installed, but all that it runs is. Whatever has a full name must need these folders only."""
        demo = shutil.copytree(self._clone / "tests/demo", self._work / "demo")
        least = self._work / "least"
        for name in ("meta", "playbooks", "plugins", "roles"):
            shutil.copytree(self._installed / name, least / "ansible_collections/frontline/entra" / name)
        variables = {"PYTHONPATH": str(self._installed / "tests"), "ANSIBLE_COLLECTIONS_PATH": str(least)}
        output = self.run(sys.executable, demo / "run.py", **variables)
        print("    " + "\n    ".join(output.splitlines()[-7:]))
        passed("the demo ran with the installed simulator and with meta, playbooks, plugins and roles alone")

    def simulate(self) -> None:
        """The command of the rehearsal guide, on a machine without git."""
        (self._work / "tenant.yml").write_text(TENANT, encoding="utf-8")
        stand_in = self._work / "bin" / "git"
        stand_in.parent.mkdir()
        stand_in.write_text(f"#!/bin/sh\ntouch {self._work}/git-was-called\nexit 1\n", encoding="utf-8")
        stand_in.chmod(0o755)
        ports = "--port 0 --login-port 0 --control-port 0"
        words = ["make", "-C", str(self._installed), "simulator", "TENANT=tenant.yml", f"ARGS={ports}"]
        path = f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**self._environment, "PATH": path, "PWD": str(self._work)}
        with subprocess.Popen(
            words, cwd=self._work, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            assert process.stdout
            ready = next((line for line in process.stdout if line.startswith("{")), "")
            if ready:
                os.killpg(process.pid, signal.SIGINT)
        expect(ready, f"{' '.join(words)} does not start")
        expect((self._work / "ca.pem").is_file(), "ca.pem is not in the folder where make was called")
        expect(not (self._work / "git-was-called").exists(), "the simulator needs git")
        passed(f"make {' '.join(words[3:5])} ran without git; {self.verified()}")


def numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def main(folder: Path) -> None:
    release = Release(folder.absolute())
    release.clone(Path.cwd())
    version = release.compare_versions()
    release.compare_changelog()
    tarball = release.build(version)
    release.install(tarball)
    release.compare_contents(tarball)
    release.document()
    release.demonstrate()
    release.simulate()
    print(f"{tarball} can be published.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
