#!/bin/sh
# Makes a virtual environment with Trackside and everything its tests need: make-environment.sh DIR
set -eu
dir=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Trackside needs Python 3.11 or newer; $python is $("$python" --version 2>&1)." >&2
    echo "Name another one: make PYTHON=python3.12 ..." >&2
    exit 1
}

if [ ! -x "$dir/bin/pip" ]; then
    # Debian ships venv without ensurepip unless python3-venv is installed; virtualenv brings its own.
    "$python" -m venv "$dir" >/dev/null 2>&1 || {
        rm -rf "$dir"
        tools=$(mktemp -d)
        "$python" -m pip install --quiet --target "$tools" virtualenv
        PYTHONPATH=$tools "$python" -m virtualenv --quiet "$dir"
        rm -rf "$tools"
    }
fi

echo "Installing Trackside and its tools into $dir (a few minutes the first time) ..."
"$dir/bin/pip" install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable '.[dev]'

echo "Compiling the numeric kernels (once, about a minute) ..."
trial=$(mktemp -d)
"$dir/bin/trackside" demo --duration 12 --output "$trial" >/dev/null
rm -rf "$trial"
