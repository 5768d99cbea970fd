"""The synthetic registries of the golden cases.

The figures of case B are computed here from the columns alone, with polars, by a reading
of the notice that shares no code with the generator or with the matching engines.
"""

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest

from tocsin.cases import case_a, case_b, case_c
from tocsin.cases.pump_models import lines, model_codes
from tocsin.cases.sample import CaseSample
from tocsin.registry.schema import COLUMNS, HOLDER_COLUMNS

SAMPLES = {"a": case_a.sample, "b": case_b.sample, "c": case_c.sample}
SIX_LOTS = ("B201575", "B201576", "B201581", "B201582", "B201583", "F201501")

FICTION = re.compile(
    r"\+1[2-9]\d\d55501\d\d|\+442079460\d{3}|\+6125550\d{4}|\+3319900\d{4}"
    r"|\+493023125\d{3}|\+46701740(60[5-9]|6[1-9]\d)"
)
EXAMPLE_MAIL = re.compile(r"[a-z0-9.]+@example\.(org|com|net)")


def _drawn(case: str, seed: int = 11) -> CaseSample:
    return SAMPLES[case](np.random.default_rng(seed))


@pytest.fixture(scope="module")
def samples() -> dict[str, CaseSample]:
    return {case: _drawn(case) for case in SAMPLES}


@pytest.fixture(scope="module")
def registry(samples: dict[str, CaseSample]) -> Callable[[str], pl.DataFrame]:
    return lambda case: pl.DataFrame(samples[case].registry)


@pytest.fixture(scope="module")
def holders(samples: dict[str, CaseSample]) -> Callable[[str], pl.DataFrame]:
    return lambda case: pl.DataFrame(samples[case].holders)


@pytest.mark.parametrize("case", SAMPLES)
class TestEveryCase:
    def test_columns_stand_in_the_order_of_the_schema(self, samples, case):
        assert tuple(samples[case].registry.column_names) == tuple(COLUMNS)
        assert tuple(samples[case].holders.column_names) == tuple(HOLDER_COLUMNS)

    def test_everything_is_text_but_the_quantity(self, samples, case):
        for table in (samples[case].registry, samples[case].holders):
            for field in table.schema:
                assert str(field.type) == ("int64" if field.name == "quantity" else "string")

    def test_a_seed_gives_the_same_again_and_another_seed_does_not(self, samples, case):
        again, other = _drawn(case), _drawn(case, seed=12)
        assert again.registry.equals(samples[case].registry)
        assert again.holders.equals(samples[case].holders)
        assert not other.registry.equals(samples[case].registry)

    def test_nothing_is_empty_text(self, samples, case):
        for table in (samples[case].registry, samples[case].holders):
            frame = pl.DataFrame(table).select(pl.col(pl.String))
            assert (
                frame.select((pl.all() == "").any().fill_null(value=False)).row(0).count(True) == 0
            )

    def test_ids_are_unique_and_every_reference_exists(self, registry, holders, case):
        devices, people = registry(case), holders(case)
        assert devices["device_id"].is_unique().all()
        assert people["holder_id"].is_unique().all()
        known = people["holder_id"].implode()
        clinics = people.filter(pl.col("kind") == "clinic")["holder_id"].implode()
        assert devices["holder_id"].is_in(known).all()
        assert devices["clinic_id"].is_in(clinics).all()
        assert people["clinic_id"].drop_nulls().is_in(clinics).all()
        assert people["represented_by"].drop_nulls().is_in(known).all()

    def test_nobody_can_be_reached_by_mistake(self, holders, case):
        people = holders(case)
        assert all(EXAMPLE_MAIL.fullmatch(mail) for mail in people["email"].drop_nulls())
        assert all(FICTION.fullmatch(phone) for phone in people["phone"].drop_nulls())
        assert people["email"].drop_nulls().is_unique().all()
        assert people["phone"].drop_nulls().is_unique().all()
        assert people["address_lines"].str.contains(r"\|").all()
        # Postcodes begin with 00, or with a Z where letters begin them: nowhere assigned.
        postcode = r"\b(00\d\d|00\d{3}|00\d \d\d|00\d\d ZZ|ZZ\d \dZZ|Z\dZ \dZ\d)\b"
        assert people["address_lines"].str.contains(postcode).all()

    def test_serials_do_not_look_real(self, registry, case):
        assert registry(case)["serial"].drop_nulls().str.starts_with("SYN").all()

    def test_every_clinic_has_a_clinician_and_a_country_of_its_patients(
        self, registry, holders, case
    ):
        people = holders(case)
        clinics = people.filter(pl.col("kind") == "clinic")
        clinicians = people.filter(pl.col("kind") == "clinician")
        assert set(clinicians["clinic_id"]) == set(clinics["holder_id"])
        where = dict(zip(clinics["holder_id"], clinics["country"], strict=True))
        patients = people.filter(pl.col("clinic_id").is_not_null())
        pairs = patients.select("clinic_id", "country").unique().rows()
        assert all(where[clinic] == country for clinic, country in pairs)
        assert set(registry(case)["country"]) <= set(where.values())

    def test_says_what_is_invented(self, samples, case):
        assumptions = samples[case].assumptions
        assert all(sentence.endswith(".") for sentence in assumptions)
        assert any("invented" in sentence for sentence in assumptions)


