"""`tocsin worker` with small steps, so that it can be killed between many.

Run as a process: `python -m tests.services.importing_worker DATABASE_URL HOME`.
"""

import os
import sys

if __name__ == "__main__":
    os.environ["DATABASE_URL"], os.environ["TOCSIN_HOME"] = sys.argv[1:3]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.store.settings"
    import django

    django.setup()
    import tocsin.compute.staged_import
    import tocsin.compute.stored_keying
    import tocsin.services.holder_import
    from tocsin.worker.command import worker

    tocsin.compute.staged_import._ROWS_PER_FILE = 50
    tocsin.compute.stored_keying.BATCH_ROWS = 50
    tocsin.services.holder_import.AT_ONCE = 20
    worker(["--once"])
