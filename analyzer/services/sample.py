"""The sample goes the way of any archive: staged, then a job."""

import uuid
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User

from analyzer.models import Job, Team
from analyzer.sample import images
from analyzer.services import quotas
from analyzer.services.jobs import create_job


def add_sample(team: Team, user: User | None) -> Job:
    """Builds the sample archive and begins its job. Raises QuotaReached."""
    quotas.check(team)
    path = Path(settings.UPLOAD_DIR) / f"{uuid.uuid4()}.archive"
    images.build(path)
    return create_job(team=team, user=user, name="sample.tar", path=path, size=path.stat().st_size)
