"""The steps of a roll-up as SQL, one common table expression each; ``queries.rollups`` puts them together.

Spans and rules first; then what the sums of a year say by themselves; then all else, period by period and year by year;
then lines of what belongs together. Where a step stops, ``why`` or ``stop`` carries a ``rollups.Why``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SPANS = """
rule AS MATERIALIZED (
  SELECT i.id AS indicator_id, i.measure, r.time, r.places, r.groups
    FROM indicators_indicator i
    JOIN unnest(%(measure)s::text[], %(aggregation_status)s::text[], %(counting_rule)s::text[], %(over_time)s::text[],
                %(over_places)s::text[], %(over_groups)s::text[], %(time)s::text[], %(places)s::text[],
                %(groups)s::text[])
         r (measure, aggregation_status, counting_rule, over_time, over_places, over_groups, time, places, groups)
      ON (i.measure, i.aggregation_status, i.counting_rule, i.over_time, i.over_places, i.over_groups)
       = (r.measure, r.aggregation_status, r.counting_rule, r.over_time, r.over_places, r.over_groups)
   WHERE i.programme_id = ANY(%(programmes)s)
), month AS MATERIALIZED (
  -- The first day of each month; year and number of the month before it.
  SELECT make_date(1900 + n / 12, n %% 12 + 1, 1) AS day, min(n) AS n, min(1900 + (n - 1) / 12) AS year,
         min((n - 1) %% 12 + 1) AS last
    FROM generate_series(1, 2400) n GROUP BY 1
), span AS MATERIALIZED (
  -- Year 0: it has no dates. Whole months are bits: periods that share none of them are apart.
  SELECT p.id, p.indicator_id, p.starts_on, p.ends_on,
         coalesce(after.year, date_part('year', p.ends_on)::int, 0) AS year,
         CASE WHEN begin.n < after.n AND begin.n >= after.n - after.last - 18
              THEN (1 << (after.last + 18)) - (1 << (after.last + 18 - after.n + begin.n)) END AS months
    FROM indicators_period p
    LEFT JOIN month begin ON begin.day = p.starts_on
    LEFT JOIN month after ON after.day = p.ends_on + 1
   WHERE p.programme_id = ANY(%(programmes)s)
), break AS MATERIALIZED (
  SELECT b.indicator_id, b."on" FROM indicators_break b
   WHERE b.programme_id = ANY(%(programmes)s)
     AND NOT EXISTS (SELECT FROM unnest(%(ended)s::bigint[], %(cutoffs)s::timestamptz[]) view (programme_id, cutoff)
                      WHERE view.programme_id = b.programme_id AND view.cutoff < b.stated_at)
), ended AS MATERIALIZED ({ended})
"""

ENDED = """
SELECT indicator_id, period_id, place_id, indicators_split(cell) AS split, count(*) AS "values",
       count(value) AS numbers, count(denominator) AS fractions, max(position) + 1 AS positions, sum(value) AS value,
       sum(numerator) AS numerator, sum(denominator) AS denominator, min(value) AS smallest, max(value) AS largest,
       max(value) FILTER (WHERE whole) AS reported, max(value_text) FILTER (WHERE whole) AS said
  FROM (
    SELECT DISTINCT ON (v.period_id, v.cell, v.place_id, v.position) v.*,
           v.cell = '' AND v.place_id IS NULL AND v.locations = '[]' AND v.position = 0 AS whole
      FROM unnest(%(ended)s::bigint[], %(cutoffs)s::timestamptz[]) view (programme_id, cutoff)
      JOIN indicators_value v ON v.programme_id = view.programme_id AND v.recorded_at <= view.cutoff
     ORDER BY v.period_id, v.cell, v.place_id, v.position, v.revision DESC) current
 GROUP BY indicator_id, period_id, place_id, indicators_split(cell)
"""
"""The columns of a summary, from the values as they stood when the view ended."""

SUMMARIES = """
SELECT indicator_id, period_id, place_id, split, "values", numbers, fractions, positions, value, numerator, denominator,
       smallest, largest, reported, said
  FROM indicators_summary WHERE programme_id = ANY(%(open)s)
