"""The images of a scope by what people call them: an image ID, an unambiguous prefix of it, or a reference."""

from collections.abc import Iterable
from functools import cached_property

from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.selectors.lookup import SHORTEST_PREFIX, NoSuchImage
from analyzer.selectors.scope import Scope, ScopeImage

HEX = frozenset("0123456789abcdef")


class Names:
    """Finds images by name among all that the viewer may see, and the shortest name that means an image."""

    def __init__(self, everything: Scope) -> None:
        self._images = everything.images

    @cached_property
    def _by_reference(self) -> dict[str, list[ScopeImage]]:
        found: dict[str, list[ScopeImage]] = {}
        for image in self._images.values():
            for reference in image.references:
                found.setdefault(reference, []).append(image)
        return found

    @cached_property
    def _by_ref(self) -> dict[str, ScopeImage]:
        # An image that lacks layers may stand beside the whole one of the same address: the whole one is meant.
        return {image.ref: image for image in sorted(self._images.values(), key=lambda image: image.size is not None)}

    def image(self, name: str) -> ScopeImage:
        """Raises NoSuchImage, with a sentence, where nothing or more than one image goes by that name."""
        name = name.strip()
        if name in self._by_ref:
            return self._by_ref[name]
        digits = name.removeprefix("sha256:").lower()
        if SHORTEST_PREFIX <= len(digits) <= 64 and HEX.issuperset(digits):
            found = [image for ref, image in self._by_ref.items() if ref.startswith(f"sha256:{digits}")]
            honest = [image for image in found if "@" not in image.ref] or found
            if len(honest) == 1:
                return honest[0]
            if honest:
                raise NoSuchImage(f"{len(honest)} images have an ID that begins with {digits}.")
        try:
            reference = parse_reference(name)
        except InvalidReference as error:
            raise NoSuchImage(f"{name[:100]!r} is neither an image ID nor a reference.") from error
        called = self._by_reference.get(f"{reference.registry}/{reference.repository}:{reference.tag}", [])
        if len(called) == 1:
            return called[0]
        if called:
            raise NoSuchImage(f"{name} means {len(called)} images, of different teams; use an image ID.")
        raise NoSuchImage(f"No image that you can see goes by {name[:100]}.")

    def images(self, names: Iterable[str]) -> tuple[list[ScopeImage], list[str]]:
        """The images of the names, each once, in their order; and a sentence for each name that means none."""
        found: dict[int, ScopeImage] = {}
        refused: list[str] = []
        for name in dict.fromkeys(names):
            try:
                image = self.image(name)
            except NoSuchImage as error:
                refused.append(str(error))
            else:
                found[image.pk] = image
        return list(found.values()), refused

    def name(self, image: ScopeImage) -> str:
        """The shortest text that means the image: the name people use, else digits of its ID, else its address."""
        digits = image.image_id.removeprefix("sha256:")[:12]
        for name in ([image.name] if image.references else []) + [digits]:
            try:
                if self.image(name) is image:
                    return name
            except NoSuchImage:
                continue
        return image.ref
