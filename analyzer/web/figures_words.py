"""What the words and the figures mean: the page says it, and docs/figures.md is held to it. `This` is code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A heading, a sentence below it, and words with their meanings."""

    title: str
    lead: str
    words: tuple[tuple[str, str], ...]


GROUPS = (
    Group(
        "Words",
        "Images, layers, blobs and contents are known by digests of their bytes, so the same thing is kept once.",
        (
            ("archive", "The file that came in: what `docker save` writes, or an OCI layout, plain or compressed."),
            (
                "image",
                "One config with its layers in order, for one platform. Its image ID is the sha256 of the config. The "
                "same config with other layers is kept apart, and never shown for the honest one.",
            ),
            (
                "reference",
                "`registry/repository:tag`. It points at one image and moves when an archive brings another one; the "
                "image that it left says what it was called.",
            ),
            (
                "layer",
                "One set of changes, as a tar, whatever lies below it. Known by its diffID, the sha256 of the plain "
                "tar. Its colour is made of the diffID, so it is the same on every page.",
            ),
            (
                "blob",
                "The bytes that carry a layer: plain, gzip or zstd. Known by the blob digest, the sha256 of these "
                "bytes, which is what registries go by. One layer may have several blobs.",
            ),
            (
                "chain",
                "A layer with everything below it. Known by the chainID, which is what an engine's disk goes by: the "
                "same layer on another parent is another chain.",
            ),
            (
                "base",
                "The nearest other image that an image stands on: all of its layers are the lowest layers of this one. "
                "Only images that you may see count.",
            ),
            ("entry", "One member of a layer's tar: file, folder, link, device, or a whiteout."),
            (
                "whiteout",
                "An entry that hides what lower layers have: `.wh.NAME` hides NAME and all below it, an opaque marker "
                "empties its folder.",
            ),
            ("merged view", "The file system that a container sees: all layers, with what is hidden taken away."),
        ),
    ),
    Group(
        "Sizes",
        "Pages write binary units (1 KiB is 1,024 bytes); the exact bytes are in the title of each figure. "
        "What is not known is –, never 0.",
        (
            (
                "entry size",
                "A file's bytes, the length of a symbolic link's target, and 0 for all else. The bytes of a hard link "
                "belong to the file that it names.",
            ),
            ("layer size", "The entry sizes added up: the SIZE column of `docker history`."),
            ("tar size", "The length of the plain tar, headers and padding included."),
            ("blob size", "The length as carried: what a pull transfers."),
            (
                "image size",
                "The layer sizes added up: what `docker image ls` prints. The containerd store, the default from "
                "Docker 29 on, adds the compressed blobs to it.",
            ),
            ("own size", "What an image adds to its base; all of it where no base is known."),
            (
                "entries",
                "Of a layer: the members of its tar, repeated ones included. Of the merged view: the paths that can be "
                "seen and that some layer has an entry for.",
            ),
        ),
    ),
    Group(
        "Changes",
        "A layer against the chain below it. A folder that only repeats the one below counts nowhere.",
        (
            ("added", "The path was not there."),
            (
                "modified",
                "The path was there: content, type, mode, owner, time, link target or attributes differ, or nothing "
                "does and the bytes are merely stored again.",
            ),
            ("removed", "A whiteout, an opaque marker or a change of type took the path away."),
        ),
    ),
    Group(
        "Waste",
        "Bytes that some layer holds and the merged view does not show. Every one of them has one cause, one layer "
        "that brought it and one that hides it, so the parts add up to the whole.",
        (
            ("superseded", "The same path came again in a higher layer."),
            ("deleted", "A whiteout of this very path."),
            ("parent_deleted", "A whiteout of a folder above it."),
            ("opaque", "Its folder was emptied by an opaque marker."),
            ("type_changed", "Something of another type came in its place or in place of a folder above it."),
            (
                "own and inherited waste",
                "Hidden by a layer above the base, or already inside the base. A base does not count in your score.",
            ),
            ("efficiency", "1 − waste ÷ image size: 1 where nothing is hidden."),
            (
                "dive's figures",
                "What the tool dive prints of the same image. It counts all versions of a file that was replaced, the "
                "one that can be seen too: a 100 MB file that is overwritten once is 200 MB there and 100 MB here. A "
                "100 MB folder that is removed is 0 there and 100 MB here.",
            ),
        ),
    ),
    Group(
        "Sharing",
        "Among the images that you may see. Three keys tell what is the same, and every figure says which one it uses.",
        (
            ("naive, logical bytes", "The image sizes added up, as if nothing were shared."),
            ("unique chains", "Each chainID once: what an engine's disk holds."),
            ("unique layers, stored bytes", "Each diffID once: what layersite stores."),
            (
                "unique contents",
                "Each content of a file once, by its sha256: what storing files one by one would need.",
            ),
            ("ratio and saving", "naive ÷ the step, and naive − the step."),
            (
                "shared and unique",
                "The part of an image whose chains another image has too, and the rest: the columns of "
                "`docker system df -v`.",
            ),
            ("in images", "How many images stand on a layer: one stroke for each."),
            ("saves", "What is kept once instead of once for each image."),
            (
                "a stored byte serves",
                "Image sizes added up ÷ unique layers, after each image came in: 1 where nothing is shared.",
            ),
            (
                "new",
                "Of what came in on a day: the layers that no image of the scope had before, by diffID.",
            ),
            (
                "compression",
                "The plain tar's bytes ÷ those of the smallest compressed blob that an archive of your teams had the "
                "layer in; layers that only came in plain are left out.",
            ),
            (
                "from here up",
                "Bytes of a chain's own layer and of all that stands on it: the width of a box in the chain forest. "
                "All boxes at its bottom add up to the unique chains.",
            ),
            (
                "shared by two",
                "Bytes of the chains, or by diffID of the layers, that two images both have; of two families, what "
                "each image of one has with each of the other. Its share is of the smaller image, of a family's mean.",
            ),
            (
                "order of the heat map",
                "By chainID that of the forest, which single, average and complete linkage all come to (shared chains "
                "are an ultrametric: Jardine and Sibson, 1971). By diffID average linkage of the shares (Sokal and "
                "Michener, 1958), by nearest-neighbour chains (Murtagh, 1983).",
            ),
            (
                "family",
                "Images that stand on the same chain, as one row where there are too many for a row each; it opens.",
            ),
            (
                "near miss",
                "Two layers with other diffIDs that have nine tenths of the larger one's bytes in common by content, "
                "at once or without at most ten files: the fewest that do it, and of those the choice that leaves most "
                "in common. Each content counts once a layer. Pairs with less than 64 KiB in common are passed over.",
            ),
            (
                "stored again",
                "What two near-miss layers have in common. Of a family it is the sum over a greatest spanning tree of "
                "its pairs, each layer beside the one it is nearest to: nothing twice, so at least so much.",
            ),
            (
                "common ground",
                "Files of the same path and bytes that two images carry in different layers, in sets: all files that "
                "exactly the same layers hold. Its saving is their bytes over these layers less their bytes once; the "
                "savings of sets add up. What one image repeats is none.",
            ),
            (
                "older push",
                "A former image of a name that means another one now.",
            ),
            (
                "transferred",
                "What a pull would bring to a host that has other images, by blob digest: blobs that it has are "
                "skipped. Where no compressed blob of a layer is known, its plain tar is counted, and the figure is "
                "marked as at most.",
            ),
            (
                "moved to another base",
                "The layers above its base, as they are, on another base's chain: what the image would share then, by "
                "chainID.",
            ),
            (
                "freed",
                "What goes when images are deleted: the layers that nothing but these uses. By diffID it is what "
                "becomes free here, by chainID what an engine that holds the same images would free.",
            ),
            (
                "fair cost",
                "Of a team: each layer's bytes divided by the teams that use it, in whole bytes, so that the "
                "costs of all teams add up to the unique layers.",
            ),
            (
                "same, moved, near, new, gone",
                "How a layer of one image stands to another image: on the same chain, the same diffID on other "
                "layers, a near miss, only in the second, only in the first.",
            ),
            (
                "together, at least",
                "What several actions save. Of those that are about the same layers only the greater one counts, "
                "so no byte is counted twice.",
            ),
        ),
    ),
    Group(
        "Jobs",
        "An archive that is being taken apart, and what came of it.",
        (
            ("bytes read", "Carried bytes: the blobs of the archive, each once."),
            (
                "stored already",
                "Layers that were known before. Their bytes are checked against their digests all the same, and not "
                "taken apart again.",
            ),
            ("brought", "The sizes of the layers that were new here, added up."),
        ),
    ),
)
