"""Small PDF letters, written by hand: text at places, ruled tables, many pages."""

import zlib
from collections.abc import Sequence

Placed = tuple[float, float, str]


def write_pdf(pages: Sequence[Sequence[Placed]], lines: Sequence[tuple[float, ...]] = ()) -> bytes:
    """Return a PDF with texts at places of each page, and straight lines on every page."""
    contents = [_content(page, lines) for page in pages]
    n = len(contents)
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(n))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {n}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>",
    ]
    for place, content in enumerate(contents):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {5 + 2 * place} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>".encode()
        )
        packed = zlib.compress(content)
        head = f"<</Length {len(packed)}/Filter/FlateDecode>>\nstream\n".encode()
        objects.append(head + packed + b"\nendstream")
    return _file(objects)


def _content(page: Sequence[Placed], lines: Sequence[tuple[float, ...]]) -> bytes:
    parts = [f"{x0} {y0} m {x1} {y1} l S" for x0, y0, x1, y1 in lines]
    for x, y, text in page:
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        parts.append(f"BT /F1 10 Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET")
    return "\n".join(parts).encode("cp1252")


def _file(objects: Sequence[bytes]) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    tail = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
    return out + tail.encode()
