"""Where static files are collected to: under names with their content's hash, compressed once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Before `collectstatic` has run, files keep their plain names and are served from where they lie."""

    def stored_name(self, name: str) -> str:
        if not self.hashed_files:
            return name
        return str(super().stored_name(name))