"""

PLAIN = """
rough AS MATERIALIZED (
  SELECT s.indicator_id, p.year, count(*) AS slots, sum("values")::bigint AS "values",
         bool_and(numbers = "values") AS numbers, bool_and(fractions = 0) AS undivided,
         bool_and(fractions = "values") AS divided, max(positions) AS positions, min(split) AS split,
         max(split) AS other,
         count(place_id) > 0 AND (count(place_id) < count(*) OR min(place_id) < max(place_id)) AS spread,
         coalesce(count(months) = count(*) AND sum(months) = bit_or(months), false) AS months_apart,
         count(said) AS said, sum(value) AS value, sum(numerator) AS numerator, sum(denominator) AS denominator,
         coalesce(bool_or(place_id IN (SELECT id FROM handover_place WHERE parent_id IS NOT NULL)), false) AS nested
    FROM ({source}) s JOIN span p ON p.id = s.period_id GROUP BY s.indicator_id, p.year
), calendar AS MATERIALIZED (
  -- Day by day, where months do not tell.
  SELECT indicator_id, bool_and(coalesce(starts_on > before AND ends_on IS NOT NULL, false)) AS apart
    FROM (SELECT indicator_id, starts_on, ends_on, lag(ends_on, 1, '-infinity') OVER earlier AS before FROM span
           WHERE indicator_id IN (SELECT indicator_id FROM rough WHERE slots > 1 AND NOT months_apart)
          WINDOW earlier AS (PARTITION BY indicator_id ORDER BY starts_on, ends_on)) ordered
   GROUP BY indicator_id
), needed AS (
  SELECT r.*, u.measure, u.time, u.places, u.groups, "values" > slots AS grouped, slots > 1 AS timed,
         r.year > 0 AND (coalesce(c.apart, false) OR months_apart)
           AND r.indicator_id NOT IN (SELECT indicator_id FROM break) AS apart
    FROM rough r JOIN rule u ON u.indicator_id = r.indicator_id
    LEFT JOIN calendar c ON c.indicator_id = r.indicator_id
), shaped AS (
  SELECT *, split = other AND positions = 1 AND numbers AND NOT nested AND said IN (0, slots)
            AND (apart OR NOT timed) AS sound,
         (groups = 'sum' OR NOT grouped) AND (places = 'sum' OR NOT spread) AND (time = 'sum' OR NOT timed)
            AND (undivided OR "values" = 1) AS adds,
         (groups = 'weighted' OR NOT grouped) AND (places = 'weighted' OR NOT spread)
            AND (time = 'weighted' OR NOT timed) AND divided AND denominator <> 0 AS divides,
         timed AND NOT spread AND time = 'none' AS apart_for_ever
    FROM needed
), look AS MATERIALIZED (SELECT *, sound AND (apart_for_ever OR adds OR divides) AS easy FROM shaped
), plain AS (
  -- What the sums of a year say by themselves; all else is looked at period by period.
  SELECT indicator_id, '' AS area, year, "values", CASE WHEN undivided THEN 0 ELSE 1 END AS fractions, measure, places,
         CASE WHEN apart_for_ever THEN 'periods' END AS stop,
         CASE WHEN apart_for_ever THEN NULL WHEN adds THEN value
              ELSE numerator * CASE measure WHEN '2' THEN 100 ELSE 1 END / denominator END AS number,
         CASE WHEN divided AND NOT apart_for_ever THEN numerator END AS top,
         CASE WHEN divided AND NOT apart_for_ever THEN denominator END AS bottom
    FROM look WHERE easy
)
"""

REST = """
  JOIN span p ON p.id = s.period_id
  JOIN look l ON l.indicator_id = s.indicator_id AND l.year = p.year AND NOT l.easy
