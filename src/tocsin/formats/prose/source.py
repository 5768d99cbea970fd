"""A file as a document: plain text, HTML or PDF, within bounds."""

from pathlib import Path

from tocsin.base.errors import NoticeUnreadable
from tocsin.formats.prose.document import MAX_TEXT, Document
from tocsin.formats.prose.html_source import read_html_document
from tocsin.formats.prose.pdf_source import read_pdf_document
from tocsin.formats.prose.text_tables import read_plain_document

MAX_FILE_BYTES = 20_000_000
TEXT_SUFFIXES = (".txt", ".text", ".md")
HTML_SUFFIXES = (".html", ".htm", ".xhtml")
PDF_SUFFIXES = (".pdf",)


def read_document(path: Path) -> Document:
    """Return the text of a notice's file, with its tables.

    Raises:
        NoticeUnreadable: if it is missing, empty, too large, or not what its name says.
    """
    raw = _read_bytes(path)
    suffix = path.suffix.lower()
    if raw.startswith(b"%PDF-") or suffix in PDF_SUFFIXES:
        return read_pdf_document(raw, str(path))
    if suffix not in (*TEXT_SUFFIXES, *HTML_SUFFIXES):
        raise NoticeUnreadable(
            f"The file {path} is neither .txt, .html nor .pdf; only these can be drafted from. "
            "Nothing was read. Save it as one of them."
        )
    text = _decode(raw, path)
    if len(text) > MAX_TEXT:
        raise NoticeUnreadable(
            f"The notice {path} holds {len(text):,} characters; at most {MAX_TEXT:,} are read. "
            "Nothing was read. Give the part that states the scope."
        )
    document = read_html_document(text) if suffix in HTML_SUFFIXES else read_plain_document(text)
    if not document.text.strip():
        raise NoticeUnreadable(f"The notice {path} holds no text. Nothing was read.")
    return document


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise NoticeUnreadable(
                f"The notice {path} has {size / 1e6:.0f} MB; at most {MAX_FILE_BYTES / 1e6:.0f} MB "
                "are read. Nothing was read. Is it the right file?"
            )
        return path.read_bytes()
    except OSError as error:
        raise NoticeUnreadable(
            f"The notice {path} cannot be opened: {error.strerror}. Check the name."
        ) from error


def _decode(raw: bytes, path: Path) -> str:
    """Return the text of bytes: UTF-8, UTF-16 with its mark, else Windows' western letters."""
    if b"\x00" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NoticeUnreadable(f"The notice {path} contains NUL characters; it is no text file.")
    for encoding in ("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise NoticeUnreadable(
        f"The notice {path} is neither UTF-8 nor western text. Save it as UTF-8 and try again."
    )
