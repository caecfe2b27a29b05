"""Up to which count cells are protected when they leave an organisation, and the permission to approve values."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("handover", "0002_walls")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="small_cells_up_to",
            field=models.PositiveSmallIntegerField(
                default=5,
                help_text="Counts from 1 to this are protected in tables that leave the organisation.",
            ),
        ),
        migrations.AlterModelOptions(
            name="programme",
            options={
                "default_permissions": (),
                "ordering": ("identifier",),
                "permissions": (
                    ("view", "Read everything that the programme holds, but for evidence that names people"),
                    ("export", "Take a copy of the programme out"),
                    ("read_ledger", "Read the ledger and verify it"),
                    ("edit_programme", "Change the programme's description, places, communities and grants"),
                    (
                        "manage_standings",
                        "Admit organisations to the programme and give single users exceptions",
                    ),
                    ("manage_responsibilities", "Define responsibilities"),
                    ("edit_needs", "Change the needs hierarchy"),
                    ("edit_interventions", "Change what is done"),
                    ("define_indicators", "Change definitions, baselines and targets"),
                    ("report_values", "Report and correct indicator values"),
                    ("approve_values", "Approve values that somebody else submitted, or return them"),
                    (
                        "report_owed",
                        "Report the results still owed after a handover, for the indicators that the plan names",
                    ),
                    ("plan_transfer", "Draw up, propose and revoke a transfer"),
                    ("answer_transfer", "Accept, refuse or return a transfer"),
                    ("add_evidence", "Add evidence to transfer milestones"),
                    ("sign", "Sign for the organisation"),
                    ("execute_transfer", "Execute an accepted transfer"),
                ),
            },
        ),
        migrations.AlterModelOptions(
            name="responsibility",
            options={
                "default_permissions": (),
                "ordering": ("id",),
                "permissions": (
                    ("edit_responsibility", "Change a responsibility and its registers"),
                    ("edit_interventions", "Change what is done"),
                    ("define_indicators", "Change definitions, baselines and targets"),
                    ("report_values", "Report and correct indicator values"),
                    ("approve_values", "Approve values that somebody else submitted, or return them"),
                ),
                "verbose_name_plural": "responsibilities",
            },
        ),
        migrations.AlterField(
            model_name="grantmapping",
            name="permission",
            field=models.CharField(
                choices=[
                    ("view", "Read everything that the programme holds, but for evidence that names people"),
                    ("export", "Take a copy of the programme out"),
                    ("read_ledger", "Read the ledger and verify it"),
                    ("edit_programme", "Change the programme's description, places, communities and grants"),
                    (
                        "manage_standings",
                        "Admit organisations to the programme and give single users exceptions",
                    ),
                    ("manage_responsibilities", "Define responsibilities"),
                    ("edit_responsibility", "Change a responsibility and its registers"),
                    ("edit_needs", "Change the needs hierarchy"),
                    ("edit_interventions", "Change what is done"),
                    ("define_indicators", "Change definitions, baselines and targets"),
                    ("report_values", "Report and correct indicator values"),
                    ("approve_values", "Approve values that somebody else submitted, or return them"),
                    (
                        "report_owed",
                        "Report the results still owed after a handover, for the indicators that the plan names",
                    ),
                    ("plan_transfer", "Draw up, propose and revoke a transfer"),
                    ("answer_transfer", "Accept, refuse or return a transfer"),
                    ("add_evidence", "Add evidence to transfer milestones"),
                    ("sign", "Sign for the organisation"),
                    ("execute_transfer", "Execute an accepted transfer"),
                ],
                max_length=40,
            ),
        ),
    ]
