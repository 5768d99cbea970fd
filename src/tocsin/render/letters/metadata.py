"""A letter's XMP without what Typst says of itself: half the time of a check goes into reading it.

Title, author, letter id, day, and the two standards that the file claims stay. Left out are the
program, the history of saving, ids of the file (they stand in its trailer), the number of pages,
the language (it stands in the catalog), and descriptions of what is not there any more. A packet
of XMP is made to be changed in place: blanks fill it up, so that nothing in the file moves.
Source: XMP specification part 1 (ISO 16684-1), 7.3.2; ISO 19005-2, 6.6.2.
"""

import re

_BEGIN, _END = b"<?xpacket begin=", b"<?xpacket end="
LEFT_OUT = re.compile(
    rb"<(?P<name>xmp:CreatorTool|xmp:ModifyDate|dc:language|dc:format|xmpTPg:NPages|pdf:PDFVersion"
    rb"|xmpMM:(?:History|InstanceID|DocumentID|RenditionClass))>.*?</(?P=name)>"
    rb'|<rdf:li rdf:parseType="Resource">'
    rb"<pdfaSchema:schema>(?:XMP Media Management|Adobe PDF) schema</pdfaSchema:schema>"
    rb".*?</pdfaSchema:property></rdf:li>",
    re.DOTALL,
)


def with_short_metadata(content: bytes) -> bytes:
    """Return a PDF of Typst's, as long as it was, with less XMP; as it is if it has none."""
    begin = content.rfind(_BEGIN)
    end = content.find(_END, begin)
    if begin < 0 or end < 0:
        return content
    kept = LEFT_OUT.sub(b"", content[begin:end])
    return b"".join((content[:begin], kept.ljust(end - begin), content[end:]))
