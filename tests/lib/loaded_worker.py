"""What workers and senders are forked from: a process that has loaded all that they import.

It has opened no database. Imported by the fork server, before the first of them (see
`tests.lib.forked`).
"""

import gc
import os

LEASE_S = "0.5"

if os.environ.get("TOCSIN_LEASE_S") == LEASE_S:  # in the fork server, not in the tests' own process
    import django

    django.setup()
    from django.db.backends.postgresql.base import DatabaseWrapper
    from django.db.migrations.loader import MigrationLoader

    from tests.lib.databases import point_to
    from tocsin.worker.command import worker
    from tocsin.worker.loop import Worker
    from tocsin.worker.sender_loop import SenderLoop

    MigrationLoader(None)
    assert DatabaseWrapper
    assert point_to
    assert Worker
    assert worker
    assert SenderLoop
    gc.collect()
    gc.freeze()  # else each child copies what it only looks through
