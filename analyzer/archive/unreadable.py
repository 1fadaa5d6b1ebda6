"""Why bytes cannot be read: they cost the layer they stand for, never the whole archive."""


class Unreadable(Exception):
    """The message is one sentence for a person. `status` is the layer's, as interfaces name it."""

    status = ""


class Damaged(Unreadable):
    """The bytes are of a known form, and cannot be read to their end."""

    status = "damaged"


class Unsupported(Unreadable):
    """The bytes are of another form than those a layer may have."""

    status = "unsupported"
