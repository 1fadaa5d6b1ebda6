"""Links that show one page to people without an account."""

from django.db import models

from analyzer.models.fields import TextChoiceField
from analyzer.models.hashed import ExpiringLink
from analyzer.models.image import Image
from analyzer.models.people import Team


class SharedPage(models.TextChoices):
    """By the name of its address."""

    IMAGE = "image"
    WASTE = "image-waste"
    REPORT = "report"


class ShareLink(ExpiringLink):
    """Shows one page as the team sees it, until it expires or is revoked."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="share_links")
    page = TextChoiceField(SharedPage)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, null=True, related_name="share_links")
    query = models.CharField(max_length=2000, default="", blank=True, help_text="Of the page's address.")
    title = models.CharField(max_length=300, help_text="What the page is called.")
    note = models.CharField(max_length=100, default="", blank=True, help_text="Whom it is for.")
    last_used = models.DateTimeField(null=True)
    uses = models.IntegerField(default=0)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.title
