"""Images, the chains they stand on, who holds them, and the references that point at them."""

from django.db import models
from django.utils import timezone

from analyzer.models.fields import DigestField
from analyzer.models.layer import Layer
from analyzer.models.people import Team

CAUSES = ("superseded", "deleted", "parent_deleted", "opaque", "type_changed")


class Chain(models.Model):
    """A layer on top of everything under it. All figures are of the chain up to here, bottom included."""

    chain_id = DigestField(unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    layer = models.ForeignKey(Layer, on_delete=models.PROTECT, related_name="chains")
    depth = models.IntegerField(help_text="Index of its layer: 0 at the bottom.")
    size = models.BigIntegerField(help_text="Sum of the layers' sizes.")
    merged_entries = models.BigIntegerField()
    waste_superseded = models.BigIntegerField()
    waste_deleted = models.BigIntegerField()
    waste_parent_deleted = models.BigIntegerField()
    waste_opaque = models.BigIntegerField()
    waste_type_changed = models.BigIntegerField()
    dive_cumulative = models.BigIntegerField(help_text="dive's sum over all paths and layers.")
    dive_minimal = models.BigIntegerField(help_text="dive's sum of the smallest of each path.")
    dive_wasted = models.BigIntegerField()
    # of the top layer alone, against the chain below
    added = models.BigIntegerField()
    modified = models.BigIntegerField()
    removed = models.BigIntegerField()
    changes = models.BinaryField(help_text="A code for each entry, and what the layer hides below.")
    findings = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.chain_id[7:19])

    @property
    def waste(self) -> int:
        return sum(self.waste_by_cause.values())

    @property
    def waste_by_cause(self) -> dict[str, int]:
        return {cause: getattr(self, f"waste_{cause}") for cause in CAUSES}


class Image(models.Model):
    """One config with its ordered layers, for one platform."""

    image_id = DigestField(db_index=True)
    forged_chain_id = models.CharField(
        max_length=71,
        default="",
        blank=True,
        help_text="Top chainID, where the layers are not the ones the config declares.",
    )
    # A team that brought a config without all of its layers must not see those that another team brought.
    incomplete_in = models.ForeignKey(
        Team,
        on_delete=models.CASCADE,
        null=True,
        related_name="incomplete_images",
        help_text="Null: every layer is stored.",
    )
    top_chain = models.ForeignKey(Chain, on_delete=models.PROTECT, null=True, related_name="images")
    size = models.BigIntegerField(null=True, help_text="Sum of its layers' sizes; null while one is not known.")
    config = models.BinaryField()
    history = models.JSONField(default=list, help_text="Steps bottom first, each with its layer's index or null.")
    history_aligned = models.BooleanField(default=True)
    os = models.CharField(max_length=100, null=True)
    architecture = models.CharField(max_length=100, null=True)
    variant = models.CharField(max_length=100, null=True)
    created_at = models.DateTimeField(null=True, help_text="As the config says.")
    created_text = models.CharField(max_length=64, null=True)
    stored = models.DateTimeField(default=timezone.now)
    layers = models.ManyToManyField(Layer, through="ImageLayer", related_name="images")
    teams = models.ManyToManyField(Team, through="Holding", related_name="images")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("image_id", "forged_chain_id"),
                condition=models.Q(incomplete_in__isnull=True),
                name="one_image_an_id",
            ),
            models.UniqueConstraint(
                fields=("image_id", "forged_chain_id", "incomplete_in"), name="one_incomplete_image_a_team"
            ),
        )

    def __str__(self) -> str:
        return str(self.image_id[7:19])


class ImageLayer(models.Model):
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="image_layers")
    index = models.IntegerField(help_text="0 at the bottom.")
    diff_id = models.CharField(max_length=71, blank=True, help_text="Declared, or computed where nothing is declared.")
    layer = models.ForeignKey(Layer, on_delete=models.PROTECT, null=True, related_name="image_layers")
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, null=True, related_name="image_layers")

    class Meta:
        ordering = ("index",)
        constraints = (models.UniqueConstraint(fields=("image", "index"), name="one_layer_an_index"),)

    def __str__(self) -> str:
        return f"{self.image_id}[{self.index}]"


class Holding(models.Model):
    """A team holds an image: the one door through which its people see it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="holdings")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="holdings")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("team", "image"), name="one_holding_a_team"),)

    def __str__(self) -> str:
        return f"{self.team_id} holds {self.image_id}"


class Reference(models.Model):
    """`registry/repository:tag` as a team knows it; it moves, and its moves are kept."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="references")
    repository = models.CharField(max_length=512)
    tag = models.CharField(max_length=128)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="references")
    moved = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("repository", "tag")
        constraints = (models.UniqueConstraint(fields=("team", "repository", "tag"), name="one_reference_a_team"),)

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"

    @property
    def short(self) -> str:
        """As people write it: without Docker Hub's own prefixes."""
        name = self.repository.removeprefix("docker.io/").removeprefix("library/")
        return f"{name}:{self.tag}"


class ReferenceMove(models.Model):
    """The reference pointed at this image from this time on."""

    reference = models.ForeignKey(Reference, on_delete=models.CASCADE, related_name="moves")
    image = models.ForeignKey(Image, on_delete=models.SET_NULL, null=True, related_name="moves")
    image_digest = DigestField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.reference_id} → {self.image_digest[7:19]}"
