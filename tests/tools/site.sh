#!/bin/sh
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# site.sh FOLDER [BUILDER]: puts the pages together in FOLDER/pages and builds the site in FOLDER/html, or runs another
# builder of Sphinx, such as linkcheck. Warnings are errors.
set -eu
umask 077 # antsibull-docs refuses folders that others may write to

pages="$1/pages"
builder="${2:-html}"
rm -rf "$pages" "$1/$builder"
mkdir -p "$1"
cp -R docs "$pages"
mkdir "$pages/collection"
cp README.md "$pages/readme.md"
cp CHANGELOG.md "$pages/changelog.md"
cp CONTRIBUTING.md "$pages/contributing.md"
cp roles/sms_sign_in/README.md "$pages/role.md"
cp tests/graph_simulator/README.md "$pages/simulator.md"
antsibull-docs collection --use-current --squash-hierarchy --fail-on-error --dest-dir "$pages/collection" frontline.entra
exec sphinx-build --quiet --fail-on-warning --keep-going --fresh-env -b "$builder" "$pages" "$1/$builder"
