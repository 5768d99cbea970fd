"""`python -m tocsin.worker.demo_mailbox PORT`: the mail server beside `tocsin serve --demo`.

It listens on this machine, delivers nothing, and puts what it takes into the mailbox that a page
of the demonstration shows.
"""

import signal
import sys
import threading


def main(port: int) -> None:
    """Take mail on a port until the process is told to end. Only in the demonstration."""
    from tocsin.services.installation import open_installation  # noqa: PLC0415 - needs Django

    open_installation()
    from tocsin.delivery.local_mailbox import local_mailbox  # noqa: PLC0415 - after it is open
    from tocsin.services.demo_mail import keep_mail  # noqa: PLC0415
    from tocsin.services.demo_only import check_demo  # noqa: PLC0415

    check_demo()
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    with local_mailbox(port, lambda mail: keep_mail(mail.content)):
        ended.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
