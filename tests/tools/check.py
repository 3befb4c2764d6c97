# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""check.py [NAME...]: runs the project's checks, in the copy of the collection that tree.py makes.

A NAME is a group of CHECKS; without one, all but `links`, which needs a network, run in the order of STAGES. A check
passes when its command succeeds and its output shows that it checked something: several tools succeed when they
find nothing to do. At the end a table has the duration of each check.
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

COLLECTION = Path.cwd()
TREE = COLLECTION.parents[2]
BUILD = TREE.parent
DIST = BUILD / "dist"
SITE = BUILD / "site"
# ansible-test keeps its environments in the home folder, where two runs at once would disturb each other.
HOME = BUILD / "home"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
ANSIBLE_TEST = f"HOME={HOME} ansible-test {{}} --local --color no --python {PYTHON}"
SANITY = ANSIBLE_TEST.format("sanity --requirements")
ANSIBLE_LINT = "ansible-lint --offline --profile production"

# Output of tools that found nothing to do, or that left out a test because of a missing requirement.
IDLE = r"All targets skipped|No Python files found|no tests ran|collected 0 items|[1-9]\d* skipped"


class Check(NamedTuple):
    """A shell command. `evidence` matches output of real work only; `never` matches output that must not appear."""

    group: str
    name: str
    command: str
    evidence: str
    never: str = IDLE


PROCESSES = 4
"""Tests at a time, twice as many as cores: some mostly wait. More make each slower, and tests look at the clock."""

PYTEST = f"python -m pytest -q -n {PROCESSES} --dist worksteal"

UNITS = ["tests/unit/plugins/modules/", "tests/unit/plugins/action/", "tests/unit/plugins/lookup/"]
"""What ansible-test runs of the unit tests. It collects all of them, so each can be imported under its loader; as it
starts a process for each test, and pytest runs all of them anyway, it runs those that depend on Ansible itself."""

STAGES = (
    (("lint", "doclint", "importer", "docs", "coverage"), ("sanity", "integration")),
    (("simulated",),),
    (("links",),),
)
"""Quick groups come first. In a stage, lines of groups run in parallel, the checks of a line one after the other.
Two of ansible-test at once would disturb each other; tests that look at the clock have the machine for themselves."""

CHECKS = [
    Check("lint", "ruff", "ruff check .", r"All checks passed!"),
    Check("lint", "yamllint", "yamllint --strict --list-files . && yamllint --strict .", r"galaxy\.yml"),
    Check(
        "lint",
        "mypy",
        f"MYPYPATH={TREE}:{COLLECTION}/tests mypy -p ansible_collections.frontline.entra.plugins -p graph_simulator",
        r"Success: no issues found in [1-9]\d* source files",
    ),
    Check("lint", "reuse", "reuse lint", r"Files with license information: .*"),
    Check(
        "lint",
        "ansible-lint",
        ANSIBLE_LINT,
        r"Passed: 0 failure\(s\), 0 warning\(s\) in [1-9]\d* files",
    ),
    Check(
        "sanity",
        "ansible-test sanity",
        SANITY,
        r'Running sanity test "validate-modules"',
    ),
    Check(
        "sanity",
        "ansible-test units",
        # A line that begins with < names a test.
        f"set -o pipefail && {ANSIBLE_TEST.format('units')} --collect-only | grep -v '^ *<'"
        f" && {ANSIBLE_TEST.format('units')} {' '.join(UNITS)}",
        r"[1-9]\d* (tests collected|passed).* in .*s",
    ),
    # Coverage makes tests half as slow again. The unit tests alone reach it.
    Check(
        "coverage",
        "unit tests",
        f"coverage erase && {PYTEST} tests/unit --cov --cov-report= --cov-fail-under=0 && coverage report",
        r"[1-9]\d* passed.* in [\d.]+s|TOTAL .*",
    ),
    Check(
        "simulated",
        "tests with the simulator",
        f"{PYTEST} tests/integration",
        r"[1-9]\d* passed.* in [\d.]+s|\d+ bodies were compared.*",
    ),
    Check("integration", "ansible-test integration", ANSIBLE_TEST.format("integration"), r"testhost +: ok=[1-9].*"),
    Check(
        "doclint",
        "antsibull-docs",
        "antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all ."
        " && ansible-doc --list --type module frontline.entra",
        r"frontline\.entra\.\w+",
    ),
    Check(
        "doclint",
        "antsibull-changelog",
        "antsibull-changelog lint && antsibull-changelog lint-changelog-yaml changelogs/changelog.yaml"
        " && ls changelogs/changelog.yaml",
        r"changelog\.yaml",
    ),
    Check(
        "importer",
        "galaxy-importer",
        f"rm -rf {DIST} && ansible-galaxy collection build --output-path {DIST} && cd {DIST}"
        f" && PATH={BUILD}/venv-importer/bin:$PATH python -m galaxy_importer.main *.tar.gz",
        r"Importer processing completed successfully",
        never=r"(WARNING|ERROR): .*",
    ),
    Check(
        "docs",
        "documentation site",
        f"PATH={BUILD}/venv-docs/bin:$PATH sh tests/tools/site.sh {SITE} && ls {SITE}/html/index.html",
        r"/.*/index\.html",
    ),
    Check(
        "links",
        "links to other sites",
        f"PATH={BUILD}/venv-docs/bin:$PATH sh tests/tools/site.sh {SITE} linkcheck && ls {SITE}/linkcheck/output.txt",
        r"/.*/output\.txt",
    ),
]


