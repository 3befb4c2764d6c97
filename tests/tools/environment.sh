#!/bin/sh
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# environment.sh FOLDER FILE...: an up-to-date virtual environment in FOLDER with the requirements in the FILEs.
# $PY names the interpreter; without it a working environment keeps its own.
set -eu

# A pyenv shim may stand for a Python that is not there, and a virtual environment may be the one to be replaced:
# each candidate is asked for the interpreter behind it.
ask='
import sys
if sys.version_info < (3, 11):
    sys.exit("is Python %d.%d; 3.11 or newer is needed" % sys.version_info[:2])
try:
    import ensurepip, venv
except ImportError:
    sys.exit("cannot make virtual environments; please install its package python3-venv")
print(sys._base_executable)
'
if [ -n "${PY:-}" ]; then
  set -- "$PY" -- "$@"
else
  set -- "$1/bin/python" python3.13 python3.12 python3.11 python3 -- "$@"
fi
found=
problems=
while [ "$1" != -- ]; do
  if [ -n "$found" ] || ! command -v "$1" >/dev/null; then
    :
  elif answer=$("$1" -c "$ask" 2>&1); then
    found=$answer
  else
    problems="$problems  $1 $(echo "$answer" | head -n 1)
"
  fi
  shift
done
shift
if [ -z "$found" ]; then
  printf 'No Python to work with. Please install Python 3.11 or newer with venv, or name it: make PY=/path/to/python3\n%s' \
    "${problems:-${PY:+  $PY was not found
}}" >&2
  exit 1
fi

exec "$found" "$(dirname "$0")/environment.py" "$@"
