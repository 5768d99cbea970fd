"""Invented headers of other people's lists in six languages: what each column is taken for."""

import pytest

from tocsin.registry.column_countries import find_country
from tocsin.registry.column_dates import find_order, iso_day
from tocsin.registry.column_facts import ColumnFacts
from tocsin.registry.column_names import plain_name, read_name, stated_order
from tocsin.registry.column_numbers import find_decimal, plain_number
from tocsin.registry.column_proposal import (
    ColumnProposal,
    Confidence,
    looks_like_claims,
    propose,
)

# Invented: language, header, and our column for each; "-" stays, "?" is left to a person.
HEADERS = [
    ("en", "Asset No.|MRN|Manufacturer|Model No.|Serial Number|Software Version|Ship Date|Country",
     "device_id holder_id manufacturer model serial software_version shipped_on country"),
    ("en", "record_id,patient_id,mfr,product_name,cat_no,lot_number,qty,expiration_date,notes",
     "device_id holder_id manufacturer product catalogue_no lot quantity expires_on -"),
    ("en", "PumpSerialNo|FirmwareVersion|LastService|Date of Birth|E-mail|Brand",
     "serial software_version serviced_on - - manufacturer"),
    ("en", "UDI-DI|Lot/Batch No.|Use by|Facility|Device description|Type",
     "udi lot expires_on clinic_id product ?"),
    ("de", ("Inventar-Nr.|Patienten-Nr.|Hersteller|Modell|Seriennummer|Softwarestand|"
           "Lieferdatum|Land"),
     "device_id holder_id manufacturer model serial software_version shipped_on country"),
    ("de", "Kd.-Nr.|Artikelbezeichnung|Artikelnr.|Ch.-B.|Menge|Verfallsdatum|Vorname|PLZ|Bemerkung",
     "holder_id product catalogue_no lot quantity expires_on - - -"),
    ("de", "Geräte-Nr.|Fabrikat|Typ|Baujahr|Letzte Wartung|Standort",
     "? manufacturer ? made_on serviced_on clinic_id"),
    ("fr", ("N° inventaire|N° patient|Fabricant|Modèle|N° de série|Version logicielle|"
           "Date de livraison|Pays"),
     "device_id holder_id manufacturer model serial software_version shipped_on country"),
    ("fr", "IPP|Désignation|Référence|Numéro de lot|Qté|Date de péremption|Date de pose|Nom|Prénom",
     "holder_id product catalogue_no lot quantity expires_on implanted_on - -"),
    ("fr", "Code barres|Marque|Type|Établissement|Date de naissance",
     "udi manufacturer ? clinic_id -"),
    ("nl", ("Inventarisnummer|Patiëntnummer|Fabrikant|Model|Serienummer|Softwareversie|"
           "Leverdatum|Land"),
     "device_id holder_id manufacturer model serial software_version shipped_on country"),
    ("nl", ("Klantnr.|Omschrijving|Artikelnummer|Lotnummer|Aantal|Houdbaar tot|Ziekenhuis|"
           "Achternaam"),
     "holder_id product catalogue_no lot quantity expires_on clinic_id -"),
    ("es", ("Nº inventario|NHC|Fabricante|Modelo|Nº de serie|Versión de software|"
           "Fecha de entrega|País"),
     "device_id holder_id manufacturer model serial software_version shipped_on country"),
    ("es", "Descripción|Referencia|Lote|Cantidad|Caducidad|Fecha de implante|Apellidos|Teléfono",
     "product catalogue_no lot quantity expires_on implanted_on - -"),
    ("sv", "Inventarienr|Patientnr|Tillverkare|Modell|Serienr|Programversion|Leveransdatum|Land",
     "device_id holder_id manufacturer model serial software_version shipped_on country"),
    ("sv", "Personnummer|Benämning|Artikelnr|Batchnr|Antal|Utgångsdatum|Mottagning|Efternamn",
     "holder_id product catalogue_no lot quantity expires_on clinic_id -"),
    ("mixed", "ID|Gerät|S/N|REF|LOT|EXP|SW",
     "- product serial catalogue_no lot expires_on -"),
]  # fmt: skip


def facts(name: str, *texts: str) -> ColumnFacts:
    """Return the facts of a column of these values."""
    filled = [text for text in texts if text]
    distinct = list(dict.fromkeys(filled))
    return ColumnFacts(name, len(texts), len(filled), distinct, len(distinct))


