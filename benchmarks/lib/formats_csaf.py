"""Reading CSAF advisories, and writing them: seconds against the limit of a minute.

The advisories are the third-party documents that TOCSIN_CORPUS points to, 34 times over.
"""

import os
import time
from pathlib import Path

from benchmarks.lib.part import Part
from tocsin.formats.csaf.reading import read_csaf
from tocsin.formats.csaf.writing import csaf_text, write_csaf
from tocsin.formats.notice_file import parse_json, read_notice_text

COPIES, QUICK_COPIES = 34, 2
LIMIT_S = 60.0


def measure(*, quick: bool) -> Part | None:
    """Return how long it took to read the advisories, and to write them again; None without them.

    The limit is for the full number of copies; a quick run is held to its share of it.
    """
    corpus = Path(os.environ.get("TOCSIN_CORPUS", ""))
    paths = sorted((corpus / "csaf" / "icsma").glob("*.json"))
    if not paths:
        return None
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
    ratios = {"reading / limit": read_s / limit_s}
    return Part(
        sizes={
            "advisories": copies * len(paths),
            "entries": n_entries,
            "megabytes": round(n_bytes / 1e6),
        },
        seconds={
            "reading": read_s,
            "limit for as many": limit_s,
            "writing, per thousand": 1000 * write_s / len(notices),
        },
        ratios=ratios,
        bars=dict.fromkeys(ratios, 1.0),
    )
