"""Pages as the three golden cases will fill them, with figures of the real scale."""

from tocsin.match.figures import Count
from tocsin.render.case_page import (
    CasePage,
    FileLink,
    Plot,
    Section,
    Table,
    VerdictFigures,
)
from tocsin.render.number import format_number
from tocsin.render.svg import Bar, Point, Window, bars, columns_over_time

CONTACTS = ("Audience", "Why", "E-mail", "Letter", "Telephone", "No way to reach")


def _model_bars() -> Plot:
    rows = (
        ("Paradigm 522/722", 712, 0),
        ("Paradigm 523/723", 498, 351),
        ("Paradigm 515/715", 402, 0),
        ("MiniMed 508", 211, 0),
        ("Paradigm Veo 554/754", 160, 186),
        ("Other models of the notice", 248, 0),
        ("Paradigm, model not known", 0, 90),
    )
    return Plot(
        title="Affected pumps, by model",
        svg=bars(
            "Affected pumps, by model",
            [
                Bar(name, affected, f"and {unknown} cannot tell" if unknown else "")
                for name, affected, unknown in rows
            ],
            "device records",
        ),
        table=Table("Affected pumps, by model", ("Model", "Affected", "Cannot tell"), rows),
        note="Only the patient who looks at the pump knows the version of a 523 or 723.",
    )


def case_a() -> CasePage:
    """The security recall: much is concerned, and a quarter of it only the patient can tell."""
    return CasePage(
        title="MiniMed 508 and Paradigm: somebody nearby could command the pump",
        subtitle="Security recall without a fix · notice of 27 June 2019 · 5,358 device records",
        lead=(
            (
                "2,231 pumps are affected, and for 627 nobody can tell until the patient reads "
                "the software version from the pump."
            ),
            (
                "Each of the 627 gets a letter of its own: how to find the version, and a "
                "telephone number to report it. One answer settles one record; 537 of them need "
                "nothing else."
            ),
            (
                "No update is possible. Until the pump is exchanged, patients keep it under "
                "control, cancel boluses they did not ask for, and do not share its serial "
                "number."
            ),
        ),
        figures=(
            VerdictFigures(
                "Notice of 27 June 2019",
                Count(records=2_231, quantity=2_231, holders=2_198),
                Count(records=627, quantity=627, holders=611),
                Count(records=2_500, quantity=2_500, holders=1_191),
                unit="devices",
            ),
        ),
        plots=(_model_bars(),),
        tables=(
            Table(
                "Who is contacted, and how",
                CONTACTS,
                (
                    ("patient", "affected", 1_466, 380, 90, 17),
                    ("patient", "cannot tell", 455, 121, 30, 5),
                    ("guardian", "affected or cannot tell", 248, 51, 7, 1),
                    ("clinician", "looks after persons concerned", 192, 55, 0, 0),
                    ("facility", "looks after persons concerned", 0, 119, 0, 0),
                ),
                note="The first channel of each; the next one follows if there is no answer.",
            ),
        ),
        questions=Table(
            "What would settle them",
            ("Question on the triage list", "Settles"),
            (
                (
                    (
                        "Which software version does the pump show? Press ESC until the status "
                        "screen appears and read the last line."
                    ),
                    537,
                ),
                (
                    "Which model is it exactly? Ask for the model number on the device's label.",
                    70,
                ),
                (
                    "Which device is it? Ask for the maker and the model number on its label.",
                    20,
                ),
            ),
        ),
        assumptions=(
            (
                "A registry of 4,000 patients with one pump each is invented, and so is the "
                "number of each model; the document gives no number of pumps."
            ),
            (
                "The software version is known for 2,400 of the 4,000 pumps; the versions and "
                "their shares are invented, spread around the bounds 2.4A, 2.6A and 2.7A."
            ),
            (
                "Remote controllers, CareLink USB sticks, transmitters and meters are records of "
                "their own; who has one is invented."
            ),
            (
                "440 patients are minors, each with a guardian; serial numbers, dates, clinics "
                "and all people are invented."
            ),
        ),
        files=(
            FileLink("verdicts.csv", "every device record with its verdict and reason"),
            FileLink("triage.csv", "the 627 that cannot be told, each with its question"),
            FileLink("contacts.csv", "one line per person or clinic, with channel and language"),
            FileLink("summary.json", "all figures of this page, for machines"),
        ),
        sources=(
            "RxNews, Medtronic: recall of MiniMed insulin pumps (001_e8ca8bf8d6b34c19.txt)",
            (
                "CSAF advisory ICSMA-19-178-01, "
                "https://www.cisa.gov/news-events/ics-medical-advisories/icsma-19-178-01"
            ),
        ),
    )