def prepare_ansible_test() -> None:
    """Puts the files that ansible-test needs into its home: the settings of pip, and the script that bootstraps pip.

    It removes pip's variables, and would download the script although Python includes pip. The versions
    in the names are those that ansible-core 2.16 to 2.21 request.
    """
    settings = configparser.RawConfigParser()
    settings.read_dict({"global": {"quiet": "2"}})
    listing = subprocess.run(["pip", "config", "list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    for name, value in re.findall(r"^(?:global|:env:)\.([\w-]+)=(.*)$", listing, re.MULTILINE):
        settings.read_dict({"global": {name: ast.literal_eval(value)}})
    file = HOME / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # an index may be named with its password
    with file.open("w", encoding="utf-8") as stream:
        settings.write(stream)

    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in ("23_1_2", "24_2", "25_2"):
        script = cache / f"get_pip_{version}.py"
        if not script.exists():
            script.write_text("import ensurepip\n\nensurepip.bootstrap(default_pip=True)\n", encoding="utf-8")


class Result(NamedTuple):
    """The result of a check, and its duration in seconds."""

    name: str
    passed: bool
    seconds: float


def run(check: Check) -> Result:
    """Runs a check; prints the evidence of its work, or all its output when it fails."""
    print(f"running {check.name} ...", flush=True)
    start = time.monotonic()
    process = subprocess.run(
        ["bash", "-c", check.command],
        env={**os.environ, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - start
    evidence = [match[0] for match in re.finditer(check.evidence, process.stdout)]
    unwanted = re.search(check.never, process.stdout)
    passed = process.returncode == 0 and bool(evidence) and not unwanted
    lines = ["", f"== {check.name}"]
    if passed:
        lines += evidence[-3:]
    else:
        lines.append(process.stdout)
        if unwanted:
            lines.append(f"This must not appear: {unwanted[0]}")
        elif process.returncode == 0:
            lines.append(f"This does not appear: {check.evidence}")
    lines.append(f"{'passed' if passed else 'FAILED'} after {seconds:.1f} s\n")
    # In one piece: others print at the same time.
    print("\n".join(lines), flush=True)
    return Result(check.name, passed, seconds)


def run_lane(checks: Sequence[Check]) -> list[Result]:
    return [run(check) for check in checks]


def main(groups: Sequence[str]) -> None:
    start = time.monotonic()
    prepare_ansible_test()
    groups = groups or [check.group for check in CHECKS if check.group != "links"]
    results: list[Result] = []
    for stage in STAGES:
        lanes = [[check for check in CHECKS if check.group in lane and check.group in groups] for lane in stage]
        with ThreadPoolExecutor(len(lanes)) as pool:
            results += [result for lane in pool.map(run_lane, lanes) for result in lane]
    report(results, start)


def report(results: Sequence[Result], start: float) -> None:
    """Prints a table of the results, and ends with an error unless all passed."""
    for result in results:
        print(f"{result.seconds:7.1f} s  {'passed' if result.passed else 'FAILED'}  {result.name}")
    failed = [result.name for result in results if not result.passed]
    seconds = f"in {time.monotonic() - start:.0f} s"
    if failed or not results:
        sys.exit(f"{len(failed)} of {len(results)} checks failed {seconds}: {', '.join(failed)}")
    print(f"Everything passed {seconds}.")


if __name__ == "__main__":
    main(sys.argv[1:])
