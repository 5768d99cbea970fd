-- The join of `benchmarks.match` by hand, for DuckDB and for the four kinds of that benchmark.
-- It is the yardstick of the relational engine and no part of Tocsin.
--
-- Reads {keyed}/*.parquet and {compiled}/*.parquet, see benchmarks/lib/match_prepare.py.
-- Writes {out}: device_id, notice_id, revision, verdict, entry, reason_code.

SET preserve_insertion_order = false;

-- One row per product and entry that may be about it; `bit` is its place in 64-bit words: bit for
-- "not refuted", bit << 1 for "surely". Thirty-one places are enough for this benchmark's notices.
CREATE TEMP TABLE candidate AS
WITH placed AS (
  SELECT i.product_no, i.entry_no, i.truth AS identity, e.notice_no, e.ordinal, e.excludes,
    coalesce(e.first_day, -1000000) AS first_day, coalesce(e.day_after, 1000000) AS day_after,
    1::BIGINT << (2 * (row_number() OVER (PARTITION BY i.product_no ORDER BY i.entry_no) - 1)) AS bit,
    i.entry_no IN (SELECT entry_no FROM '{compiled}/pieces_software.parquet') AS on_software,
    i.entry_no IN (SELECT entry_no FROM '{compiled}/pieces_lot.parquet') AS on_lot,
    i.entry_no IN (SELECT entry_no FROM '{compiled}/pieces_country.parquet') AS on_country
  FROM '{compiled}/identity.parquet' i JOIN '{compiled}/entries.parquet' e USING (entry_no)
)
SELECT *, bit << 1 AS sure_bit, (bit_or(bit) OVER (PARTITION BY product_no, notice_no)) & ~bit AS rivals
FROM placed;

CREATE TEMP TABLE product AS
SELECT product_no,
  bit_or(CASE WHEN on_software THEN 0 ELSE 3 * bit END) AS free_software,
  bit_or(CASE WHEN on_lot THEN 0 ELSE 3 * bit END) AS free_lot,
  bit_or(CASE WHEN on_country THEN 0 ELSE 3 * bit END) AS free_country,
  bit_or(CASE WHEN on_software THEN bit ELSE 0 END) AS held_software,
  bit_or(CASE WHEN on_lot THEN bit ELSE 0 END) AS held_lot,
  bit_or(CASE WHEN on_country THEN bit ELSE 0 END) AS held_country
FROM candidate GROUP BY product_no;

-- Each distinct value of a product is judged once. Bit 62 tells that the value is missing.
CREATE TEMP TABLE software_word AS
WITH found AS (
  SELECT v.software_no, bit_or(CASE WHEN v.software_low >= p.low_bound
      AND v.software_high < p.high_bound AND p.truth = 2 THEN 3 * c.bit ELSE c.bit END) AS bits
  FROM '{keyed}/values_software.parquet' v
  JOIN candidate c USING (product_no)
  JOIN '{compiled}/pieces_software.parquet' p ON p.entry_no = c.entry_no
    AND v.software_low < p.high_bound AND v.software_high >= p.low_bound
  GROUP BY 1
)
SELECT software_no, free_software + CASE WHEN software_low IS NULL
  THEN held_software + (1::BIGINT << 62) ELSE coalesce(bits, 0) END AS software_word
FROM '{keyed}/values_software.parquet' JOIN product USING (product_no)
LEFT JOIN found USING (software_no);

CREATE TEMP TABLE country_word AS
WITH found AS (
  SELECT v.country_no, bit_or(3 * c.bit) AS bits
  FROM '{keyed}/values_country.parquet' v
  JOIN candidate c USING (product_no)
  JOIN '{compiled}/pieces_country.parquet' p ON p.entry_no = c.entry_no
    AND v.country_low >= p.low_bound AND v.country_low < p.high_bound
  GROUP BY 1
)
SELECT country_no, free_country + CASE WHEN country_low IS NULL
  THEN held_country + (1::BIGINT << 62) ELSE coalesce(bits, 0) END AS country_word
FROM '{keyed}/values_country.parquet' JOIN product USING (product_no)
LEFT JOIN found USING (country_no);

-- A lot is perhaps in an item if its counter is, and its prefix is the same or missing; or if it
-- is so without its suffix.
CREATE TEMP TABLE lot_word AS
WITH found AS (
  SELECT v.lot_no, bit_or(CASE WHEN v.lot_text BETWEEN p.text_low AND p.text_high
      AND v.lot_width BETWEEN p.width_low AND p.width_high
      AND v.lot_counter BETWEEN p.counter_low AND p.counter_high THEN 3 * c.bit ELSE c.bit END) AS bits
  FROM '{keyed}/values_lot.parquet' v
  JOIN candidate c USING (product_no)
  JOIN '{compiled}/pieces_lot.parquet' p ON p.entry_no = c.entry_no
    AND ((v.lot_stem BETWEEN p.text_low AND p.text_high
          AND v.lot_stem_width BETWEEN p.width_low AND p.width_high)
      OR v.lot_text = p.stem_bound
      OR v.lot_counter BETWEEN p.counter_low AND p.counter_high
    AND ((v.lot_text BETWEEN p.text_low AND p.text_high
          AND v.lot_width BETWEEN p.width_low AND p.width_high)
      OR (p.near AND (v.lot_prefix = '' OR v.lot_prefix = p.prefix_bound OR p.prefix_bound = ''))
      OR v.lot_skeleton BETWEEN p.skeleton_low AND p.skeleton_high))
  GROUP BY 1
)
SELECT lot_no, free_lot + CASE WHEN lot_text IS NULL
  THEN held_lot + (1::BIGINT << 62) ELSE coalesce(bits, 0) END AS lot_word
FROM '{keyed}/values_lot.parquet' JOIN product USING (product_no)
LEFT JOIN found USING (lot_no);

-- Reasons in the order in which they are told; 0 is none. A score orders the entries of a notice:
-- truth, identity, earlier entry; its last byte is the reason.
CREATE TEMP TABLE reason (number TINYINT, code VARCHAR);
INSERT INTO reason VALUES (1, 'product_unclear'), (2, 'software_unknown'), (3, 'software_unclear'),
  (4, 'lot_unknown'), (5, 'lot_unclear'), (6, 'shipped_on_unknown'), (7, 'shipped_on_unclear'),
  (8, 'country_unknown');
-- One row per reason, and once more where an exclusion speaks.
CREATE TEMP TABLE outcome AS
SELECT 0 AS outcome, 'affected' AS verdict, 'in_scope' AS reason_code
UNION ALL SELECT number * 2, 'cannot_tell', code FROM reason
UNION ALL SELECT number * 2 + 1, 'cannot_tell', 'exclusion_' || code FROM reason;

-- What is written again and again is an enumeration: DuckDB writes those twice as fast.
CREATE TYPE verdict_name AS ENUM (SELECT DISTINCT verdict FROM outcome);
CREATE TYPE reason_name AS ENUM (SELECT DISTINCT reason_code FROM outcome);
CREATE TYPE notice_name AS ENUM (SELECT DISTINCT notice_id FROM '{compiled}/entries.parquet');
CREATE TYPE entry_name AS ENUM (SELECT DISTINCT entry FROM '{compiled}/entries.parquet');
CREATE TEMP TABLE named_outcome AS
SELECT outcome, verdict::verdict_name AS verdict, reason_code::reason_name AS reason_code
FROM outcome;
CREATE TEMP TABLE named_entry AS
SELECT entry_no, notice_id::notice_name AS notice_id, revision, entry::entry_name AS entry
FROM '{compiled}/entries.parquet';

COPY (
  WITH live AS (
    SELECT device_id, row_no, product_no, software_word, lot_word, country_word,
      software_word & lot_word & country_word AS word,
      shipped_on_low AS low, shipped_on_high AS high
    FROM '{keyed}/records.parquet'
    JOIN software_word USING (software_no)
    JOIN lot_word USING (lot_no)
    JOIN country_word USING (country_no)
    WHERE software_word & lot_word & country_word & ((1::BIGINT << 62) - 1) <> 0
  ),
  scored AS MATERIALIZED (
    SELECT device_id, row_no, notice_no, entry_no, excludes, (word & rivals) = 0 AS alone,
      (identity::INTEGER << 24) + ((65535 - ordinal) << 8) + CASE
        WHEN identity = 2 AND word & sure_bit <> 0 AND low >= first_day AND high < day_after
          THEN 2 << 28
        ELSE (1 << 28) + CASE WHEN identity = 1 THEN 1
          WHEN software_word & sure_bit = 0 THEN CASE WHEN software_word >> 62 = 1 THEN 2 ELSE 3 END
          WHEN lot_word & sure_bit = 0 THEN CASE WHEN lot_word >> 62 = 1 THEN 4 ELSE 5 END
          WHEN low < first_day OR high >= day_after
            THEN CASE WHEN low < -25567 THEN 6 ELSE 7 END  -- before 1900: there is none
          ELSE 8 END
      END AS score
    FROM live JOIN candidate USING (product_no)
    WHERE word & bit <> 0 AND low < day_after AND high >= first_day
  ),
  best AS (
    SELECT device_id, entry_no, score & 255 AS reason, 0 AS by_exclusion
    FROM scored WHERE alone AND NOT excludes
    UNION ALL
    SELECT device_id,
      CASE WHEN by_exclusion THEN out_entry ELSE entry END,
      CASE WHEN by_exclusion THEN out_score ELSE score END & 255,
      by_exclusion::INTEGER
    FROM (
      SELECT *, coalesce(out_score >> 28 = 1 AND score >> 28 = 2, false) AS by_exclusion
      FROM (
        SELECT any_value(device_id) AS device_id,
          max(score) FILTER (NOT excludes) AS score,
          arg_max(entry_no, score) FILTER (NOT excludes) AS entry,
          max(score) FILTER (excludes) AS out_score,
          arg_max(entry_no, score) FILTER (excludes) AS out_entry
        FROM scored WHERE NOT alone GROUP BY row_no, notice_no
      )
      WHERE score IS NOT NULL AND coalesce(out_score >> 28, 0) < 2
    )
  )
  SELECT device_id, notice_id, revision, verdict, entry, reason_code
  FROM (SELECT device_id, entry_no, (reason * 2 + by_exclusion)::INTEGER AS outcome FROM best)
  JOIN named_entry USING (entry_no)
  JOIN named_outcome USING (outcome)
) TO '{out}' (FORMAT parquet);
