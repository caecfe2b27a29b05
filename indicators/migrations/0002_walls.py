"""The walls of this app, and the one spelling of a value's digest, for writing it and for verifying it."""

from __future__ import annotations

from django.db import migrations

WALLS = r"""
SELECT handover_wall(name::regclass, 'programme') FROM unnest(ARRAY[
  'indicators_result', 'indicators_indicator', 'indicators_baseline', 'indicators_period', 'indicators_target',
  'indicators_value']) AS name;

SELECT handover_bind(child::regclass, col, parent::regclass) FROM (VALUES
  ('indicators_indicator', 'result_id', 'indicators_result'),
  ('indicators_indicator', 'responsibility_id', 'handover_responsibility'),
  ('indicators_indicator', 'intervention_id', 'interventions_intervention'),
  ('indicators_indicator', 'need_id', 'interventions_need'),
  ('indicators_baseline', 'indicator_id', 'indicators_indicator'),
  ('indicators_period', 'indicator_id', 'indicators_indicator'),
  ('indicators_target', 'period_id', 'indicators_period')
) AS bound (child, col, parent);

-- One key instead of three: a value's period, that period's indicator, and the programme of both.
ALTER TABLE indicators_value ADD CONSTRAINT indicators_value_bound
  FOREIGN KEY (period_id, indicator_id, programme_id) REFERENCES indicators_period (id, indicator_id, programme_id);

SELECT handover_insert_only('indicators_value');
"""

DIGEST = r"""
-- SHA-256 over the canonical row: a JSON array of texts, one a column in the order of the columns' names, UUIDs instead
-- of keys, trim_scale for decimals, UTC with microseconds for the instant, null apart from the empty text.
-- It depends on its arguments alone. It is marked STABLE, not IMMUTABLE, because PostgreSQL marks convert_to, to_char
-- and array_to_json so, and only then sets its body in place of the call: half the time on millions of rows.
CREATE FUNCTION indicators_value_digest(
  batch uuid, cell text, comment jsonb, denominator numeric, dimensions jsonb, documents jsonb, extra jsonb,
  indicator uuid, locations jsonb, numerator numeric, organisation uuid, organisation_name text, period uuid,
  place uuid, "position" integer, reason text, recorded_at timestamptz, reported_by uuid, reporter_name text,
  revision integer, uuid uuid, value numeric, value_text text
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(array_to_json(ARRAY[
  batch::text, cell, comment::text, trim_scale(denominator)::text, dimensions::text, documents::text, extra::text,
  indicator::text, locations::text, trim_scale(numerator)::text, organisation::text, organisation_name, period::text,
  place::text, "position"::text, reason,
  to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), reported_by::text, reporter_name,
  revision::text, uuid::text, trim_scale(value)::text, value_text
]::text[])::text, 'UTF8'));

-- A UUID of version 7 (RFC 9562) whose order is the order of a batch: instant in milliseconds, then the row's number.
-- Ordered keys are appended to the index instead of scattered over it, and a digest in their order needs no sort.
CREATE FUNCTION indicators_value_uuid(at timestamptz, number bigint) RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN encode(
  int8send(((floor(extract(epoch FROM at) * 1000)::bigint + number / 4096) << 16) | x'7000'::bigint | (number % 4096))
    || substring(uuid_send(gen_random_uuid()) FROM 9), 'hex')::uuid;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [
        ("handover", "0002_walls"),
        ("indicators", "0001_initial"),
        ("interventions", "0001_initial"),
    ]

    operations = [migrations.RunSQL(WALLS), migrations.RunSQL(DIGEST)]