class TestCaseA:
    def test_every_patient_has_one_pump_and_some_have_parts(self, registry, holders):
        devices = registry("a")
        pumps, parts = devices[:4_000], devices[4_000:]
        assert pumps["holder_id"].n_unique() == 4_000
        patients = holders("a").filter(pl.col("holder_id").str.starts_with("A-P"))
        assert len(patients) == 4_000
        assert set(parts["holder_id"]) < set(pumps["holder_id"])
        assert {"MMT-500", "MMT-503", "MMT-7305NA", "MMT-7305WW"} <= set(parts["model"])

    def test_counts_add_up(self, registry):
        assert sum(line.n_pumps for line in lines(model_codes())) == 4_000
        pumps = registry("a")[:4_000]
        assert pumps["software_version"].count() == 2_400
        assert len(pumps.filter(pl.col("country") != "US")) == 675

    @pytest.mark.parametrize(
        "row",
        [
            r"508",
            r"511[LR]?NA[SLBP]",
            r"[57]12",
            r"[57]15",
            r"[57]22([LR]?(NA|WW|CA)[SLBP])?",
            r"[57]22K",
            r"[57]23[LR]?NA[SLBP]",
            r"[57]23K",
            r"712E",
            r"[57]54CM[SLBP]",
            r"[57]54[LR]?WW[SLBP]",
            r"[57]51[LR]?NA[SLBP]",  # 530G: not in the notice
            r"171[12]K",  # 640G: not in the notice
        ],
    )
    def test_every_row_of_the_scope_occurs(self, registry, row):
        bare = registry("a")["model"].drop_nulls().str.to_uppercase()
        bare = bare.str.replace(r"^MMT[- ]?", "")
        assert bare.str.contains(f"^({row})$").any()

    @pytest.mark.parametrize("version", ["2.4", "2.4A", "2.4B", "2.6A", "2.6B", "2.7A", "2.10A"])
    def test_versions_lie_on_both_sides_of_the_bounds(self, registry, version):
        versions = registry("a")["software_version"].drop_nulls()
        assert versions.str.replace(r"^[vV] ?", "").is_in([version]).any()

    def test_some_records_cannot_be_decided(self, registry):
        pumps = registry("a")[:4_000]
        assert len(pumps.filter(pl.col("model").is_null() & pl.col("product").is_null())) == 20
        assert len(pumps.filter(pl.col("product") == "Paradigm")) == 60
        assert 0 < pumps["manufacturer"].null_count() < 200
        assert pumps.filter(pl.col("shipped_on").str.len_chars() == 4).height > 0

    def test_travellers_hold_pumps_that_were_sold_elsewhere(self, registry):
        at_home = registry("a").filter(pl.col("country") == "US")
        assert at_home["model"].drop_nulls().str.contains(r"(?i)(712E|[57]54)").any()

    def test_a_minor_is_reached_through_a_guardian_of_the_household(self, holders):
        people = holders("a")
        minors = people.filter(pl.col("minor") == "true")
        assert len(minors) == 440
        assert minors["email"].null_count() == minors["phone"].null_count() == 440
        both = minors.join(people, left_on="represented_by", right_on="holder_id")
        assert len(both) == 440
        assert (both["address_lines"] == both["address_lines_right"]).all()
        assert (both["minor_right"] == "false").all()


@pytest.fixture(scope="module")
def year(registry) -> pl.DataFrame:
    """All records; ``lot`` as the notice writes it."""
    lot = pl.col("lot").str.to_uppercase().str.replace_all(" ", "")
    return registry("b").with_columns(lot=lot)


@pytest.fixture(scope="module")
def revision_1(year) -> pl.DataFrame:
    day = pl.col("shipped_on").str.len_chars() == 10
    opens, closes = pl.lit("2010-11-30"), pl.lit("2011-01-04")
    within = day & pl.col("shipped_on").is_between(opens, closes)
    # All of December lies in the window; November, 2010 and 2011 lie only partly in it.
    december = pl.col("shipped_on") == "2010-12"
    return year.filter(pl.col("lot").is_in(SIX_LOTS) & (within | december))


@pytest.fixture(scope="module")
def revision_2(year) -> pl.DataFrame:
    return year.filter(pl.col("lot").is_in(SIX_LOTS))


