"""Takes an anchor of an installation's trail. Run as: `python -m tests.backup.anchor`."""

from datetime import UTC, datetime

if __name__ == "__main__":
    from tocsin.services.installation import open_installation

    open_installation()
    from tocsin.services.anchoring import anchor_trail

    anchor_trail(datetime.now(tz=UTC))
