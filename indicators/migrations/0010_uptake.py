"""How the indicators of a model went among all who adopted it: aggregates that cross the wall, and nothing else."""

from __future__ import annotations

from django.db import migrations

UPTAKE = r"""
-- Organisations are counted, not programmes: of one that has several nothing shows either. Counts from 1 to the bound
-- are withheld, and so is what would let one be worked out: those who adopted and do not report, those who report and
-- have not come forward. The bound is the strictest of the publisher's and the adopters' own (small_cells_up_to), and
-- never less than 4. The median is told in steps of 5 per cent. The row without a piece tells of the whole model.
CREATE FUNCTION indicators_model_uptake(asked uuid)
  RETURNS TABLE (piece text, organisations integer, reporting integer, forward integer, median integer, bound integer)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH adopted AS (
    SELECT a.id, a.programme_id, p.steward_id
      FROM public.interventions_adoption a JOIN public.handover_programme p ON p.id = a.programme_id
     WHERE a.model_uuid = asked AND a.counted AND public.my_organisations() <> '{}'
  ), whole AS (
    SELECT count(DISTINCT a.steward_id)::integer AS organisations,
           greatest(4, max(o.small_cells_up_to), (
             SELECT coalesce(mine.small_cells_up_to, 5)
               FROM public.interventions_interventionmodel m
               LEFT JOIN public.handover_organisation mine ON mine.id = m.organisation_id
              WHERE m.uuid = asked))::integer AS bound
      FROM adopted a JOIN public.handover_organisation o ON o.id = a.steward_id
  ), taken AS (
    SELECT t.key, a.steward_id, i.id AS indicator_id, i.measure, i.ascending,
           i.over_places = 'sum' OR (i.over_places = '' AND i.counting_rule <> 'distinct_persons') AS adds_over_places,
           i.over_time = 'sum' OR (i.over_time = '' AND i.measure = '1' AND i.counting_rule <> 'distinct_persons'
             AND i.aggregation_status IN ('1', 'true')) AS adds_over_time
      FROM adopted a
      JOIN public.interventions_adoptedpiece t
        ON t.programme_id = a.programme_id AND t.adoption_id = a.id AND t.kind = 'indicator' AND t.row_uuid IS NOT NULL
      JOIN public.indicators_indicator i ON i.programme_id = a.programme_id AND i.uuid = t.row_uuid
     WHERE i.measure IN ('1', '2') AND i.expression = ''
  ), sums AS (
    SELECT s.*, bool_or(s.place_id IS NULL) OVER slot AS has_whole, min(s.split) OVER slot AS first_split
      FROM public.indicators_summary s
     WHERE s.indicator_id IN (SELECT indicator_id FROM taken)
    WINDOW slot AS (PARTITION BY s.period_id)
  ), totals AS (
    SELECT t.indicator_id, per.starts_on, per.ends_on,
           CASE WHEN t.measure = '2' AND sum(s.fractions) = sum(s.numbers) AND sum(s.denominator) > 0
                  THEN 100 * sum(s.numerator) / sum(s.denominator)
                WHEN count(*) = 1 AND t.measure = '2' THEN max(s.reported)
                WHEN t.measure = '1' AND (count(*) = 1 OR t.adds_over_places) THEN sum(s.value)
           END AS value
      FROM taken t JOIN sums s ON s.indicator_id = t.indicator_id
      JOIN public.indicators_period per ON per.id = s.period_id AND per.indicator_id = t.indicator_id
     WHERE s.split = s.first_split AND (s.place_id IS NULL OR NOT s.has_whole) AND per.ends_on IS NOT NULL
     GROUP BY t.indicator_id, t.measure, t.adds_over_places, per.id, per.starts_on, per.ends_on
  ), latest AS (
    SELECT DISTINCT ON (indicator_id) * FROM totals WHERE value IS NOT NULL ORDER BY indicator_id, ends_on DESC, starts_on DESC
  ), judged AS (
    SELECT t.key, t.steward_id, t.ascending, coalesce(base.value, 0) AS start, goal.value AS goal,
           CASE WHEN t.adds_over_time AND goal.starts_on <= latest.starts_on AND latest.ends_on <= goal.ends_on
                  THEN (SELECT sum(part.value) FROM totals part
                         WHERE part.indicator_id = t.indicator_id AND part.starts_on >= goal.starts_on
                           AND part.ends_on <= goal.ends_on)
                ELSE latest.value END AS reached
      FROM taken t JOIN latest ON latest.indicator_id = t.indicator_id
      LEFT JOIN LATERAL (
        SELECT b.value FROM public.indicators_baseline b
         WHERE b.indicator_id = t.indicator_id AND b.value IS NOT NULL AND b.dimensions = '[]' AND b.locations = '[]'
         ORDER BY b.year DESC, b.position LIMIT 1) base ON true
      LEFT JOIN LATERAL (
        SELECT g.value, per.starts_on, per.ends_on
          FROM public.indicators_target g JOIN public.indicators_period per ON per.id = g.period_id
         WHERE per.indicator_id = t.indicator_id AND g.value IS NOT NULL AND g.dimensions = '[]' AND g.locations = '[]'
         ORDER BY per.ends_on < latest.ends_on, CASE WHEN per.ends_on >= latest.ends_on THEN per.ends_on END,
                  per.ends_on DESC
         LIMIT 1) goal ON true
  ), ways AS (
    SELECT key, steward_id,
           bool_or(CASE WHEN ascending IN ('0', 'false') OR (ascending = '' AND goal < start) THEN reached < start
                        ELSE reached > start END) AS forward,
           avg(greatest(-100, least(200, 100 * (reached - start) / nullif(goal - start, 0)))) AS way
      FROM judged GROUP BY key, steward_id
  ), counted AS (
    SELECT key, count(*)::integer AS reporting, (count(*) FILTER (WHERE forward))::integer AS forward,
           count(way)::integer AS ways, percentile_disc(0.5) WITHIN GROUP (ORDER BY way) AS median
      FROM ways GROUP BY key
  ), told AS (
    -- What is small is withheld, and what would tell it.
    SELECT c.*, w.bound,
           w.organisations > w.bound AND c.reporting > w.bound
             AND NOT (w.organisations - c.reporting BETWEEN 1 AND w.bound) AS shown
      FROM counted c CROSS JOIN whole w
  )
  SELECT '', CASE WHEN organisations = 0 OR organisations > bound THEN organisations END, NULL, NULL, NULL, bound
    FROM whole
  UNION ALL
  SELECT key, NULL, CASE WHEN shown THEN reporting END,
         CASE WHEN shown AND NOT (forward BETWEEN 1 AND bound) AND NOT (reporting - forward BETWEEN 1 AND bound)
                THEN forward END,
         CASE WHEN shown AND ways > bound THEN (round(median / 5) * 5)::integer END, bound
    FROM told
$$;
REVOKE EXECUTE ON FUNCTION indicators_model_uptake(uuid) FROM PUBLIC;
DO $$
BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION indicators_model_uptake(uuid) TO %I', current_setting('handover.web_role'));
END $$;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not changed by going back one migration."""

    dependencies = [("indicators", "0009_feeds_walls"), ("interventions", "0004_needs_first_walls")]

    operations = [migrations.RunSQL(UPTAKE)]
