"""Layers that are nearly the same: found once per layer, when it is indexed (see `analyzer.sharing.nearmiss`)."""

from django.db import models

from analyzer.models.layer import Layer


class LayerSketch(models.Model):
    """The beginning of a layer's contents, the largest first: what tells which layers may be near to it."""

    layer = models.OneToOneField(Layer, on_delete=models.CASCADE, primary_key=True, related_name="sketch")
    total = models.BigIntegerField(help_text="Bytes of all its contents, each counted once.")
    looked_up = models.IntegerField(help_text="The first so many are in SketchContent.")
    complete = models.BooleanField(help_text="There are no further contents.")
    document = models.BinaryField()

    def __str__(self) -> str:
        return f"sketch of {self.layer_id}"


class SketchContent(models.Model):
    """A content by which a layer is found by those that are near to it."""

    id = models.BigAutoField(primary_key=True)
    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="sketch_contents")
    key = models.BigIntegerField(db_index=True, help_text="64 bits of its sha256.")

    def __str__(self) -> str:
        return f"{self.key} in {self.layer_id}"


class NearMiss(models.Model):
    """Two layers with other digests and nearly the same contents. `first` has the lower primary key."""

    first = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="near_misses_after")
    second = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="near_misses_before")
    common = models.BigIntegerField(help_text="Bytes of contents that both hold: stored twice.")
    larger = models.BigIntegerField(help_text="Bytes of contents of the larger one.")
    rest = models.BigIntegerField(help_text="The same with the files aside that keep them apart.")
    aside = models.IntegerField(help_text="Files set aside.")
    differs = models.JSONField(help_text="Number of paths that differ, by reason.")
    files = models.JSONField(help_text="The heaviest files that differ: path, bytes on either side, set aside or not.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("first", "second"), name="one_near_miss_a_pair"),)

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}"
