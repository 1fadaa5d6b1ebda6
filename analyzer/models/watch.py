"""What is looked at again and again in a registry, and what was last seen there."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models.job import Job
from analyzer.models.registry import Registry


class Watch(models.Model):
    """Tags of a registry that are polled. Claimed by a conditional UPDATE, so that one worker polls at a time."""

    EVERY = ((300, "5 minutes"), (900, "15 minutes"), (3600, "hour"), (21_600, "6 hours"), (86_400, "day"))

    registry = models.ForeignKey(Registry, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    repository = models.CharField(max_length=255, help_text="A repository, or a glob.")
    tag = models.CharField(max_length=128, help_text="A tag, or a glob.")
    every = models.IntegerField(choices=EVERY, default=3600, help_text="Seconds.")
    from_now_on = models.BooleanField(default=False, help_text="What is there at the first look is not brought.")
    paused = models.BooleanField(default=False)
    next_poll = models.DateTimeField(default=timezone.now, db_index=True)
    polled = models.DateTimeField(null=True, help_text="When it was last looked at to the end.")
    error = models.TextField(default="", blank=True, help_text="Why the last look failed, in one sentence.")
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, default="", blank=True)
    attempt = models.IntegerField(default=0, help_text="Looks since the last one that succeeded.")
    rung = models.DateTimeField(null=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("repository", "tag")
        verbose_name_plural = "watches"
        constraints = (models.UniqueConstraint(fields=("registry", "repository", "tag"), name="one_watch_a_pattern"),)

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"

    @property
    def every_words(self) -> str:
        return dict(self.EVERY).get(self.every, f"{self.every} seconds")


class WatchedTag(models.Model):
    """A tag that a watch looks at, and the digest under which it was last seen."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="tags")
    repository = models.CharField(max_length=255)
    tag = models.CharField(max_length=128)
    digest = models.CharField(max_length=71, default="", blank=True, help_text="Of its manifest or index.")
    changed = models.DateTimeField(null=True, help_text="When this digest was first seen.")
    checked = models.DateTimeField(null=True)
    told = models.DateTimeField(null=True, help_text="A webhook told of it, and it was not looked at since.")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="watched_tags")

    class Meta:
        ordering = ("repository", "tag")
        constraints = (models.UniqueConstraint(fields=("watch", "repository", "tag"), name="one_row_a_watched_tag"),)

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"