def _ship_weeks() -> Plot:
    amounts = [4_200, 5_600, 6_100, 7_300, 8_800, 8_100, 9_400, 10_200, 9_900, 11_400, 12_000]
    amounts += [11_700, 12_500, 11_900, 12_300, 11_100, 10_800, 11_300, 10_700, 11_900, 12_200]
    amounts += [11_600, 10_900, 11_500, 10_100, 9_800, 9_200, 8_700, 9_100, 8_400, 8_600, 7_700]
    amounts += [8_000, 7_400, 7_900, 7_100, 7_300, 6_800, 7_000, 9_400, 10_100, 9_800, 8_300, 7_400]
    points = [
        Point(f"{'2010' if week <= 52 else '2011'}-W{(week - 1) % 52 + 1:02}", amount)
        for week, amount in enumerate(amounts, start=10)
    ]
    window = Window(39, 43, f"Ship window of revision 1: {format_number(45_000)}")
    title = "Cartridges of the six lots, by week of shipment"
    return Plot(
        title=title,
        svg=columns_over_time(title, points, "cartridges a week", window),
        table=Table(title, ("Week", "Cartridges"), tuple((p.label, p.value) for p in points)),
        note="Revision 1 named the lots and the window; revision 2 drops the window.",
    )


def case_b() -> CasePage:
    """The lot recall: three revisions, each a small part of eight million."""

    def revision(label: str, affected: tuple[int, int, int], unknown: tuple[int, int, int]):
        records, quantity, holders = (
            whole - one - other
            for whole, one, other in zip(
                (512_480, 8_000_000, 50_000), affected, unknown, strict=True
            )
        )
        return VerdictFigures(
            label,
            Count(records=affected[0], quantity=affected[1], holders=affected[2]),
            Count(records=unknown[0], quantity=unknown[1], holders=unknown[2], quantity_unknown=9),
            Count(records=records, quantity=quantity, holders=holders, quantity_unknown=111),
            plotted="quantity",
            unit="cartridges",
        )

    return CasePage(
        title="Animas 2.0 ml cartridges: six lots may leak",
        subtitle="Lot recall, found from a few calls · February 2011 · three revisions",
        lead=(
            (
                "384,000 cartridges at 31,270 customers are affected since revision 2, and 2,960 "
                "more cannot be told because their records name no lot."
            ),
            (
                "Revision 1 spoke of 45,000 cartridges at 5,012 customers. Nobody of them goes "
                "out; 26,258 customers come in and are contacted for the first time."
            ),
            (
                "A leak inside the pump most likely raises no alarm. Stop using these cartridges "
                "now and go to the back-up insulin plan; a replacement set is on its way, free of"
                " charge."
            ),
        ),
        figures=(
            revision(
                "Revision 1: six lots and the ship window",
                (5_020, 45_000, 5_012),
                (340, 5_410, 322),
            ),
            revision(
                "Revision 2: six lots, any ship date", (38_410, 384_000, 31_270), (150, 2_960, 148)
            ),
            revision(
                "Revision 3: narrowed (synthetic)", (25_310, 253_000, 21_480), (150, 2_960, 148)
            ),
        ),
        plots=(_ship_weeks(),),
        tables=(
            Table(
                "What each revision changes",
                ("Revision", "Newly in", "Newly out", "Contact again", "Unchanged"),
                (
                    ("1 to 2", 33_390, 0, 5_020, 474_070),
                    ("2 to 3", 0, 13_100, 25_310, 474_070),
                ),
                note="Device records. Whoever goes out is told so, too.",
            ),
            Table(
                "Who is contacted, and how",
                CONTACTS,
                (
                    ("patient", "affected", 21_889, 8_756, 611, 14),
                    ("patient", "cannot tell", 104, 42, 2, 0),
                    ("clinician", "looks after persons concerned", 1_170, 1_430, 0, 0),
                    ("facility", "looks after persons concerned", 0, 1_000, 0, 0),
                ),
            ),
        ),
        questions=Table(
            "What would settle them",
            ("Question on the triage list", "Settles"),
            (
                ("Ask the holder for the lot number: it is printed on the cartridge's box.", 150),
                ("Ask the pharmacy for the day of shipment.", 190),
            ),
        ),
        assumptions=(
            (
                "The number of the French lot, F201501, is invented; so are all other lots except"
                " the five recalled ones in the USA, whose numbers are public."
            ),
            (
                "45,000 cartridges in the window, 384,000 of the six lots, 8,000,000 a year and "
                "50,000 customers are taken as exact; the sources say 'about' for all but the "
                "first."
            ),
            (
                "The year of shipments runs from 15 January 2010 to 14 January 2011; its division"
                " by country, lot and day is invented, as are 45,000 customers in the USA and "
                "5,000 in France."
            ),
            (
                "Boxes hold 10 cartridges; starter packs of 5 are invented, because 45,000 "
                "cartridges at 5,000 customers are less than a box each."
            ),
            "A customer is the adult who ordered; nobody in this case is a minor.",
            (
                "The catalogue number AC-200-INV, the dates of make and expiry, the clinics and "
                "all people are invented."
            ),
            (
                "120 records have no quantity and are in none of the totals; 150 have no lot; 180"
                " give only the year and 100 only the month of shipment; 4,000 write the lot in "
                "lower case or with a space."
            ),
        ),
        files=(
            FileLink("revision_2/verdicts.parquet", "every device record, its verdict and reason"),
            FileLink("revision_2/triage.csv", "what cannot be told, each with its question"),
            FileLink("diff_1_2.csv", "newly in, newly out, contact again"),
        ),
        sources=(
            "Diabetes Mine: Animas recalls 45,000 insulin cartridges (002_ff67a83a3eaf6247.txt)",
        ),
    )


