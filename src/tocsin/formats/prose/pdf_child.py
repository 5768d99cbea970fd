"""The process that reads a PDF: its own, so that a hostile file can only end it.

Reads the file from standard input, writes its pages as JSON to standard output, or why it
cannot be read. Run by ``pdf_source`` only.
"""

import io
import json
import logging
import sys
from typing import Any

from tocsin.formats.prose.document import MAX_TEXT
from tocsin.formats.prose.pdf_page import PageTooFull, read_page

MAX_PAGES = 100
MAX_MEMORY_BYTES = 1_500_000_000


def limit_memory(n_bytes: int = MAX_MEMORY_BYTES) -> None:
    """Limit what this process may use, where the system can."""
    try:
        import resource  # noqa: PLC0415 - POSIX alone has it
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))


def read_pages(raw: bytes) -> dict[str, Any]:
    """Return a PDF's pages as text under ``pages``, or the reason under ``refused``."""
    from pdfminer.high_level import extract_pages  # noqa: PLC0415
    from pdfminer.pdfdocument import PDFPasswordIncorrect  # noqa: PLC0415

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    pages: list[str] = []
    try:
        for page in extract_pages(io.BytesIO(raw), laparams=None):
            if len(pages) >= MAX_PAGES:
                return {"refused": "pages"}
            pages.append(read_page(page))
            if sum(map(len, pages)) > MAX_TEXT:
                return {"refused": "characters"}
    except PDFPasswordIncorrect:
        return {"refused": "password"}
    except PageTooFull:
        return {"refused": "full"}
    except MemoryError:
        return {"refused": "memory"}
    except Exception as error:  # noqa: BLE001 - a damaged file fails anywhere in the library
        return {"refused": "damaged", "how": type(error).__name__}
    return {"pages": pages}


def main() -> None:
    """Read standard input and answer on standard output."""
    limit_memory()
    json.dump(read_pages(sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    main()
