"""What Prometheus is told beside the figures of requests: what waits, how it ended, what is stored."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from analyzer.models import ENDED, Blob, Image, Job, JobState, Layer, Upkeep


def site_metrics() -> bytes:
    """In Prometheus' text form. Six queries, none of which reads a listing."""
    registry = CollectorRegistry()
    registry.register(_Site())
    told: bytes = generate_latest(registry)
    return told


class _Site(Collector):
    def collect(self) -> Iterator[Any]:
        jobs = GaugeMetricFamily("layersite_jobs", "Jobs that there are a row of, by their state.", labels=["state"])
        counted = dict(Job.objects.order_by().values_list("state").annotate(Count("pk")))
        for state in JobState:
            jobs.add_metric([state.value], counted.get(state.value, 0))
        yield jobs
        open_jobs = Job.objects.exclude(state__in=ENDED)
        oldest = open_jobs.aggregate(oldest=Min("created"))["oldest"]
        age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
        yield _gauge("layersite_oldest_job_seconds", "Age of the oldest job that has not ended.", age)
        waiting = Upkeep.objects.filter(finished=None).count()
        yield _gauge("layersite_upkeep_open", "Upkeep of the store that has not ended.", waiting)
        yield _gauge("layersite_images", "Images that are stored.", Image.objects.count())
        layers = Layer.objects.aggregate(count=Count("pk"), size=Sum("size"))
        yield _gauge("layersite_layers", "Layers that are stored, by diffID.", layers["count"])
        yield _gauge("layersite_layer_bytes", "Sum of the sizes of the stored layers.", layers["size"] or 0)
        kept = Blob.objects.filter(kept=True).aggregate(size=Sum("size"))["size"] or 0
        yield _gauge("layersite_blob_bytes", "Bytes of the blobs that are kept.", kept)


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)
