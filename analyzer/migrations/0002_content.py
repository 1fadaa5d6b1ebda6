"""The table of contents: millions of small rows, so SQLite keeps it WITHOUT ROWID (half the bytes of a row)."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = """
CREATE TABLE analyzer_content (
    sha256_prefix blob NOT NULL PRIMARY KEY,
    size bigint NOT NULL,
    layers integer NOT NULL,
    copies integer NOT NULL
) WITHOUT ROWID
"""


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SQLITE)
    else:
        schema_editor.create_model(apps.get_model("analyzer", "Content"))


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("DROP TABLE analyzer_content")


class Migration(migrations.Migration):
    dependencies = (("analyzer", "0001_initial"),)

    operations = (
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Content",
                    fields=[
                        ("sha256_prefix", models.BinaryField(primary_key=True, serialize=False)),
                        ("size", models.BigIntegerField()),
                        ("layers", models.IntegerField(help_text="Layers that hold it.")),
                        ("copies", models.IntegerField(help_text="Entries that hold it, over all layers.")),
                    ],
                    options={"db_table": "analyzer_content"},
                ),
            ],
        ),
        migrations.RunPython(create, drop),
    )
