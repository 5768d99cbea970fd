"""A worker with small steps, so that it can be killed between many."""


def take_small_steps() -> None:
    import tocsin.compute.staged_import
    import tocsin.compute.stored_keying
    import tocsin.services.holder_import

    tocsin.compute.staged_import._ROWS_PER_FILE = 50
    tocsin.compute.stored_keying.BATCH_ROWS = 50
    tocsin.services.holder_import.AT_ONCE = 20
