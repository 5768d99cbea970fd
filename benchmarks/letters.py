"""Letters per second: Typst against WeasyPrint on the same letter, and 10,000 in eight languages.

Run: python -m benchmarks.letters [--quick] [--json FILE]

Both print one page: an address, four paragraphs, a table of four columns and five rows, a link.
CPU seconds of one process are what is compared: they change little on a busy machine. All get the
same text, as in a recall, and Typst lays out once what is alike; what a letter takes whose text
nobody else gets is told beside it.
"""

import html
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from benchmarks.lib.result import environment, options_of, tell
from tocsin.compute.letter_printing import print_letters
from tocsin.match.figures import BenchmarkResult
from tocsin.outreach.letter import LetterText
from tocsin.render.letters.pdf import LetterPdf, LetterPress
from tocsin.render.letters.sheet import LetterSheet

FULL, QUICK = 10_000, 400
PEERS_FULL, PEERS_QUICK = 100, 15
PEER = "WeasyPrint / Typst, CPU per letter"
RATIO_BAR, RENDER_BAR_S, CHECKED_BAR_S, GROWTH_BAR_MB = 8.0, 60.0, 150.0, 40.0
FONTS = (Path("/usr/share/fonts/truetype/noto"), Path("/usr/share/fonts/truetype/takao-gothic"))
_WORDS = {
    "en": "Stop using these cartridges now and use your back-up insulin plan.",
    "fr": "N’utilisez plus ces réservoirs et suivez votre plan de secours.",
    "ar": "أوقف استخدام هذه الخراطيش الآن واتبع خطة الأنسولين الاحتياطية.",
    "he": "הפסיקו להשתמש במחסניות האלה ופעלו לפי תוכנית הגיבוי.",
    "hi": "इन कारतूसों का उपयोग अभी बंद करें और अपनी वैकल्पिक योजना अपनाएँ।",
    "el": "Σταματήστε αμέσως τη χρήση και ακολουθήστε το εφεδρικό σχέδιο.",
    "th": "หยุดใช้ตลับเหล่านี้ทันทีและใช้แผนอินซูลินสำรอง",
    "ja": "このカートリッジの使用を中止し、予備の計画に従ってください。",
}


def letter_text(language: str, own: str = "") -> LetterText:
    """Return the letter in a language, with words of its own in each paragraph and row."""
    said = " ".join([*[_WORDS[language]] * 4, *own.split()])
    paragraphs = [{"kind": "paragraph", "text": f"{said}{n if own else ''}"} for n in range(4)]
    rows = [[f"B2015{n}{own}", "US", str(n), "2010-12-01"] for n in range(75, 80)]
    table = {"kind": "table", "caption": "Lots", "columns": ["Lot", "In", "Number", "Day"]}
    return LetterText.model_validate(
        {
            "letter": "clinician",
            "audience": "clinician",
            "language": language,
            "subject": _WORDS[language][:40],
            "blocks": [*paragraphs, {**table, "rows": rows}],
        }
    )


def sheets(n: int, languages: Sequence[str], *, own: bool = False) -> Iterator[LetterSheet]:
    """Yield letters to different people, language by language in turn, perhaps of own texts."""
    texts = [letter_text(language) for language in languages]
    for number in range(n):
        text = texts[number % len(texts)]
        yield LetterSheet(
            letter_text(text.language, f"{number}-") if own else text,
            f"T-{number:08d}",
            "Animas",
            "Animas, 1 Road, Testwater",
            [f"Person {number}", f"{number} Example Street", "Testwater, ZZ 00068"],
            date(2026, 12, 1),
            check_url="https://example.org/letter",
        )


