#!/bin/sh
# Install the system packages that tests need and that pip cannot bring: PostgreSQL's server.
# Without rights to do so, say what to install; the tests of that database are then skipped.
set -u
for place in /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$place" ] && exit 0
done
command -v initdb >/dev/null && exit 0

say() { echo "$1" >&2; }
missing="Tests on PostgreSQL need its server: apt install postgresql. Without it they are skipped."
command -v apt-get >/dev/null || { say "$missing"; exit 0; }
as_root=""
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || { say "$missing"; exit 0; }
    as_root="sudo -n"
fi
say "Installing PostgreSQL for the tests ..."
install="$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql"
$install >/dev/null 2>&1 || { $as_root apt-get update -qq >/dev/null 2>&1 && $install >/dev/null; } || say "$missing"
exit 0
