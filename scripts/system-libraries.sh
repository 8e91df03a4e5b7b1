#!/bin/sh
# Installs the system libraries that windows and headless tests need, where apt may; otherwise says
# which are missing and what that costs. Never fails: everything but windows works without them.
set -u

windows="libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libxcb-cursor0
    libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
headless="xvfb libgl1-mesa-dri chromium postgresql"

command -v dpkg-query >/dev/null 2>&1 || {
    echo "Not a Debian system: see that Qt's X11 libraries, Mesa and Xvfb are there for window tests."
    exit 0
}

missing() {
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
            printf '%s ' "$package"
    done
}

# word splitting is meant: these are lists
# shellcheck disable=SC2086
needed=$(missing $windows $headless)
[ -n "$needed" ] || exit 0

apt=
if [ "$(id -u)" = 0 ]; then
    apt="apt-get"
elif sudo -n true 2>/dev/null; then
    apt="sudo -n apt-get"
fi
if [ -n "$apt" ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing system libraries: $needed"
    # shellcheck disable=SC2086
    { $apt update && DEBIAN_FRONTEND=noninteractive $apt install -y --no-install-recommends $needed; } \
        >/dev/null 2>&1
    # shellcheck disable=SC2086
    needed=$(missing $windows $headless)
fi
if [ -n "$needed" ]; then
    echo "Missing system libraries: $needed"
    echo "Without Qt's libraries the windows do not open; without xvfb, chromium or postgresql the tests"
    echo "that need them are skipped. All else works."
    echo "To install them: sudo apt-get install $needed"
fi
exit 0
