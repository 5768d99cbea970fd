#!/bin/sh
# Install the system packages that tests need and that pip cannot bring: PostgreSQL's server, a
# browser, what looks into a PDF, and fonts for more scripts. Without rights to do so, say what to
# install; the tests that need it are then skipped.
set -u
packages=""
set -- /usr/lib/postgresql/*/bin/initdb
[ -x "$1" ] || command -v initdb >/dev/null || packages="postgresql"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || packages="$packages chromium"
command -v pdftoppm >/dev/null || packages="$packages poppler-utils"
[ -d /usr/share/fonts/truetype/noto ] || packages="$packages fonts-noto-core"
[ -d /usr/share/fonts/truetype/takao-gothic ] || packages="$packages fonts-takao-gothic"
command -v postfix >/dev/null || [ -x /usr/sbin/postfix ] || packages="$packages postfix"
[ -n "$packages" ] || exit 0

say() { echo "$1" >&2; }
missing="Some tests need more: apt install $packages. Without it they are skipped."
command -v apt-get >/dev/null || { say "$missing"; exit 0; }
as_root=""
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || { say "$missing"; exit 0; }
    as_root="sudo -n"
fi
say "Installing for the tests: $packages ..."
install="$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $packages"
$install >/dev/null 2>&1 || { $as_root apt-get update -qq >/dev/null 2>&1 && $install >/dev/null; } || say "$missing"
exit 0
