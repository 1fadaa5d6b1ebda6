"""Why an archive yields nothing: one sentence for a person, with a way out."""

from analyzer.archive.budget import LimitReached
from analyzer.archive.gathering import Gathering
from analyzer.archive.outer import Outer
from analyzer.archive.outertar import OuterTar
from analyzer.archive.source import ArchiveError
from analyzer.oci.wording import counted, shown

_ROOT_FOLDERS = {"bin", "dev", "etc", "home", "lib", "opt", "proc", "root", "sbin", "sys", "tmp", "usr", "var"}
_TOP_OF_A_ROOT = 4  # so many of them make a root filesystem
_DOCUMENTS = ("index.json", "manifest.json")


def not_a_tar(tar: OuterTar) -> ArchiveError:
    """For a file without a single member."""
    if tar.broken is None:
        return ArchiveError("The archive is an empty tar: save the image again.")
    return ArchiveError(
        "This is not an image archive: it is neither a tar nor a tar in gzip or zstd. "
        "`docker save -o app.tar IMAGE` writes one."
    )


def without_documents(outer: Outer) -> ArchiveError:
    """For a tar or a folder with neither index.json nor manifest.json."""
    if outer.broken:
        return ArchiveError(
            f"The archive {outer.broken}, before the documents that say what it holds: "
            "the upload may have been cut off, send it again."
        )
    top = outer.top()
    if len(top & _ROOT_FOLDERS) >= _TOP_OF_A_ROOT:
        return ArchiveError(
            "This is the root filesystem of a container, as `docker export` writes it, without an image's layers and "
            "history: use `docker save IMAGE` instead."
        )
    for folder in sorted(top)[:100]:
        if any(outer.find(f"{folder}/{name}") for name in _DOCUMENTS):
            return ArchiveError(
                f"The image lies in the folder {shown(folder)} of the archive: pack what is in that folder, "
                f"`tar -C {shown(folder)} -cf app.tar .`."
            )
    return ArchiveError(
        "This is not an image archive: it has neither a manifest.json nor an index.json. "
        "`docker save -o app.tar IMAGE` writes one."
    )


def without_images(found: Gathering) -> ArchiveError | LimitReached:
    """For an archive whose documents lead to no image."""
    for refusal in found.refusals:
        if isinstance(refusal, LimitReached):
            return refusal
    if len(found.refusals) == 1:
        return found.refusals[0]
    if found.refusals:
        return ArchiveError(f"None of the archive's {len(found.refusals)} images can be read. {found.refusals[0]}")
    if found.artifacts:
        kinds = ", ".join(sorted(found.artifacts)[:5])
        return ArchiveError(f"The archive holds no image, only artifacts of other kinds: {kinds}.")
    if found.absent:
        return ArchiveError(
            f"The archive names {counted(found.absent, 'image')} for other platforms, and holds none of them: "
            "pull the image for one platform, and save it again."
        )
    return ArchiveError("The archive names no image: save the image again.")