class TestCaseB:
    def test_a_year_is_eight_million_cartridges_at_fifty_thousand_customers(self, year, holders):
        assert year["quantity"].sum() == 8_000_000
        assert year["holder_id"].n_unique() == 50_000
        assert 300_000 <= len(year) <= 900_000
        kinds = dict(holders("b")["kind"].value_counts().rows())
        assert (kinds["person"], kinds["clinician"]) == (50_000, 2_600)

    def test_revision_1_is_forty_five_thousand_at_about_five_thousand(self, revision_1):
        assert revision_1["quantity"].sum() == 45_000
        assert abs(revision_1["holder_id"].n_unique() - 5_000) <= 150
        known = revision_1.filter(pl.col("quantity").is_not_null())
        assert abs(known["holder_id"].n_unique() - 5_000) <= 150

    def test_revision_2_contains_revision_1(self, revision_1, revision_2):
        assert revision_2["quantity"].sum() == 384_000
        assert set(revision_1["device_id"]) < set(revision_2["device_id"])

    def test_another_seed_gives_the_same_totals(self):
        other = pl.DataFrame(_drawn("b", seed=12).registry)
        lot = pl.col("lot").str.to_uppercase().str.replace_all(" ", "")
        assert other["quantity"].sum() == 8_000_000
        assert other.filter(lot.is_in(SIX_LOTS))["quantity"].sum() == 384_000
        assert other["holder_id"].n_unique() == 50_000

    def test_a_lot_stays_in_its_country(self, year):
        pairs = set(year.drop_nulls("lot").select("country", pl.col("lot").str.head(1)).rows())
        assert pairs == {("US", "B"), ("FR", "F")}

    def test_the_recalled_lots_have_neighbours_with_gaps(self, year):
        lots = set(year["lot"].drop_nulls())
        assert {f"B2015{number}" for number in range(74, 85)} <= lots
        assert {"F201500", "F201502"} <= lots

    def test_shipments_lie_on_every_side_of_the_window(self, revision_2):
        days = set(revision_2["shipped_on"])
        assert {"2010-11-29", "2010-11-30", "2011-01-04", "2011-01-05"} <= days

    def test_a_few_records_cannot_be_decided(self, year, revision_2):
        assert year["lot"].null_count() == 150
        assert year["quantity"].null_count() == 120
        lengths = dict(year["shipped_on"].str.len_chars().value_counts().rows())
        assert (lengths[4], lengths[7]) == (180, 100)
        assert revision_2.filter(pl.col("shipped_on").is_in(["2010", "2010-11"])).height == 130


class TestCaseC:
    def test_patients_per_country(self, registry):
        devices = registry("c")
        assert len(devices) == devices["holder_id"].n_unique() == 350
        assert dict(devices["country"].value_counts().rows()) == {
            "FR": 250,
            "BE": 30,
            "NL": 50,
            "SE": 20,
        }

    def test_languages(self, holders):
        spoken = holders("c").group_by("country").agg(pl.col("language").unique())
        assert {country: set(languages) for country, languages in spoken.rows()} == {
            "FR": {"fr"},
            "BE": {"fr", "nl", "de"},
            "NL": {"nl"},
            "SE": {"sv"},
        }

    def test_implantations_are_known_to_the_day_month_year_or_not(self, registry):
        stated = registry("c")["implanted_on"]
        assert stated.null_count() == 6
        lengths = dict(stated.drop_nulls().str.len_chars().value_counts().rows())
        assert lengths == {10: 322, 7: 14, 4: 8}

    def test_replacements_fall_due_from_2019_to_2028(self, samples):
        needs = pl.DataFrame(case_c.replacement_needs(samples["c"].registry))
        assert len(needs) == 350
        assert needs["due_from"].null_count() == needs["due_by"].null_count() == 6
        dated = needs.drop_nulls()
        assert (dated["due_from"] < dated["due_by"]).all()
        assert dated["due_from"].min().year == 2019
        assert dated["due_by"].max().year == 2028

    def test_the_table_agrees_with_the_function(self, samples):
        needs = pl.DataFrame(case_c.replacement_needs(samples["c"].registry))
        for stated, due_from, due_by in needs.select("implanted_on", "due_from", "due_by").rows():
            low = high = None
            if stated is not None:
                first = np.datetime64(stated)
                low = first.astype("datetime64[D]").item()
                high = ((first + 1).astype("datetime64[D]") - 1).item()
            assert case_c.replacement_due(low, high) == (due_from, due_by)

    @pytest.mark.parametrize(
        ("low", "high", "life", "expected"),
        [
            ((2014, 5, 1), (2014, 5, 1), (6, 8), ((2020, 5, 1), (2022, 5, 1))),
            ((2015, 1, 1), (2015, 12, 31), (6, 8), ((2021, 1, 1), (2023, 12, 31))),
            ((2016, 2, 29), (2016, 2, 29), (6, 8), ((2022, 2, 28), (2024, 2, 29))),
            ((2016, 2, 29), (2016, 2, 29), (5, 5), ((2021, 2, 28), (2021, 2, 28))),
            (None, (2016, 3, 1), (6, 8), (None, (2024, 3, 1))),
        ],
    )
    def test_replacement_due(self, low, high, life, expected):
        days = [None if day is None else date(*day) for day in (low, high)]
        due = case_c.replacement_due(*days, life_years=life)
        assert due == tuple(None if day is None else date(*day) for day in expected)