def weasyprint_cpu_s(n: int) -> float:
    """Return CPU seconds per letter of WeasyPrint, PDF/UA, after one letter to warm up."""
    from weasyprint import HTML

    def page(sheet: LetterSheet) -> str:
        parts = [f"<p>{html.escape(line)}</p>" for line in sheet.address]
        parts += [f"<h1>{html.escape(sheet.text.subject)}</h1>"]
        for block in sheet.text.blocks:
            if block.kind == "paragraph":
                parts.append(f"<p>{html.escape(block.text)}</p>")
            elif block.kind == "table":
                head = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in block.columns)
                rows = "".join(
                    "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                    for row in block.rows
                )
                parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
        body = "".join(parts)
        link = '<a href="https://example.org/letter">https://example.org/letter</a>'
        return f"<html lang=en><title>Letter</title><body>{body}<p>{link}</p></body></html>"

    pages = [page(sheet) for sheet in sheets(n + 1, ["en"])]
    HTML(string=pages[0]).write_pdf(pdf_variant="pdf/ua-1")
    started = time.process_time()
    for each in pages[1:]:
        HTML(string=each).write_pdf(pdf_variant="pdf/ua-1")
    return (time.process_time() - started) / n


def typst_cpu_s(n: int, *, own: bool = False) -> float:
    """Return CPU seconds per letter of our press, after one letter to warm up."""
    press, (first, *rest) = LetterPress(), list(sheets(n + 1, ["en"], own=own))
    press.print(first)
    started = time.process_time()
    for sheet in rest:
        press.print(sheet)
    return (time.process_time() - started) / n


def run_pool(n: int, *, checked: bool) -> tuple[float, float, int]:
    """Return wall and CPU seconds of n letters in eight languages, and how many were made."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    folders = [folder for folder in FONTS if folder.is_dir()]
    made = print_letters(sheets(n, list(_WORDS)), folders, n_processes=2, checked=checked)
    n_made = sum(isinstance(each, LetterPdf) for each in made)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu, n_made


def memory_growth_mb(n: int) -> float:
    """Return how much this process grows while it makes and checks n letters, after the first."""
    press, mb = LetterPress(), 0.0
    for number, sheet in enumerate(sheets(n, ["en", "fr"])):
        press.make(sheet)
        if number == n // 4:
            mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - mb


def main() -> None:
    """Measure, print, and write the figures if they are asked for."""
    told = options_of(__doc__, "a few hundred letters").parse_args()
    n, peers = (QUICK, PEERS_QUICK) if told.quick else (FULL, PEERS_FULL)
    growth = memory_growth_mb(n // 4)
    ours, theirs = typst_cpu_s(peers * 4), weasyprint_cpu_s(peers)
    of_its_own = typst_cpu_s(peers * 4, own=True)
    rendered, rendered_cpu, n_rendered = run_pool(n, checked=False)
    checked, checked_cpu, n_checked = run_pool(n, checked=True)
    result = BenchmarkResult(
        benchmark="letters",
        quick=told.quick,
        sizes={"letters": n, "rendered": n_rendered, "rendered_and_checked": n_checked},
        seconds={
            "typst_cpu_per_letter": ours,
            "typst_cpu_per_letter_of_own_text": of_its_own,
            "weasyprint_cpu_per_letter": theirs,
            "rendered_wall": rendered,
            "rendered_cpu": rendered_cpu,
            "checked_wall": checked,
            "checked_cpu": checked_cpu,
            "rendered_10000_cpu_on_2_cores": rendered_cpu * 10_000 / n / 2,
            "checked_10000_cpu_on_2_cores": checked_cpu * 10_000 / n / 2,
        },
        ratios={
            PEER: theirs / ours,
            f"10,000 rendered / {RENDER_BAR_S:g} s": rendered * 10_000 / n / RENDER_BAR_S,
            f"10,000 rendered and checked / {CHECKED_BAR_S:g} s": (
                checked * 10_000 / n / CHECKED_BAR_S
            ),
            f"growth / {GROWTH_BAR_MB:g} MB": growth / GROWTH_BAR_MB,
        },
        bars={
            PEER: RATIO_BAR,
            f"10,000 rendered / {RENDER_BAR_S:g} s": 1.0,
            f"10,000 rendered and checked / {CHECKED_BAR_S:g} s": 1.0,
            f"growth / {GROWTH_BAR_MB:g} MB": 1.0,
        },
        peak_memory_mb={"growth": growth},
        environment=environment(),
    )
    tell(result, told.json, at_least={PEER})


if __name__ == "__main__":
    main()
