"""What is built once per layer after its image is ready, so that nobody waits for it: for Find, and for reports."""

from django.db import models

from analyzer.models.layer import Layer


class LayerIndex(models.Model):
    """How far a layer is indexed. Held by a lease, as jobs are; a layer that kills its workers is given up."""

    layer = models.OneToOneField(Layer, on_delete=models.CASCADE, primary_key=True, related_name="index")
    steps = models.CharField(max_length=200, default="", blank=True, help_text="Steps done, as name.version each.")
    failed = models.CharField(max_length=200, default="", blank=True, help_text="Those of them that met an error.")
    attempt = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"index of {self.layer_id}"


class LayerPosting(models.Model):
    """What a layer's entries are called and what they hold, in a few bytes each: tells which listings to open."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="postings")
    kind = models.CharField(max_length=10, help_text="names, parts, contents or links.")
    document = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("layer", "kind"), name="one_posting_a_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.layer_id}"


class LayerPackage(models.Model):
    """A package that a layer's own package database says is installed (the whole database, not what is new in it)."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="packages")
    kind = models.CharField(max_length=10, help_text="Who installed it: dpkg, apk, rpm, python, npm.")
    name = models.CharField(max_length=255, db_index=True)
    version = models.CharField(max_length=255)
    path = models.CharField(max_length=1024, default="", help_text="The file of the layer that says so, escaped.")
    ordinal = models.IntegerField(default=0, help_text="That file's row of the layer's listing: it may be hidden.")

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class LayerSecret(models.Model):
    """A file of a layer that looks like a secret. The rule that says so is kept, what it found never is."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="secrets")
    path = models.CharField(max_length=1024, help_text="Escaped.")
    ordinal = models.IntegerField(help_text="The file's row of the layer's listing: it may be hidden.")
    rule = models.CharField(max_length=200, help_text="The rules that match, by name.")
    source = models.CharField(max_length=10, help_text="name: by its name alone; content: by what it holds.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("layer", "ordinal"), name="one_secret_a_file"),)

    def __str__(self) -> str:
        return f"{self.rule}: {self.path}"


class SecretSearch(models.Model):
    """How far a layer was searched for secrets."""

    layer = models.OneToOneField(Layer, on_delete=models.CASCADE, primary_key=True, related_name="secret_search")
    kept = models.BooleanField(help_text="Whether the layer's bytes were there.")
    read = models.IntegerField(help_text="Small files whose bytes were searched.")
    unread = models.IntegerField(help_text="Small files that a limit left out, or that can't be read.")

    def __str__(self) -> str:
        return f"search of {self.layer_id}"
