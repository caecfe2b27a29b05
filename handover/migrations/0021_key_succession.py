"""Keys that follow each other: notes that both signed, added and never changed."""

from __future__ import annotations

from django.db import migrations, models

WALLS = "SELECT handover_insert_only('handover_keysuccession'::regclass);"


class Migration(migrations.Migration):
    """Make the table; it is shared, as checkpoints are: made to leave the house."""

    dependencies = [("handover", "0020_reorganisations")]

    operations = [
        migrations.CreateModel(
            name="KeySuccession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("old_key", models.BinaryField(help_text="Ed25519, 32 bytes.")),
                ("new_key", models.BinaryField(help_text="Ed25519, 32 bytes.", unique=True)),
                (
                    "size",
                    models.BigIntegerField(help_text="Leaves of the log up to which the old key signed."),
                ),
                ("made_at", models.DateTimeField()),
                ("note", models.TextField(help_text="RFC 8785 text that both signed.")),
                ("signed_by_old", models.BinaryField(help_text="Ed25519 over the note.")),
                ("signed_by_new", models.BinaryField(help_text="Ed25519 over the note.")),
            ],
            options={"ordering": ("id",), "default_permissions": ()},
        ),
        migrations.RunSQL(WALLS, migrations.RunSQL.noop),
    ]
