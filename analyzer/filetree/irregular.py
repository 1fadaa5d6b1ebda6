"""What one layer's listing reports: what is against the rules, and what a container would rather not hold."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from analyzer.filetree.conflicts import Conflicts
from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.hardlinks import follow
from analyzer.filetree.lookup import rows_of
from analyzer.filetree.whiteout import is_bare
from analyzer.oci.findings import Finding, Severity, escape, is_utf8
from analyzer.secrets.names import by_name, suspects
from analyzer.secrets.noise import is_noise

MAX_FINDINGS = 50
"""Of one code in one layer; one more tells how many there were."""

Case = tuple[bytes, str]
"""Path and detail."""


class Rows(Protocol):
    """What is looked at of a listing."""

    @property
    def paths(self) -> Sequence[bytes]: ...
    @property
    def kinds(self) -> bytes: ...
    @property
    def modes(self) -> Sequence[int]: ...
    @property
    def sizes(self) -> Sequence[int]: ...
    @property
    def implied(self) -> bytes: ...
    @property
    def links(self) -> Sequence[bytes | None]: ...
    @property
    def conflicts(self) -> Conflicts: ...


def report(members: Members, rows: Rows) -> list[Finding]:
    """The findings of a listing and the members that it was made of."""
    return [
        *capped("duplicate-entry", Severity.WARNING, _duplicates(members, rows)),
        *capped("bare-whiteout", Severity.WARNING, _bare_whiteouts(rows)),
        *capped("link-loop", Severity.WARNING, _loops(rows)),
        *capped("entry-below-file", Severity.WARNING, _conflicts(rows)),
        *capped("name-not-utf8", Severity.INFO, _odd_names(rows.paths)),
        *capped("missing-parent", Severity.INFO, _missing_parents(rows)),
        *capped("device-node", Severity.INFO, _devices(rows)),
        *capped("setuid-file", Severity.INFO, _setuid(rows)),
        *capped("world-writable", Severity.INFO, _world_writable(rows)),
        *capped("secret-file", Severity.WARNING, _secrets(rows)),
    ]


def capped(code: str, severity: Severity, cases: Iterator[Case]) -> list[Finding]:
    """At most MAX_FINDINGS findings, then one that says how many more there are."""
    findings = [Finding(code, severity, detail, path=path) for path, detail in islice(cases, MAX_FINDINGS)]
    more = sum(1 for _ in cases)
    if more:
        findings.append(Finding(code, severity, f"{more:,} more of this kind are not listed."))
    return findings


def _duplicates(members: Members, rows: Rows) -> Iterator[Case]:
    if len(rows.paths) - rows.implied.count(1) == len(members.paths):
        return
    places: dict[bytes, list[int]] = {}
    for at, path in enumerate(members.paths):
        places.setdefault(path, []).append(at)
    for path, all_of_it in places.items():
        if len(all_of_it) > 1:
            each = [f"{Kind(members.kinds[at]).label} of {members.sizes[at]:,} B" for at in all_of_it[-5:]]
            told = f"{'… ' if len(all_of_it) > 5 else ''}{', then '.join(each)}"
            yield path, f"The path stands {len(all_of_it)} times in the layer: {told}. The last one counts."


def _bare_whiteouts(rows: Rows) -> Iterator[Case]:
    for at in rows_of(rows.kinds, Kind.WHITEOUT):
        if is_bare(rows.paths[at]):
            yield rows.paths[at], "A whiteout that names nothing; it hides nothing."


def _loops(rows: Rows) -> Iterator[Case]:
    for at in follow(rows.paths, rows.kinds, rows.links).loops:
        yield rows.paths[at], f"The hard link to {escape(rows.links[at] or b'')} ends in a loop; it has no bytes."


def _conflicts(rows: Rows) -> Iterator[Case]:
    for at, stays in rows.conflicts.lost.items():
        stays_path = escape(rows.paths[stays])
        yield rows.paths[at], f"It can't stand beside {stays_path} of the same layer, which comes later and counts."


def _odd_names(paths: Sequence[bytes]) -> Iterator[Case]:
    if is_utf8(b"/".join(paths)):
        return
    for path in paths:
        if not is_utf8(path):
            yield path, "The name is not UTF-8; it is kept byte for byte and shown escaped."


def _missing_parents(rows: Rows) -> Iterator[Case]:
    """One case a layer: tools that leave parents out leave them all out."""
    missing = rows.implied.count(1)
    if missing:
        folders = "folder, which has" if missing == 1 else "folders, which have"
        detail = f"The layer has entries below {missing:,} {folders} none: what no lower layer has is 0755 0:0."
        yield rows.paths[rows.implied.index(1)], detail


def _devices(rows: Rows) -> Iterator[Case]:
    for kind in (Kind.CHAR, Kind.BLOCK):
        for at in rows_of(rows.kinds, kind):
            yield rows.paths[at], f"A {'character' if kind == Kind.CHAR else 'block'} device in an image."


def _setuid(rows: Rows) -> Iterator[Case]:
    for at in _with_bits(rows.modes, _SETUID | _SETGID):
        if rows.kinds[at] == Kind.FILE:
            bits = " and ".join(word for word, bit in _BITS if rows.modes[at] & bit)
            yield (
                rows.paths[at],
                f"A file with the {bits} bit, mode {rows.modes[at]:04o}: it runs as its owner or group.",
            )


def _world_writable(rows: Rows) -> Iterator[Case]:
    for at in _with_bits(rows.modes, _OTHERS_WRITE):
        kind, mode = rows.kinds[at], rows.modes[at]
        if kind == Kind.FILE or (kind == Kind.DIR and not mode & _STICKY):
            yield rows.paths[at], f"Anybody may write here, mode {mode:04o}."


def _secrets(rows: Rows) -> Iterator[Case]:
    """By their names alone: what files hold is read when the layer is indexed."""
    for at in suspects(rows.paths):
        rule = by_name(rows.paths[at]) if rows.kinds[at] == Kind.FILE else None
        if rule is not None and rule.sure and rows.sizes[at] and not is_noise(rows.paths[at]):
            yield rows.paths[at], f"Its name says: {rule.words}. Its bytes were not looked at."


_SETUID, _SETGID, _STICKY, _OTHERS_WRITE = 0o4000, 0o2000, 0o1000, 0o0002
_BITS = (("setuid", _SETUID), ("setgid", _SETGID))


def _with_bits(modes: Sequence[int], bits: int) -> list[int]:
    """The rows that have any of the bits."""
    if not any(mode & bits for mode in set(modes)):  # a layer has a handful of modes
        return []
    return [at for at, mode in enumerate(modes) if mode & bits]
