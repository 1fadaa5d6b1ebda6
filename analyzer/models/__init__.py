"""What is counted, joined and changed. Listings are documents beside their layer."""

from analyzer.models.archive import Archive, ArchiveImage
from analyzer.models.audit import AppendOnly, AuditLine
from analyzer.models.commonground import CommonGround
from analyzer.models.gate import Badge, BadgeShows, GateRun
from analyzer.models.identity import Identity
from analyzer.models.image import CAUSES, Chain, Holding, Image, ImageLayer, Reference, ReferenceMove
from analyzer.models.index import LayerIndex, LayerPackage, LayerPosting, LayerSecret, SecretSearch
from analyzer.models.invitation import Invitation
from analyzer.models.job import ENDED, Job, JobLayer, JobLayerState, JobSource, JobStage, JobState
from analyzer.models.layer import Blob, Content, Layer, LayerListing
from analyzer.models.nearmiss import LayerSketch, NearMiss, SketchContent
from analyzer.models.notice import Notice, NoticeChoice
from analyzer.models.people import ApiToken, Membership, Role, Team, TokenScope
from analyzer.models.registry import Registry
from analyzer.models.retention import MOST_DAYS, MOST_LAST, Quota, Retention, RetentionRule, RetentionRun, RetentionWay
from analyzer.models.sharelink import SharedPage, ShareLink
from analyzer.models.upkeep import UPKEEP_ENDED, Upkeep, UpkeepKind, UpkeepState
from analyzer.models.upload import Upload
from analyzer.models.watch import Watch, WatchedTag
from analyzer.models.webhook import DeliveryState, Webhook, WebhookDelivery, WebhookEvent

__all__ = [
    "CAUSES",
    "ENDED",
    "MOST_DAYS",
    "MOST_LAST",
    "UPKEEP_ENDED",
    "ApiToken",
    "AppendOnly",
    "Archive",
    "ArchiveImage",
    "AuditLine",
    "Badge",
    "BadgeShows",
    "Blob",
    "Chain",
    "CommonGround",
    "Content",
    "DeliveryState",
    "GateRun",
    "Holding",
    "Identity",
    "Image",
    "ImageLayer",
    "Invitation",
    "Job",
    "JobLayer",
    "JobLayerState",
    "JobSource",
    "JobStage",
    "JobState",
    "Layer",
    "LayerIndex",
    "LayerListing",
    "LayerPackage",
    "LayerPosting",
    "LayerSecret",
    "LayerSketch",
    "Membership",
    "NearMiss",
    "Notice",
    "NoticeChoice",
    "Quota",
    "Reference",
    "ReferenceMove",
    "Registry",
    "Retention",
    "RetentionRule",
    "RetentionRun",
    "RetentionWay",
    "Role",
    "SecretSearch",
    "ShareLink",
    "SharedPage",
    "SketchContent",
    "Team",
    "TokenScope",
    "Upkeep",
    "UpkeepKind",
    "UpkeepState",
    "Upload",
    "Watch",
    "WatchedTag",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
]
