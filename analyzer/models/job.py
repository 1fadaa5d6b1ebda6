"""Work: the rows are the truth about it, the broker only a bell."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models.archive import Archive
from analyzer.models.fields import TextChoiceField
from analyzer.models.people import Team


class JobState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (JobState.DONE, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED)


class JobSource(models.TextChoices):
    UPLOAD = "upload"
    REGISTRY = "registry"
    DOCKER_DAEMON = "docker-daemon"
    DOCKER_STORAGE = "docker-storage"


class JobStage(models.TextChoices):
    WAITING = "waiting"
    FETCHING = "fetching"  # the bytes are brought from elsewhere
    OPENING = "opening"
    LAYERS = "layers"
    ASSEMBLING = "assembling"
    ENDED = "ended"


class Job(models.Model):
    """One archive being taken in. Claimed by a conditional UPDATE; held by a lease that its worker renews."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="jobs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="jobs")
    by_token = models.CharField(max_length=100, default="", blank=True, help_text="The team's token that brought it.")
    name = models.CharField(max_length=255, help_text="The archive's name, as its sender wrote it.")
    path = models.CharField(max_length=500, help_text="Where the staged archive lies.")
    owns_path = models.BooleanField(default=True, help_text="The staged file is ours to delete when the job ends.")
    size = models.BigIntegerField(default=0)
    source = TextChoiceField(JobSource, default=JobSource.UPLOAD)
    reference = models.CharField(max_length=600, default="", blank=True, help_text="What is fetched, normalised.")
    platform = models.CharField(max_length=100, default="", blank=True, help_text="os/arch/variant, `all`, or empty.")
    digest = models.CharField(max_length=71, default="", blank=True, help_text="Of the manifest or index it came to.")
    sealed_credentials = models.TextField(default="", blank=True, help_text="Kept while the job may fetch.")
    fetch_total = models.BigIntegerField(default=0, help_text="Bytes to fetch.")
    fetched = models.BigIntegerField(default=0, help_text="Of those, bytes that are here.")
    saved = models.BigIntegerField(default=0, help_text="Bytes not fetched, as the team holds their layers.")
    held = models.JSONField(default=list, help_text="Digests of the blobs that were not fetched for that.")
    state = TextChoiceField(JobState, default=JobState.QUEUED, db_index=True)
    stage = TextChoiceField(JobStage, default=JobStage.WAITING)
    bytes_total = models.BigIntegerField(default=0, help_text="Bytes of layers to read.")
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, default="", blank=True)
    attempt = models.IntegerField(default=0)
    rung = models.DateTimeField(default=timezone.now, help_text="When the bell was last rung for it.")
    error = models.TextField(default="", blank=True, help_text="One sentence for a person.")
    archive = models.OneToOneField(Archive, on_delete=models.SET_NULL, null=True, related_name="job")
    created = models.DateTimeField(default=timezone.now, db_index=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class JobLayerState(models.TextChoices):
    WAITING = "waiting"
    READING = "reading"
    READ = "read"  # new here, indexed by this job
    KNOWN = "known"  # stored already
    NOT_OK = "not_ok"  # damaged, unsupported, refused by a limit


class JobLayer(models.Model):
    """One blob of the job's archive that has to be read."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="layers")
    position = models.IntegerField()
    path = models.CharField(max_length=500)
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    diff_id = models.CharField(max_length=71, blank=True, help_text="Declared; computed once it is read.")
    digest = models.CharField(max_length=71, blank=True, help_text="Declared blob digest.")
    state = TextChoiceField(JobLayerState, default=JobLayerState.WAITING)
    bytes_done = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, default="", blank=True)
    attempt = models.IntegerField(default=0)
    rung = models.DateTimeField(default=timezone.now)
    outcome = models.JSONField(null=True, help_text="What reading it told: digests, sizes, status, findings.")

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("job", "position"), name="one_blob_a_position"),)

    def __str__(self) -> str:
        return f"{self.job_id}[{self.position}]"
