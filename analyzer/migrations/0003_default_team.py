"""One team to begin with, so that `migrate` is all the preparation."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("analyzer", "Team").objects.get_or_create(slug="default", defaults={"name": "Default"})


class Migration(migrations.Migration):
    dependencies = (("analyzer", "0002_content"),)

    operations = (migrations.RunPython(create, migrations.RunPython.noop),)
