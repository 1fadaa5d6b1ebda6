"""What stands in an address for a layer and for an image."""

from django.urls import register_converter

from analyzer.models import Image, Layer
from analyzer.selectors.access import ref_of


class DigestConverter:
    """`sha256:` and 64 hexadecimal digits; takes a Layer for its diffID."""

    regex = "sha256:[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str | Layer) -> str:
        return value.diff_id if isinstance(value, Layer) else value


class ImageRefConverter:
    """An image ID, or `ID@top chain` where the layers are not the config's own; takes an Image as well."""

    regex = "sha256:[0-9a-f]{64}(?:@sha256:[0-9a-f]{64})?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str | Image) -> str:
        return ref_of(value) if isinstance(value, Image) else value


def register() -> None:
    register_converter(DigestConverter, "digest")
    register_converter(ImageRefConverter, "image_ref")