def proposal(name: str, *texts: str) -> ColumnProposal:
    """Return what is proposed for a column alone."""
    [one] = propose([facts(name, *texts)])
    return one


@pytest.mark.parametrize(("language", "header", "expected"), HEADERS)
def test_headers_in_six_languages(language: str, header: str, expected: str) -> None:
    names = header.split("|" if "|" in header else ",")
    columns = [ColumnFacts(name, 0, 0, [], 0) for name in names]
    proposed = []
    for one in propose([_as_key(column) for column in columns]):
        open_point = one.target is None and one.candidates
        proposed.append("?" if open_point else one.target or "-")
    assert proposed == expected.split(), language


def _as_key(column: ColumnFacts) -> ColumnFacts:
    """Return a column of one row whose value says nothing, so that only names speak."""
    return ColumnFacts(column.name, 1, 1, ["unknown"], 1)


@pytest.mark.parametrize(
    ("name", "texts", "target", "confidence"),
    [
        ("Typ", ["MMT-722", "MMT-523"], "model", Confidence.LIKELY),
        ("Typ", ["Paradigm", "Veo"], None, Confidence.AMBIGUOUS),
        ("Inventarnummer", ["A", "A"], None, Confidence.AMBIGUOUS),
        ("Inventarnummer", ["A", "B"], "device_id", Confidence.SURE),
        ("Lieferdatum", ["NG1", "NG2"], None, Confidence.AMBIGUOUS),
        ("Seriennummer", ["31.12.2011", "30.12.2011"], None, Confidence.AMBIGUOUS),
        ("Land", ["Deutschland", "AUT", "se"], "country", Confidence.SURE),
        ("Land", ["Bayern", "Hessen"], None, Confidence.AMBIGUOUS),
        ("Version", ["MMT-722", "MMT-723"], None, Confidence.AMBIGUOUS),
        ("Spalte 1", ["00718175003305"], "udi", Confidence.LIKELY),
        ("Spalte 1", ["Medtronic", "Animas"], "manufacturer", Confidence.LIKELY),
        ("Spalte 1", ["2.4A", "2.5B"], "software_version", Confidence.LIKELY),
        ("Spalte 1", ["31.12.2011"], None, Confidence.AMBIGUOUS),
        ("Spalte 1", ["MMT-722"], None, Confidence.AMBIGUOUS),
        ("Spalte 1", ["lorem", "ipsum"], None, Confidence.NONE),
        ("Pump serial number of the patient", ["NG1"], "serial", Confidence.LIKELY),
        ("serial", ["31.12.2011"], "serial", Confidence.SURE),
        ("", ["x"], None, Confidence.NONE),
    ],
)
def test_names_and_values_together(
    name: str, texts: list[str], target: str | None, confidence: Confidence
) -> None:
    one = proposal(name, *texts)
    assert (one.target, one.confidence) == (target, confidence), one.reason


def test_two_columns_for_one_target_are_left_to_a_person() -> None:
    first, second = propose([facts("Seriennummer", "A1"), facts("S/N", "B1")])
    assert first.target is second.target is None
    assert first.confidence is Confidence.AMBIGUOUS
    assert "'S/N'" in first.reason


def test_the_surer_of_two_columns_wins_and_the_other_is_told() -> None:
    ours, theirs = propose([facts("serial", "A1"), facts("Serial of the charger", "B1")])
    assert (ours.target, theirs.target) == ("serial", None)
    assert "more surely" in theirs.reason


def test_values_of_a_person_are_not_shown() -> None:
    one = proposal("Geburtsdatum", "31.12.1970")
    assert (one.target, one.samples) == (None, ())


def test_a_country_proposes_translations_of_what_is_there() -> None:
    one = proposal("Land", "Deutschland", "DE", "UK", "Österreich", "Frankreich")
    assert dict(one.values) == {
        "Deutschland": "DE",
        "UK": "GB",
        "Österreich": "AT",
        "Frankreich": "FR",
    }


