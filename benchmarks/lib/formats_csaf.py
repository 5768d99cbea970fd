"""Reading CSAF advisories, and writing them: seconds against the limit of a minute.

The advisories are the third-party documents that TOCSIN_CORPUS points to, 34 times over.
"""

import os
import time
from pathlib import Path

from tocsin.formats.csaf import read_csaf
from tocsin.formats.csaf_writing import csaf_text, write_csaf
from tocsin.formats.notice_file import parse_json, read_notice_text

COPIES, QUICK_COPIES = 34, 2
LIMIT_S = 60.0


def measure(quick: bool) -> dict[str, float | int | str]:  # noqa: FBT001
    """Return how long it took to read the advisories, and to write them again.

    The limit is for the full number of copies; a quick run is held to its share of it.
    """
    corpus = Path(os.environ.get("TOCSIN_CORPUS", ""))
    paths = sorted((corpus / "csaf" / "icsma").glob("*.json"))
    if not paths:
        return {"skipped": "no advisories: TOCSIN_CORPUS points to no folder with csaf/icsma"}
    copies = QUICK_COPIES if quick else COPIES
    started = time.perf_counter()
    n_bytes = n_entries = 0
    notices = []
    for copy in range(copies):
        for path in paths:
            text = read_notice_text(path)
            notice = read_csaf(parse_json(text, path), path)
            n_bytes += len(text)
            n_entries += len(notice.scope)
            if copy == 0:
                notices.append(notice)
    read_s = time.perf_counter() - started
    started = time.perf_counter()
    for notice in notices:
        csaf_text(write_csaf(notice))
    write_s = time.perf_counter() - started
    limit_s = LIMIT_S * copies / COPIES
    return {
        "n_advisories": copies * len(paths),
        "n_entries": n_entries,
        "megabytes": round(n_bytes / 1e6, 1),
        "read_s": round(read_s, 2),
        "limit_s": round(limit_s, 2),
        "share_of_limit": round(read_s / limit_s, 3),
        "write_ms_per_notice": round(1000 * write_s / len(notices), 2),
    }
