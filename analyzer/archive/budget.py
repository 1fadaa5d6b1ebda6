"""Limits by name: what is read from an archive is bounded, and every refusal names its setting."""

from dataclasses import dataclass


class LimitReached(Exception):
    """A named limit was struck. `setting` is the environment variable that raises it."""

    def __init__(self, setting: str, limit: int, what: str) -> None:
        super().__init__(f"{what} is over the limit {setting}={limit}")
        self.setting = setting
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Limits:
    """Read once from the settings by the caller; the core never reads settings. All are counts or bytes."""

    max_archive_bytes: int = 64 << 30  # also of the plain form of a compressed archive
    max_archive_members: int = 200_000
    max_images: int = 1_000
    max_layers: int = 500  # of one image
    max_archive_layers: int = 50_000  # of all images together, each as often as it is named
    max_history_steps: int = 2_000  # of one image
    max_references: int = 20_000  # names of all images of an archive
    max_image_entries: int = 5_000_000  # of an image's layers together, implied folders included
    max_layer_bytes: int = 64 << 30  # of a layer's plain tar
    max_inflation_ratio: int = 1_000  # plain bytes to carried bytes, past `inflation_free_bytes`
    inflation_free_bytes: int = 1 << 30  # plain bytes that may come of any ratio: honest files of zeros reach 1,030
    max_layer_entries: int = 2_000_000
    max_implied_folders: int = 1_000_000  # of one layer
    max_path_bytes: int = 4_096
    max_layer_names_bytes: int = 128 << 20  # names, link targets and attributes of one layer, kept in memory
    max_index_depth: int = 4
    max_json_bytes: int = 16 << 20
    max_json_depth: int = 64
    max_json_values: int = 1_000_000  # of all JSON documents together: a byte or two each, and a hundred in memory
    max_documents_bytes: int = 64 << 20  # all JSON documents of an archive together

    def check(self, field: str, value: int, what: str) -> None:
        """Raises LimitReached if `value` is over the limit `field`."""
        limit = getattr(self, field)
        if value > limit:
            raise LimitReached(field.upper(), limit, what)
