"""Takes an anchor of an installation's trail. Run as: `python -m tests.backup.anchor`."""

from datetime import UTC, datetime

if __name__ == "__main__":
    from tocsin.services.installation import open_installation

    open_installation()
    from tocsin.services.restored import take_anchor
    from tocsin.store.home import find_home

    take_anchor(find_home(), datetime.now(tz=UTC))
