"""Invitations by e-mail to a seat, with their wall; the colour of an organisation's pages."""

from __future__ import annotations

import uuid

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

WALL = r"""
SELECT handover_wall('handover_invitation', 'organisation');
"""

TAKING = r"""
-- Whoever opens an invitation is nobody here yet: these alone look past the wall, for one digest, and say nothing of
-- others. An invitation is open until it is taken, revoked or expired.
CREATE FUNCTION handover_invitation_open(asked bytea, at timestamptz)
  RETURNS TABLE (uuid uuid, organisation_id bigint, email text, role text, seat_ends_at timestamptz, language text,
                 created_by_name text, expires_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT i.uuid, i.organisation_id, i.email::text, i.role::text, i.seat_ends_at, i.language::text,
         i.created_by_name::text, i.expires_at
    FROM public.handover_invitation i
   WHERE i.digest = asked AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > at
$$;

-- It is taken once, by the account that has its address; the address is then kept with the account alone.
CREATE FUNCTION handover_invitation_take(asked bytea, taker bigint, at timestamptz) RETURNS boolean
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH taken AS (
    UPDATE public.handover_invitation i SET accepted_at = at, accepted_by_id = taker, email = ''
      FROM public.handover_user u
     WHERE i.digest = asked AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > at
       AND u.id = taker AND u.email = i.email AND u.is_active AND NOT u.is_service
    RETURNING i.id
  )
  SELECT EXISTS (SELECT FROM taken)
$$;
REVOKE EXECUTE ON FUNCTION handover_invitation_open(bytea, timestamptz),
  handover_invitation_take(bytea, bigint, timestamptz) FROM PUBLIC;
DO $$
BEGIN
  EXECUTE format('GRANT EXECUTE ON FUNCTION handover_invitation_open(bytea, timestamptz),'
                 ' handover_invitation_take(bytea, bigint, timestamptz) TO %I', current_setting('handover.web_role'));
END $$;
"""


class Migration(migrations.Migration):
    """Not reversible: a wall is not taken down by going back one migration."""

    dependencies = [("handover", "0012_reminders")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="colour",
            field=models.CharField(
                blank=True,
                help_text="Of its pages: # and six hexadecimal digits; empty: the toolkit's own.",
                max_length=7,
            ),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        help_text="In lower case; emptied once it is taken or revoked.",
                        max_length=254,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("manager", "Manager: plans, answers and signs for the organisation"),
                            ("officer", "Officer: keeps the programme's substance up to date"),
                            ("reporter", "Reporter: reports indicator values"),
                            (
                                "community_representative",
                                "Community representative: signs and dissents for the community",
                            ),
                            ("auditor", "Auditor: reads and verifies"),
                            ("viewer", "Viewer: reads"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "seat_ends_at",
                    models.DateTimeField(
                        blank=True, help_text="When the seat ends; empty: it lasts.", null=True
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        default="en", help_text="In which the invitation is written.", max_length=5
                    ),
                ),
                (
                    "digest",
                    models.BinaryField(help_text="SHA-256 of the link's secret.", max_length=32, unique=True),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "created_by_name",
                    models.CharField(help_text="A copy: it outlives the account.", max_length=200),
                ),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_by_name", models.CharField(blank=True, max_length=200)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="handover.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                        fields=("organisation", "email", "role"),
                        name="handover_invitation_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="handover_invitation_email_lower",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "manager",
                                    "officer",
                                    "reporter",
                                    "community_representative",
                                    "auditor",
                                    "viewer",
                                ],
                            )
                        ),
                        name="handover_invitation_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="handover_invitation_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at", None), ("accepted_by", None)),
                            models.Q(("accepted_at__isnull", False), ("accepted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="handover_invitation_accepted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("accepted_at", None), ("revoked_at", None), _connector="OR"),
                        name="handover_invitation_one_end",
                    ),
                ],
            },
        ),
        migrations.RunSQL(WALL),
        migrations.RunSQL(TAKING),
    ]
