"""Who is asking and what time it is, read once a statement instead of once a standing."""

from __future__ import annotations

from django.db import migrations

ONCE = r"""
CREATE OR REPLACE FUNCTION handover_standing_programmes(writing boolean) RETURNS bigint[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(array_agg(reached.id), '{}') FROM (
    SELECT s.programme_id AS id FROM public.handover_standing s
     WHERE s.organisation_id = ANY ((SELECT public.my_organisations())::bigint[])
       AND s.valid @> (SELECT public.handover_now()) AND (s.writes OR NOT writing)
    UNION
    SELECT nullif(current_setting('handover.custody', true), '')::bigint
     WHERE nullif(current_setting('handover.custody', true), '') IS NOT NULL
  ) reached
$$;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("handover", "0005_annex_of_sources")]

    operations = [migrations.RunSQL(ONCE)]
