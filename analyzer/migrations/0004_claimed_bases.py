"""What an archive says of an image's base is kept; for what was stored before, as far as labels tell it."""

import json

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from analyzer.oci.annotations import claimed_base


def read_labels(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("analyzer", "ArchiveImage").objects
    images = apps.get_model("analyzer", "Image").objects.values_list("pk", "config")
    for pk, config in images.iterator(chunk_size=100):
        if b"org.opencontainers.image.base." not in bytes(config):
            continue
        try:
            labels = json.loads(bytes(config))["config"]["Labels"]
            claimed = claimed_base({}, {name: text for name, text in labels.items() if isinstance(text, str)})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        name = claimed.name.replace("\0", "").encode("utf-8", "replace").decode()  # as text columns hold it
        rows.filter(image_id=pk).update(base_name=name, base_digest=claimed.digest)


class Migration(migrations.Migration):
    dependencies = (("analyzer", "0003_default_team"),)

    operations = (
        migrations.AddField(
            "archiveimage",
            "manifest_digest",
            models.CharField(blank=True, default="", help_text="Empty: it came without one.", max_length=71),
        ),
        migrations.AddField(
            "archiveimage",
            "base_name",
            models.CharField(blank=True, default="", help_text="The base it claims: a reference.", max_length=512),
        ),
        migrations.AddField(
            "archiveimage",
            "base_digest",
            models.CharField(blank=True, default="", help_text="The claimed base's manifest.", max_length=71),
        ),
        migrations.RunPython(read_labels, migrations.RunPython.noop),
    )
