"""A real Postfix of our own: configuration, queue and log in a temporary folder, on a free port.

It delivers mail for ``recipient.example`` whose address begins with ``good`` and everything for
``sender.example`` into Maildirs; all other mail it accepts and then bounces.
"""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SECONDS_TO_START = 20
_OWNER = "nobody"
_HOLD = "check_client_access static:HOLD"


class NoPostfix(RuntimeError):
    """There is no Postfix on this machine, or we may not run it."""


@dataclass(frozen=True)
class Postfix:
    """A running Postfix."""

    folder: Path
    port: int

    @property
    def log(self) -> str:
        """Return what it has logged so far."""
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def mails(self, box: str) -> list[bytes]:
        """Return the mails in a box: ``good`` or ``bounces``."""
        found = sorted((self.folder / "boxes" / box / "new").glob("*"))
        return [path.read_bytes() for path in found]


@contextmanager
def running_postfix(folder: Path, *, delivers: bool = True) -> Iterator[Postfix]:
    """Run a Postfix in an empty folder; nothing of it outlives the block.

    Args:
        folder: where it lies.
        delivers: whether it delivers what it took; if not, it keeps that in its queue on hold.

    Raises:
        NoPostfix: if it is not installed, or we are not root, as its master must be.
    """
    program = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or os.geteuid() != 0:
        raise NoPostfix("Postfix is not installed, or we are not root: apt install postfix.")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Postfix(folder, port)
    _configure(made, {} if delivers else {"smtpd_client_restrictions": _HOLD})
    command = [program, "-c", str(folder / "etc")]
    subprocess.run([*command, "start"], check=True, capture_output=True)
    try:
        _wait(made)
        yield made
    finally:
        subprocess.run([*command, "abort"], check=False, capture_output=True)


def _configure(made: Postfix, more: Mapping[str, str]) -> None:
    folder = made.folder
    folder.chmod(0o755)
    for name in ("etc", "queue", "data", "boxes"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "boxes", _OWNER)
    ids = pwd.getpwnam(_OWNER)
    (folder / "etc" / "boxes").write_text(
        "/^good.*@recipient\\.example$/ good/\n/@sender\\.example$/ bounces/\n"
    )
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "mail_owner": "postfix",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "myhostname": "relay.example",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "smtpd_reject_unlisted_recipient": "no",
        "virtual_mailbox_domains": "recipient.example, sender.example",
        "virtual_mailbox_base": folder / "boxes",
        "virtual_mailbox_maps": f"regexp:{folder / 'etc' / 'boxes'}",
        "virtual_uid_maps": f"static:{ids.pw_uid}",
        "virtual_gid_maps": f"static:{ids.pw_gid}",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": f"/var, /dev/stdout, {folder}",
        "default_transport": "error:no mail leaves a test",
        "relay_transport": "error:no mail leaves a test",
        "alias_maps": "",
        "in_flow_delay": "0",
        **more,
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    (folder / "etc" / "main.cf").write_text("\n".join(lines) + "\n")
    (folder / "etc" / "master.cf").write_text(_MASTER.format(port=made.port))


_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
error     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
showq     unix  n - n - - showq
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""


def _wait(made: Postfix) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", made.port), 1) as opened:
                if opened.recv(200).startswith(b"220"):
                    return
        except OSError:
            time.sleep(0.1)
    raise NoPostfix(f"Postfix did not start: {made.log[-2000:]}")
