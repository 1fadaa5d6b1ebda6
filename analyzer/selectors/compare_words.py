"""What a comparison finds, in sentences: titles of the page's sections, and lines of the command."""

from analyzer.filetree.layerdiff import Change
from analyzer.oci.findings import escape
from analyzer.selectors.compare import Comparison
from analyzer.selectors.layer_kinship import Kinship
from analyzer.sharing.alignment import Relation
from analyzer.units import binary_text, grouped, share

REASONS = {
    "files": ("file", "of other bytes"),
    "moved": ("file", "under another name"),
    "entries": ("entry", "that only one has"),
    "owner": ("owner", "changed"),
    "mode": ("mode", "changed"),
    "mtime": ("time", "changed"),
    "links": ("link", "that leads elsewhere"),
    "xattrs": ("set of attributes", "changed"),
}
MOST_NAMED = 3


def counted(number: int, word: str) -> str:
    plural = {"entry": "entries", "set of attributes": "sets of attributes"}.get(word, f"{word}s")
    return f"{grouped(number)} {word if number == 1 else plural}"


def title(compared: Comparison) -> str:
    if compared.first.image.pk == compared.second.image.pk:
        return "One image, compared with itself"
    if compared.is_same:
        return "Nothing differs that a container could tell" if compared.semantic else "Nothing differs"
    both = compared.bytes_of(Relation.SAME, Relation.MOVED)
    names = compared.first.name, compared.second.name
    who = f"{names[0]} and {names[1]}" if names[0] != names[1] else "The two"
    size = compared.second.image.size
    if not both:
        return f"{who} have no layer in common"
    told = f"{who} have {binary_text(both)} of layers in common"
    return f"{told}, {share(both, size)} of the second" if size else told


def layers_title(compared: Comparison) -> str:
    count = compared.relations
    total = len(compared.second.layers)
    told = [f"{grouped(count[Relation.SAME])} of {counted(total, 'layer')} on the same chain"]
    for relation, words in (
        (Relation.MOVED, "moved"),
        (Relation.NEAR, "nearly the same"),
        (Relation.NEW, "new"),
        (Relation.GONE, "gone"),
    ):
        if count[relation]:
            told.append(f"{grouped(count[relation])} {words}")
    return ", ".join(told)


def files_title(compared: Comparison) -> str:
    if compared.files is None:
        return "Which files differ is not known, since a layer is missing"
    if not len(compared.files):
        return "Containers see the same files"
    totals = compared.files.totals
    words = ((Change.ADDED, "added"), (Change.MODIFIED, "changed"), (Change.REMOVED, "removed"))
    told = [f"{grouped(totals[change].paths)} {word}" for change, word in words if totals[change].paths]
    return f"Of what containers see, {_listed(told)}"


def kinship_words(kinship: Kinship) -> str:
    """`87.6 MiB in common, 99.9 % without 2 files (var/cache/apt/pkgcache.bin, …); 2 files of other bytes`"""
    told = f"{binary_text(kinship.common)} in common, {share(kinship.common, kinship.rest)}"
    if kinship.aside:
        names = ", ".join(escape(item.path) for item in kinship.aside[:MOST_NAMED])
        more = ", …" if len(kinship.aside) > MOST_NAMED else ""
        told += f" without {counted(len(kinship.aside), 'file')} ({names}{more})"
    reasons = reasons_words(kinship)
    return f"{told}; {reasons}" if reasons else told


def reasons_words(kinship: Kinship) -> str:
    """Why the two are not one: what differs, and of how many paths."""
    told = [
        f"{counted(number, REASONS[reason][0])} {REASONS[reason][1]}"
        for reason, number in kinship.differs.items()
        if reason in REASONS
    ]
    if "order" in kinship.differs:
        told.append("another order in the tar")
    if "framing" in kinship.differs:
        told.append("only the tar is written in another way")
    return ", ".join(told)


def config_title(compared: Comparison) -> str:
    if not compared.config:
        return "The configs say the same"
    number = len(compared.config)
    return "One setting differs" if number == 1 else f"{grouped(number)} settings differ"


def history_title(compared: Comparison) -> str:
    if not compared.history:
        return "The histories tell the same"
    number = len(compared.history)
    return "One step of the history differs" if number == 1 else f"{grouped(number)} steps of the history differ"


def _listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`"""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