"""

AREAS: Final[Mapping[str, str]] = {
    "place": "here.id::text",
    "unit": "coalesce(here.parent_id, here.id)::text",
    "today": "handover_place_today(coalesce(here.parent_id, here.id))::text",
    "nuts3": "coalesce(nullif(here.nuts3, ''), above.nuts3)",
    "country": "here.country",
}

POINTS = """
slot AS MATERIALIZED (SELECT s.* FROM ({source}) s {rest}
), kept AS (
  SELECT s.*, {area} AS area
    FROM slot s LEFT JOIN handover_place here ON here.id = s.place_id
    LEFT JOIN handover_place above ON above.id = here.parent_id
   -- Where everybody was reported, the parts say nothing more; nor does a settlement where its unit was.
   WHERE NOT EXISTS (SELECT FROM slot o WHERE o.split = '' AND s.split <> '' AND o.period_id = s.period_id
                        AND coalesce(o.place_id, 0) = coalesce(s.place_id, 0))
     AND NOT EXISTS (SELECT FROM slot o WHERE o.period_id = s.period_id AND o.place_id = here.parent_id)
), summed AS (
  SELECT indicator_id, period_id, area, sum("values") AS "values", count(*) AS slots, sum(numbers) AS numbers,
         sum(fractions) AS fractions, max(positions) AS positions, min(nullif(split, '')) AS split,
         max(nullif(split, '')) AS other, sum(value) AS value, sum(numerator) AS numerator,
         sum(denominator) AS denominator, min(smallest) AS smallest, max(largest) AS largest, min(value) AS least,
         max(value) AS most, max(reported) AS reported, max(said) AS said,
         sum(numerator) FILTER (WHERE said IS NOT NULL) AS said_numerator,
         sum(denominator) FILTER (WHERE said IS NOT NULL) AS said_denominator
    FROM kept GROUP BY indicator_id, period_id, area
), needs AS (
  SELECT s.*, r.measure, r.time, r.places, r.groups, "values" > slots AS grouped, slots > 1 AS spread,
         ("values" > slots AND r.groups = 'weighted') OR (slots > 1 AND r.places = 'weighted') AS weighted
    FROM summed s JOIN rule r ON r.indicator_id = s.indicator_id
), judged AS (
  SELECT *,
         CASE WHEN said IS NOT NULL THEN CASE WHEN reported IS NULL THEN 'words' END
              WHEN split <> other OR positions > 1 THEN 'splits'
              WHEN "values" = 1 THEN CASE WHEN numbers = 0 THEN 'words' END
              WHEN grouped AND groups IN ('none', 'latest') THEN 'groups'
              WHEN spread AND places IN ('none', 'latest') THEN 'places'
              WHEN weighted THEN CASE WHEN fractions < "values" OR denominator = 0 THEN 'denominators' END
              WHEN numbers < "values" THEN 'words'
              WHEN grouped AND spread AND groups <> places AND groups <> 'sum' THEN 'groups'
              WHEN fractions > 0 AND ((grouped AND groups = 'sum') OR (spread AND places = 'sum')) THEN 'rates'
         END AS why
    FROM needs
), point AS (
  SELECT indicator_id, period_id, area, "values", fractions, measure, time, places, why,
         CASE WHEN why IS NOT NULL THEN NULL
              WHEN said IS NOT NULL THEN reported
              WHEN "values" = 1 THEN value
              WHEN weighted THEN numerator * CASE measure WHEN '2' THEN 100 ELSE 1 END / denominator
              ELSE CASE CASE WHEN spread THEN places ELSE groups END
                   WHEN 'sum' THEN value
                   WHEN 'minimum' THEN CASE WHEN grouped AND groups = 'sum' THEN least ELSE smallest END
                   ELSE CASE WHEN grouped AND groups = 'sum' THEN most ELSE largest END END
         END AS total,
         CASE WHEN said IS NOT NULL THEN said_numerator WHEN fractions = "values" THEN numerator END AS over,
         CASE WHEN said IS NOT NULL THEN said_denominator WHEN fractions = "values" THEN denominator END AS under
    FROM judged
)
"""

YEARS = """
dated AS (
  SELECT t.*, p.year, p.starts_on, p.ends_on, row_number() OVER year AS nth, lag(p.ends_on) OVER year AS before,
         max(p.ends_on) OVER (PARTITION BY t.indicator_id, t.area, p.year) AS last_day
    FROM point t JOIN span p ON p.id = t.period_id
  WINDOW year AS (PARTITION BY t.indicator_id, t.area, p.year ORDER BY p.starts_on, p.ends_on DESC, p.id)
), grouped AS (
  SELECT indicator_id, area, year, time, places, measure, sum("values") AS "values", sum(fractions) AS fractions,
         count(*) AS periods, count(total) AS totals, min(why) AS missing, min(starts_on) AS starts_on,
         count(*) = 1 OR max(ends_on - starts_on) = max(ends_on) - min(starts_on) AS whole,
         bool_or(starts_on <= before OR starts_on IS NULL OR ends_on IS NULL) AS overlapping, max(ends_on) AS ends_on,
         max(total) FILTER (WHERE nth = 1) AS total, max(over) FILTER (WHERE nth = 1) AS over,
         max(under) FILTER (WHERE nth = 1) AS under, max(why) FILTER (WHERE nth = 1) AS why,
         max(total) FILTER (WHERE ends_on = last_day) AS last, max(over) FILTER (WHERE ends_on = last_day) AS last_over,
         max(under) FILTER (WHERE ends_on = last_day) AS last_under,
         max(why) FILTER (WHERE ends_on = last_day) AS last_why, sum(total) AS added, sum(over) AS overs,
         sum(under) AS unders, count(under) AS divided, min(total) AS least, max(total) AS most
    FROM dated GROUP BY indicator_id, area, year, time, places, measure
), stopped AS (
  SELECT g.*,
         CASE WHEN whole THEN why
              WHEN time = 'none' THEN 'periods'
              WHEN overlapping THEN 'overlapping'
              WHEN time = 'latest' THEN last_why
              WHEN EXISTS (SELECT FROM break b WHERE b.indicator_id = g.indicator_id
                              AND b."on" > g.starts_on AND b."on" <= g.ends_on) THEN 'break'
              WHEN time = 'weighted' THEN CASE WHEN divided < periods OR unders = 0 THEN 'denominators' END
              WHEN totals < periods THEN missing
              WHEN time = 'sum' AND fractions > 0 THEN 'rates'
         END AS stop
    FROM grouped g
), exact AS (
  SELECT indicator_id, area, year, "values", fractions, measure, places, stop,
         CASE WHEN stop IS NOT NULL THEN NULL WHEN whole THEN total
              ELSE CASE time WHEN 'latest' THEN last WHEN 'sum' THEN added WHEN 'minimum' THEN least
                   WHEN 'maximum' THEN most
                   ELSE overs * CASE measure WHEN '2' THEN 100 ELSE 1 END / unders END
         END AS number,
         CASE WHEN whole THEN over WHEN time = 'latest' THEN last_over WHEN time = 'weighted' THEN overs END AS top,
         CASE WHEN whole THEN under WHEN time = 'latest' THEN last_under
              WHEN time = 'weighted' THEN unders END AS bottom
    FROM stopped
)
"""

LINES = """
line AS (
  SELECT m.meaning, s.year, s.area, count(DISTINCT m.programme_id) AS programmes, count(*) AS indicators,
         sum(s."values") AS "values", min(s.places) AS places, max(s.places) AS other, min(s.stop) AS missing,
         count(*) FILTER (WHERE s.stop IS NULL) AS knowing, sum(s.fractions) AS fractions, min(s.measure) AS measure,
         sum(number) AS added, min(number) AS least, max(number) AS most, count(bottom) AS divided, sum(top) AS top,
         sum(bottom) AS bottom
    FROM settled s JOIN member m ON m.id = s.indicator_id
   GROUP BY m.meaning, s.year, s.area
), told AS (
  SELECT l.*, k.key,
         CASE WHEN indicators = 1 THEN missing
              WHEN places <> other THEN 'rules'
              WHEN places IN ('none', 'latest')
              THEN CASE WHEN key LIKE '%%"distinct_persons"]' THEN 'persons' ELSE 'programmes' END
              WHEN knowing < indicators THEN missing
              WHEN places = 'weighted'
              THEN CASE WHEN divided < indicators OR bottom = 0 THEN 'denominators' END
              WHEN places = 'sum' AND fractions > 0 THEN 'rates'
         END AS why
    FROM line l JOIN (SELECT DISTINCT meaning, key FROM named) k ON k.meaning = l.meaning
)
SELECT key, nullif(year, 0), area, programmes, indicators, "values"::bigint,
       trim_scale(CASE WHEN why IS NOT NULL THEN NULL WHEN indicators = 1 THEN added
                       ELSE CASE places WHEN 'sum' THEN added WHEN 'minimum' THEN least WHEN 'maximum' THEN most
                            ELSE top * CASE measure WHEN '2' THEN 100 ELSE 1 END / bottom END END) AS total,
       trim_scale(CASE WHEN why IS NULL AND divided = indicators THEN top END) AS numerator,
       trim_scale(CASE WHEN why IS NULL AND divided = indicators THEN bottom END) AS denominator, why
  FROM told ORDER BY key, nullif(year, 0) NULLS FIRST, area NULLS FIRST
"""
