"""A letter's XMP, short: the validator looks each property up many times, in long lists.

What the two standards ask for stays: the title, and the claim of each. Left out is what stands
elsewhere in the file: sender, letter id and day (in its information dictionary, with the title),
ids of the file (in its trailer), the language (in the catalog), the number of pages. Left out as
well are the program, the history of saving, and descriptions of what is not there any more. (That
XMP repeats the information dictionary is a rule of PDF/A-1 alone.) A packet of XMP is made to be
changed in place: blanks fill it up, so that nothing in the file moves.
Source: XMP specification part 1 (ISO 16684-1), 7.3.2; ISO 19005-2, 6.6.2.
"""

import re

_BEGIN, _END = b"<?xpacket begin=", b"<?xpacket end="
LEFT_OUT = re.compile(
    rb"<(?P<name>xmp:(?:CreatorTool|CreateDate|ModifyDate)|dc:(?:creator|language|format)"
    rb"|xmpTPg:NPages|pdf:(?:Keywords|PDFVersion)"
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
