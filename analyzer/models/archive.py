"""What people brought: an archive, and what it said of each image."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models.image import Image
from analyzer.models.people import Team


class Archive(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="archives")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="archives")
    name = models.CharField(max_length=255)
    format = models.CharField(max_length=20)
    size = models.BigIntegerField()
    whole = models.BooleanField(help_text="Every layer of every image was read.")
    attestations = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.name


class ArchiveImage(models.Model):
    """An image as this archive has it: blobs, media types, status, references."""

    archive = models.ForeignKey(Archive, on_delete=models.CASCADE, related_name="archive_images")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="archive_images")
    position = models.IntegerField()
    references = models.JSONField(default=list)
    layers = models.JSONField(default=list, help_text="Blob digest, size, media type, compression and status of each.")
    manifest_digest = models.CharField(max_length=71, default="", blank=True, help_text="Empty: it came without one.")
    base_name = models.CharField(max_length=512, default="", blank=True, help_text="The base it claims: a reference.")
    base_digest = models.CharField(max_length=71, default="", blank=True, help_text="The claimed base's manifest.")

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("archive", "position"), name="one_image_a_position"),)

    def __str__(self) -> str:
        return f"{self.archive_id}[{self.position}]"
