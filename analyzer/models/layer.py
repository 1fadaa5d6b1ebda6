"""A layer is stored once, by its diffID, however many images and archives bring it."""

from django.db import models
from django.utils import timezone

from analyzer.models.fields import DigestField


class Layer(models.Model):
    diff_id = DigestField(unique=True)
    size = models.BigIntegerField(help_text="Sum of the entries' sizes, in bytes.")
    tar_size = models.BigIntegerField(help_text="Bytes of the plain tar.")
    entries = models.BigIntegerField(help_text="Members of the tar.")
    kinds = models.JSONField(default=dict, help_text="Number of listed entries by kind.")
    findings = models.JSONField(default=list)
    created = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.diff_id[7:19])


class LayerListing(models.Model):
    """The layer's entries as one immutable Parquet document. Beside the layer, so that rows stay small."""

    layer = models.OneToOneField(Layer, on_delete=models.CASCADE, primary_key=True, related_name="listing")
    document = models.BinaryField()

    def __str__(self) -> str:
        return f"listing of {self.layer_id}"


class Blob(models.Model):
    """The bytes that carry a layer: plain, gzip or zstd. One layer may have several."""

    digest = DigestField(unique=True)
    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="blobs")
    size = models.BigIntegerField()
    compression = models.CharField(max_length=10)
    kept = models.BooleanField(default=False, help_text="Its bytes are in the blob store.")
    findings = models.JSONField(default=list, help_text="What is odd about these bytes, not about the layer in them.")
    made = models.BooleanField(default=False, help_text="Recompressed here: no archive brought these bytes.")
    verified = models.DateTimeField(null=True, help_text="When its bytes were last read and hashed to be checked.")
    fault = models.CharField(max_length=300, default="", blank=True, help_text="What was wrong then, in a sentence.")
    created = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.digest[7:19])


class Content(models.Model):
    """The bytes of regular files, counted over all layers; kept up in the layer's own transaction.

    Known by the first 20 bytes of their sha256: a fifth less database, and still 2^80 hashes for whoever wants two
    contents to be taken for one. Listings have all 32.
    """

    PREFIX_BYTES = 20

    sha256_prefix = models.BinaryField(primary_key=True)
    size = models.BigIntegerField()
    layers = models.IntegerField(help_text="Layers that hold it.")
    copies = models.IntegerField(help_text="Entries that hold it, over all layers.")

    class Meta:
        db_table = "analyzer_content"

    def __str__(self) -> str:
        return bytes(self.sha256_prefix).hex()[:12]
