"""The join of `benchmarks.match` by hand, in Polars: a second yardstick beside `match.sql`.

It reads the same files as `match.sql`, has the same design (each value of a product is judged once,
as a word of two bits per candidate), and writes the same rows. It is no part of Tocsin.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from polars import col, lit

KINDS = ("software", "lot", "country")
MISSING = 1 << 62
PLACES = MISSING - 1
NO_FIRST_DAY, NO_DAY_AFTER = -1_000_000, 1_000_000
BEFORE_ANY_DAY = -25567  # 1900: no record states an earlier day
# A score orders the entries of a notice: truth, identity, earlier entry, reason; below them the
# entry's number, so that the greatest score also tells which entry it is.
REASON_AT, ORDINAL_AT, IDENTITY_AT, TRUTH_AT = 24, 32, 48, 52
REASONS = (
    "in_scope", "product_unclear", "software_unknown", "software_unclear", "lot_unknown",
    "lot_unclear", "shipped_on_unknown", "shipped_on_unclear", "country_unknown",
)  # fmt: skip
Tables = Mapping[str, pl.DataFrame]


def match_with_polars(folder: Path, out: Path) -> None:
    """Write the verdicts of the keyed records of a folder."""
    keyed, compiled = folder / "keyed", folder / "compiled"
    pieces = {kind: pl.read_parquet(compiled / f"pieces_{kind}.parquet") for kind in KINDS}
    entries = pl.read_parquet(compiled / "entries.parquet")
    candidates = _candidates(pl.read_parquet(compiled / "identity.parquet"), entries, pieces)
    judged = [
        _value_words(pl.scan_parquet(keyed / f"values_{kind}.parquet"), kind, candidates, pieces)
        for kind in KINDS
    ]
    words = dict(zip(KINDS, pl.collect_all(judged, engine="streaming"), strict=True))
    # Read twice below: kept, because as one plan it takes half as long again.
    scored = _scored(pl.scan_parquet(keyed / "records.parquet"), words, candidates)
    kept = scored.collect(engine="streaming").lazy()
    decided = pl.concat([_alone(kept), _among_rivals(kept)])
    _worded(decided, entries).sink_parquet(out, compression="snappy", engine="streaming")


def _candidates(identity: pl.DataFrame, entries: pl.DataFrame, pieces: Tables) -> pl.DataFrame:
    """Return one row per product and entry that may be about it."""
    place = pl.int_range(pl.len(), dtype=pl.Int64).over("product_no")
    return (
        identity.lazy()
        .join(entries.lazy(), on="entry_no")
        .sort("product_no", "entry_no")
        .with_columns(bit=lit(4, pl.Int64).pow(place))
        .select(
            "product_no",
            "entry_no",
            "notice_no",
            "excludes",
            "bit",
            sure_bit=col("bit") * 2,
            rivals=col("bit").sum().over("product_no", "notice_no") - col("bit"),
            clear=col("truth") == 2,
            first_day=col("first_day").fill_null(NO_FIRST_DAY),
            day_after=col("day_after").fill_null(NO_DAY_AFTER),
            rank=col("truth").cast(pl.Int64) * (1 << IDENTITY_AT)
            + (65535 - col("ordinal").cast(pl.Int64)) * (1 << ORDINAL_AT)
            + col("entry_no"),
            **{
                f"on_{kind}": col("entry_no").is_in(pieces[kind]["entry_no"].unique().implode())
                for kind in KINDS
            },
        )
        .collect()
    )


def _value_words(
    values: pl.LazyFrame, kind: str, candidates: pl.DataFrame, pieces: Tables
) -> pl.LazyFrame:
    """Return the word of each value of a kind; zero words are left out."""
    number, constrained, bit = f"{kind}_no", col(f"on_{kind}"), col("bit")
    missing = col("lot_text" if kind == "lot" else f"{kind}_low").is_null()
    tried = (
        values.filter(~missing)
        .join(candidates.lazy().select("product_no", "entry_no", "bit"), on="product_no")
        .join(pieces[kind].lazy(), on="entry_no")
    )
    possible, surely = _lot_rules() if kind == "lot" else _step_rules(kind)
    found = (
        tried.filter(possible)
        .group_by(number)
        .agg(found=pl.when(surely).then(bit * 3).otherwise(bit).bitwise_or())
    )
    of_product = (
        candidates.lazy()
        .group_by("product_no")
        .agg(
            free=pl.when(constrained).then(0).otherwise(bit * 3).sum(),
            held=pl.when(constrained).then(bit).otherwise(0).sum(),
        )
    )
    added = pl.when("missing").then(col("held") + MISSING).otherwise(col("found").fill_null(0))
    return (
        values.select(number, "product_no", missing=missing)
        .join(of_product, on="product_no")
        .join(found, on=number, how="left")
        .select(number, (col("free") + added).alias(f"{kind}_word"))
        .filter(col(f"{kind}_word") != 0)
    )


def _step_rules(kind: str) -> tuple[pl.Expr, pl.Expr]:
    """Return whether a value may lie in a step, and whether it surely does."""
    low, high = col(f"{kind}_low"), col(f"{kind}_high")
    start, end = col("low_bound"), col("high_bound")
    return (low < end) & (high >= start), (low >= start) & (high < end) & (col("truth") == 2)


def _lot_rules() -> tuple[pl.Expr, pl.Expr]:
    """Return whether a lot may be in an item, and whether it surely is."""
    inside = col("lot_text").is_between("text_low", "text_high") & col("lot_width").is_between(
        "width_low", "width_high"
    )
    prefix, bound = col("lot_prefix"), col("prefix_bound")
    alike = col("near") & ((prefix == "") | (prefix == bound) | (bound == ""))
    alike |= col("lot_skeleton").is_between("skeleton_low", "skeleton_high")
    counted = col("lot_counter").is_between("counter_low", "counter_high")
    part = col("lot_stem").is_between("text_low", "text_high") & col("lot_stem_width").is_between(
        "width_low", "width_high"
    )
    part |= col("lot_text") == col("stem_bound")
    return part | (counted & (inside | alike)), counted & inside


def _scored(records: pl.LazyFrame, words: Tables, candidates: pl.DataFrame) -> pl.LazyFrame:
    """Return one row per record and candidate that is not refuted."""
    for kind in KINDS:
        records = records.join(words[kind].lazy(), on=f"{kind}_no")
    software, lot, country = (col(f"{kind}_word") for kind in KINDS)
    word, sure = col("word"), col("sure_bit")
    low, high = col("shipped_on_low"), col("shipped_on_high")
    inside = (low >= col("first_day")) & (high < col("day_after"))
    reason = (
        pl.when(~col("clear")).then(1)
        .when(software & sure == 0).then(pl.when(software >= MISSING).then(2).otherwise(3))
        .when(lot & sure == 0).then(pl.when(lot >= MISSING).then(4).otherwise(5))
        .when(~inside).then(pl.when(low < BEFORE_ANY_DAY).then(6).otherwise(7))
        .otherwise(8)
        .cast(pl.Int64)
    )  # fmt: skip
    holds = col("clear") & (word & sure != 0) & inside
    return (
        records.with_columns(word=software & lot & country & PLACES)
        .filter(word != 0)
        .join(candidates.lazy().drop([f"on_{kind}" for kind in KINDS]), on="product_no")
        .filter((word & col("bit") != 0) & (low < col("day_after")) & (high >= col("first_day")))
        .select(
            "device_id",
            "row_no",
            "notice_no",
            "excludes",
            alone=(word & col("rivals")) == 0,
            score=col("rank")
            + pl.when(holds)
            .then(2 << TRUTH_AT)
            .otherwise((1 << TRUTH_AT) + reason * (1 << REASON_AT)),
        )
    )


def _alone(scored: pl.LazyFrame) -> pl.LazyFrame:
    """Return what is decided by the only entry of its notice."""
    return scored.filter(col("alone") & ~col("excludes")).select(
        "device_id", "score", by_exclusion=lit(value=False)
    )


def _among_rivals(scored: pl.LazyFrame) -> pl.LazyFrame:
    """Return what is decided among several entries of one notice."""
    affecting, excluding = col("affecting"), col("excluding")
    score = col("score")
    excluded = (excluding // (1 << TRUTH_AT)).fill_null(0)
    by_exclusion = (excluded == 1) & (affecting // (1 << TRUTH_AT) == 2)
    return (
        scored.filter(~col("alone"))
        .group_by("row_no", "notice_no")
        .agg(
            col("device_id").first(),
            affecting=score.filter(~col("excludes")).max(),
            excluding=score.filter(col("excludes")).max(),
        )
        .filter(affecting.is_not_null() & (excluded < 2))
        .select(
            "device_id",
            score=pl.when(by_exclusion).then(excluding).otherwise(affecting),
            by_exclusion=by_exclusion,
        )
    )


def _worded(decided: pl.LazyFrame, entries: pl.DataFrame) -> pl.LazyFrame:
    """Return the output rows."""
    number = ((1 << REASON_AT) - 1) & col("score")
    reason = col("score") // (1 << REASON_AT) & 255
    outcomes = pl.LazyFrame(
        {
            "outcome": range(2 * len(REASONS)),
            "verdict": ["affected"] * 2 + ["cannot_tell"] * (2 * len(REASONS) - 2),
            "reason_code": [start + code for code in REASONS for start in ("", "exclusion_")],
        },
        schema={"outcome": pl.Int64, "verdict": pl.Categorical, "reason_code": pl.Categorical},
    )
    names = entries.lazy().select(
        "entry_no",
        col("notice_id").cast(pl.Categorical),
        "revision",
        col("entry").cast(pl.Categorical),
    )
    return (
        decided.select(
            "device_id",
            entry_no=number.cast(pl.Int32),
            outcome=reason * 2 + col("by_exclusion").cast(pl.Int64),
        )
        .join(names, on="entry_no")
        .join(outcomes, on="outcome")
        .select("device_id", "notice_id", "revision", "verdict", "entry", "reason_code")
    )