@pytest.mark.parametrize(
    ("name", "texts", "order", "is_open"),
    [
        ("Ship date", ["01/02/2011", "13/02/2011"], "day-month-year", False),
        ("Ship date", ["01/02/2011", "02/13/2011"], "month-day-year", False),
        ("Ship date", ["01/02/2011", "03/04/2011"], "sure-forms-only", True),
        ("Ship date", ["13/02/2011", "02/13/2011"], "sure-forms-only", True),
        ("Ship date (MM/DD/YYYY)", ["01/02/2011"], "month-day-year", False),
        ("Ship date (MM/DD/YYYY)", ["13/02/2011"], "sure-forms-only", True),
        ("Ship date", ["2011-01-02", "4 Jan 2011", "2011"], "sure-forms-only", False),
        ("Lieferdatum (TT.MM.JJJJ)", ["01.02.2011"], "day-month-year", False),
    ],
)
def test_the_order_of_dates_is_proven_stated_or_open(
    name: str, texts: list[str], order: str, is_open: bool
) -> None:
    one = proposal(name, *texts)
    assert (one.target, one.order, bool(one.open_point)) == ("shipped_on", order, is_open)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("31.12.2011", "day-month-year", "2011-12-31"),
        ("12/31/2011", "day-month-year", None),
        ("31/12/85", "day-month-year", "1985-12-31"),
        ("11-12-31", "year-month-day", "2011-12-31"),
        ("20111231", None, "2011-12-31"),
        ("2011/12/31", None, "2011-12-31"),
        ("12/2011", None, "2011-12"),
        ("2011", None, "2011"),
        ("5/5/2011", None, "2011-05-05"),
        ("05/06/2011", None, None),
        ("31 décembre 2011", None, "2011-12-31"),
        ("31. Dez. 2011", None, "2011-12-31"),
        ("Dec 31, 2011", None, "2011-12-31"),
        ("31 de diciembre de 2011", None, "2011-12-31"),
        ("maj 2011", None, "2011-05"),
        ("31/12/2011 00:00:00", "day-month-year", "2011-12-31"),
        ("30.02.2011", "day-month-year", None),
        ("31-Dec-11", None, None),
        ("MMT-722", "day-month-year", None),
        ("1.2.3.4", "day-month-year", None),
    ],
)
def test_dates_are_read_in_an_order_or_surely(
    text: str, order: str | None, expected: str | None
) -> None:
    assert iso_day(text, order) == expected


def test_the_proof_of_an_order_is_told() -> None:
    assert find_order(["01/02/2011", "01/25/2011"]).proof == ("01/25/2011",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Deutschland", "DE"), ("ALLEMAGNE", "DE"), ("Duitsland", "DE"), ("Alemania", "DE"),
        ("Tyskland", "DE"), ("DEU", "DE"), ("de", "DE"), ("U.S.A.", "US"),
        ("Côte d'Ivoire", None), ("Georgia", None), ("Bayern", None), ("NO", "NO"), ("Norge", "NO"),
        ("EL", "GR"), ("XX", None), ("The Netherlands", "NL"),
    ],
)  # fmt: skip
def test_countries_by_name_and_code(text: str, code: str | None) -> None:
    assert find_country(text) == code


@pytest.mark.parametrize(
    ("texts", "decimal"),
    [
        (["1,5", "2"], "comma"), (["1.5", "2"], "point"), (["1.250,00"], "comma"),
        (["1,250", "2"], None), (["1", "2"], None), (["1,5", "1.5"], None), (["10,0"], "comma"),
    ],
)  # fmt: skip
def test_the_decimal_sign_is_proven(texts: list[str], decimal: str | None) -> None:
    assert find_decimal(texts)[0] == decimal


def test_numbers_keep_what_they_are() -> None:
    assert plain_number("1.250,5", "comma") == "1250.5"
    assert plain_number("1'250.5", "point") == "1250.5"
    assert plain_number("1.2.3", "comma") is None


def test_names_are_compared_without_signs() -> None:
    assert plain_name("N° de série*") == plain_name("no. de serie")
    assert read_name("x" * 500).targets == ()
    assert stated_order("Date (JJ/MM/AAAA)") == "day-month-year"


def test_claims_are_told_from_devices() -> None:
    assert looks_like_claims([facts("code", "E0784", "A4232")])
    assert looks_like_claims([facts("HCPCS Code", "E0784")])
    assert not looks_like_claims([facts("Modell", "MMT-722")])


def test_the_text_of_a_claim_never_names_a_product() -> None:
    one, other = propose(
        [facts("Product description", "EXT INFUS PUMP"), facts("hcpcs", "E0784")], "claims"
    )
    assert (one.target, other.target) == (None, "hcpcs")
