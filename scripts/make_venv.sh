#!/bin/sh
# Make a virtual environment: make_venv.sh FOLDER. PYTHON=... names the Python to use.
# Debian and Ubuntu leave ensurepip out of python3; what then can be done is tried in turn.
set -eu

venv=$1
oldest="3.11"

is_new_enough() { # a pyenv shim exists for versions that do not run: so it is called
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

has_ensurepip() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

find_python() { # the first that can make an environment by itself, else the first that runs
    fallback=
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        is_new_enough "$candidate" || continue
        if has_ensurepip "$candidate"; then
            echo "$candidate"
            return
        fi
        fallback=${fallback:-$candidate}
    done
    echo "$fallback"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        sudo "$@"
    else
        return 1
    fi
}

install_ensurepip() {
    command -v apt-get >/dev/null || return 1
    echo "This Python cannot make virtual environments: installing $package with apt-get ..."
    as_root apt-get install -y -qq "$package" >/dev/null 2>&1 && return
    as_root apt-get update -qq && as_root apt-get install -y -qq "$package" >/dev/null
}

is_usable() {
    [ -x "$venv/bin/python" ] && is_new_enough "$venv/bin/python" &&
        "$venv/bin/python" -m pip --version >/dev/null 2>&1
}

try() { # run a way to make the environment; it counts only if a usable one is left
    rm -rf "$venv"
    "$@" && is_usable
}

without_ensurepip() { # pip of the Python outside puts one inside; since pip 22.3
    "$python" -m pip --version >/dev/null 2>&1 && "$python" -m venv --without-pip "$venv" &&
        "$python" -m pip --python "$venv/bin/python" install --quiet pip
}

! is_usable || exit 0

python=$(find_python)
if [ -z "$python" ]; then
    echo "Tocsin needs Python $oldest or newer; found: ${PYTHON:-$(python3 -V 2>&1 || true)}." \
        "Install python3 (on Debian 12 or Ubuntu 24.04: apt-get install python3 python3-venv)," \
        "or name one: make setup PYTHON=/path/to/python3.12" >&2
    exit 1
fi
package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"

echo "Making $venv with $("$python" -V) ..."
if has_ensurepip "$python" && try "$python" -m venv "$venv"; then exit 0; fi
if command -v uv >/dev/null && try uv venv --quiet --seed --python "$python" "$venv"; then exit 0; fi
if command -v virtualenv >/dev/null && try virtualenv --quiet --python "$python" "$venv"; then exit 0; fi
if install_ensurepip && try "$python" -m venv "$venv"; then exit 0; fi
if try without_ensurepip; then exit 0; fi
rm -rf "$venv"
echo "No virtual environment could be made: $python lacks ensurepip, and $package could not be" \
    "installed. Ask for 'apt-get install $package', or install uv or virtualenv, and call make again." >&2
exit 1
