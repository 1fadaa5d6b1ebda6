"""Points in time as documents write them (RFC 3339), normalised to UTC without losing a digit."""

import re
from datetime import UTC, datetime, timedelta, timezone

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d{1,18})?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII)


def normalise(value: object) -> str | None:
    """`value` as `YYYY-MM-DDThh:mm:ss[.fraction]Z`, or None if it is no RFC 3339 time.

    The fraction stays as it is written. Go's zero time, `0001-01-01T00:00:00Z`, is kept: it is what
    reproducible builds write, and what `docker inspect` prints.
    """
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    date, time, fraction, zulu, sign, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{time}")
        if not zulu:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            moment = moment.replace(tzinfo=timezone(-offset if sign == "-" else offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return f"{moment.replace(tzinfo=None).isoformat()}{fraction or ''}Z"