def case_c() -> CasePage:
    """The discontinuation: few people, all of them concerned, and too few pumps."""
    due = (9, 14, 24, 26, 25, 27, 24, 26, 23, 27, 25, 24, 26, 24, 20)
    points = [Point(f"{2019 + n // 2}-H{n % 2 + 1}", value) for n, value in enumerate(due)]
    title = "Pumps whose replacement falls due, by half-year"
    return CasePage(
        title="MiniMed Implantable Pump: production ends, and 125 pumps are left",
        subtitle="Discontinuation with scarce stock · dissemination on 20 July 2020",
        lead=(
            (
                "All 350 patients are concerned: 344 replacements fall due by 2026, and 125 pumps"
                " are left. For 6 patients the date of implantation is not known."
            ),
            "Each of the 6 is settled by one look into the record of the implantation.",
        ),
        figures=(
            VerdictFigures(
                "Notice of July 2020",
                Count(records=350, quantity=350, holders=350),
                Count(),
                Count(),
                plotted="holders",
                unit="pumps",
            ),
        ),
        plots=(
            Plot(
                title,
                columns_over_time(title, points, "pumps", Window(0, 3, "Production until 2020")),
                Table(title, ("Half-year", "Pumps"), tuple((p.label, p.value) for p in points)),
                "Seven years after implantation, the middle of the pump's life of 6 to 8 years.",
            ),
        ),
        tables=(
            Table(
                "Who is contacted, per country",
                ("Country", "Patients", "Clinicians", "Language"),
                (
                    ("Belgium", 30, 5, "French, Dutch"),
                    ("France", 250, 44, "French"),
                    ("Netherlands", 50, 8, "Dutch"),
                    ("Sweden", 20, 4, "Swedish"),
                ),
            ),
        ),
        questions=Table(
            "What would settle them",
            ("Question on the triage list", "Settles"),
            (("On which day was the pump implanted?", 6),),
        ),
        sections=(
            Section(
                "What stays in supply",
                (
                    (
                        "Insulin, refill kits, catheters of several lengths, sodium hydroxide "
                        "rinse and special buffer stay in supply for as long as anyone uses a "
                        "pump."
                    ),
                ),
            ),
        ),
        assumptions=(
            (
                "350 patients stand for 'about 350', 250 of them for 'about 250 in France'; how "
                "the other 100 divide among Belgium, the Netherlands and Sweden is invented."
            ),
            "Every patient holds one implanted pump; implantation dates are invented.",
        ),
        files=(FileLink("due.csv", "each pump with the earliest and latest day of replacement"),),
        sources=("Direct healthcare professional communication (000_d6b59aa085726897.txt)",),
    )


def all_cases() -> dict[str, CasePage]:
    """Every page by its address."""
    return {"case_a.html": case_a(), "case_b.html": case_b(), "case_c.html": case_c()}
