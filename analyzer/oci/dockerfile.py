"""A Dockerfile's instructions, from the steps that builders left in an image's history.

The classic builder writes `/bin/sh -c #(nop) CMD ["a" "b"]` for what runs nothing and `/bin/sh -c …` for RUN, and
replaces the sources of COPY and ADD by a sum (moby, builder/dockerfile/dispatchers.go and internals.go). BuildKit
writes the instruction as it stood, `# buildkit` behind it, RUN with its shell (buildkit,
frontend/dockerfile/dockerfile2llb/convert.go). In both, build arguments stand before the shell as `|2 A=1 B=2`.
What neither wrote down is a guess, and says so.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analyzer.oci import gosyntax
from analyzer.oci.keyvalues import pairs

WORDS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD"}
    | {"RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
DEFAULT_SHELL = ("/bin/sh", "-c")

_NOP = "/bin/sh -c #(nop)"
_ARGUMENTS = re.compile(r"\|(\d{1,9}) ", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_SUM = re.compile(r"(?P<kind>file|dir|multi):(?P<sum>[0-9a-f]{64}) in (?P<target>.*)", re.DOTALL)
_UNSAFE = re.compile(r"(?:^|\s)\d*<<-?[^<\s]|\\\s*$")  # what a line of a Dockerfile would go on after
_HEALTH = re.compile(r"&\{(?P<test>\[.*?\]) (?P<rest>.*)\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """One instruction, or a comment that stands for what is none. `guess` says what of it is not in the history."""

    text: str
    guess: str = ""
    note: str = ""


@dataclass(slots=True)
class Reader:
    """Reads the steps of one image, bottom first: what a step means depends on the SHELL and WORKDIR before it.

    `variables` and `labels` are the names that the image's config has: they tell where a value with spaces ends.
    """

    variables: Iterable[str] = ()
    labels: Iterable[str] = ()
    shell: Sequence[str] = DEFAULT_SHELL
    directory: str = "/"

    def read(self, created_by: str, comment: str = "", sources: Sequence[str] = ()) -> Written:
        """The instruction of a step. `sources`: what its layer holds below the target of a COPY or ADD."""
        text = created_by.strip()
        if not text:
            return _unwritten(comment)
        buildkit = text.endswith("# buildkit")
        text = text.removesuffix("# buildkit").rstrip()
        if text.startswith(_NOP):
            return self._instruction(text[len(_NOP) :].strip(), sources)
        word, _, rest = text.partition(" ")
        if word == "RUN":
            return self._run(rest.strip(), known=True)
        if word in WORDS:
            return self._instruction(text, sources)
        return self._run(text, known=buildkit)

    def _run(self, text: str, *, known: bool) -> Written:
        command, given = _without_arguments(text)
        note = f"Built with {', '.join(given)}." if given else ""
        shell = " ".join(self.shell) + " "
        for prefix in (shell, "/bin/sh -c "):
            if command.startswith(prefix):
                return Written(_run(command[len(prefix) :].strip()), note=note)
        if known:
            if "\n" in command or not command.startswith("/"):
                return Written(_run(command), note=note)
            words = gosyntax.array(command.split())
            return Written(f"RUN {words}", "The exec form; where its words end is not in the history.", note)
        return Written(
            _comment(command),
            "No instruction: the command of a container that was committed, or a RUN in exec form.",
        )

    def _instruction(self, text: str, sources: Sequence[str]) -> Written:
        word, _, rest = text.partition(" ")
        word, rest = word.upper(), rest.strip()
        match word:
            case "COPY" | "ADD":
                return _copied(word, rest, sources)
            case "CMD" | "ENTRYPOINT" | "SHELL" | "VOLUME":
                words = gosyntax.strings(rest)
                if words is None and word in {"SHELL", "VOLUME"} and rest.startswith("["):
                    words = rest.strip("[]").split()  # Go's %v, which has no quotes
                if word == "SHELL" and words:
                    self.shell = words
                return Written(f"{word} {gosyntax.array(words)}") if words is not None else _one_line(word, rest)
            case "EXPOSE":
                ports = re.findall(r"(\S+?):\{\}", rest.removeprefix("map[").removesuffix("]"))
                return _one_line(word, " ".join(ports) if ports else rest)
            case "ENV" | "LABEL":
                parts, sure = pairs(rest, self.variables if word == "ENV" else self.labels)
                guess = "" if sure else "Where its values end is not in the history."
                return Written(f"{word} {' '.join(parts)}", guess) if parts else _one_line(word, rest)
            case "HEALTHCHECK":
                return _health(rest)
            case "WORKDIR":
                self.directory = _joined(self.directory, rest)
                return _one_line(word, rest)
            case _ if word in WORDS:
                return _one_line(word, rest)
        return Written(_comment(text), "No instruction that a Dockerfile knows.")


def copied_to(created_by: str, directory: str) -> tuple[str, bool] | None:
    """Where a COPY or ADD of the classic builder put its sources: a path without leading slash, and whether it names
    a folder. None for any other step: only that builder leaves the sources' names out."""
    text = created_by.strip()
    found = _SUM.search(text) if text.startswith(_NOP) else None
    if found is None:
        return None
    target = found["target"].strip()
    is_folder = found["kind"] != "file" or target.endswith("/") or target in {".", ""}
    return _joined(directory, target).strip("/"), is_folder


def _copied(word: str, rest: str, sources: Sequence[str]) -> Written:
    found = _SUM.search(rest)
    if found is None:
        parts = [part for part in rest.split() if not part.startswith("--")]
        if "<<" in rest:
            return _one_line(word, rest, "A here-document, which the history leaves out; the layer has the file.")
        if word == "COPY" and "--from" not in rest and any(part.startswith("/") for part in parts[:-1]):
            return _one_line(word, rest, "An absolute source: another stage's or image's, and --from is not recorded.")
        return _one_line(word, rest)
    flags = [part for part in rest[: found.start()].split() if part.startswith("--")]
    target = found["target"].strip() or "."
    sum_ = f"{found['kind']}:{found['sum'][:12]}"
    if found["kind"] == "dir":
        named, guess = ["./"], f"The folder's name is not in the history, only its sum, {sum_}."
        if sources:
            guess += f" It held {', '.join(sources[:6])}{' …' if len(sources) > 6 else ''}."
    elif sources:
        named, guess = list(sources), f"The sources' names are those in the layer; the history has only {sum_}."
    else:
        named, guess = [sum_], "The source's name is not in the history, only its sum."
    spaced = any(any(map(str.isspace, name)) for name in (*named, target))
    text = gosyntax.array([*named, target]) if spaced else " ".join([*named, target])
    return _one_line(" ".join([word, *flags]), text, guess)


def _health(rest: str) -> Written:
    found = _HEALTH.fullmatch(rest)
    test = gosyntax.strings(found["test"]) if found else None
    if found is None or not test:
        return _one_line("HEALTHCHECK", rest)
    if test[0] == "NONE":
        return Written("HEALTHCHECK NONE")
    *times, retries = [part.strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|\S+", found["rest"])]
    names = ("interval", "timeout", "start-period", "start-interval")
    spans = [(name, gosyntax.duration(time)) for name, time in zip(names, times, strict=False)]
    options = [f"--{name}={span}" for name, span in spans if span]
    count = gosyntax.string(f'"{retries}"') or ""
    number = int(count) if _NUMBER.fullmatch(count) else ord(count) if len(count) == 1 else 0
    if number:
        options.append(f"--retries={number}")
    command = " ".join(test[1:]) if test[0] == "CMD-SHELL" else gosyntax.array(test[1:])
    return _one_line(" ".join(["HEALTHCHECK", *options, "CMD"]), command)


def _run(command: str) -> str:
    """RUN of one line, or as a here-document: the history has the script as it was, with its lines."""
    if "\n" not in command and not _UNSAFE.search(command):
        return f"RUN {command}"
    end, lines = "EOF", set(command.split("\n"))
    while end in lines:
        end += "_"
    return f"RUN <<{end}\n{command}\n{end}"


def _one_line(word: str, rest: str, guess: str = "") -> Written:
    """What is not RUN has no business with more lines: a text with some would bring instructions of its own."""
    line = f"{word} {' '.join(rest.split(chr(10)))}".strip()
    if line.endswith("\\"):
        return Written(
            f"# {line}", "It ends in a backslash, after which a Dockerfile would take the next line for its end."
        )
    return Written(line, guess)


def _unwritten(comment: str) -> Written:
    if comment.startswith("Imported from"):
        return Written("ADD rootfs.tar /", f"{comment}: the archive's name is not known.")
    return Written(_comment(comment or "a step that says nothing of itself"), "The history has no instruction here.")


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.splitlines() or [""])


def _without_arguments(text: str) -> tuple[str, list[str]]:
    """`|2 A=1 B=2 /bin/sh -c …` as the command and its arguments; a value may have spaces, so the shell ends them."""
    found = _ARGUMENTS.match(text)
    if found is None:
        return text, []
    count, rest = int(found[1]), text[found.end() :]
    start = re.search(r"(?:^| )(/\S+ -\S*c |/\S+)", rest)
    names = list(re.finditer(r"(?:^|(?<= ))[A-Za-z_]\w*=", rest))[:count]
    shell = re.search(r"(?:^| )/\S+(?: -\S+)* -\S*c ", rest) or start
    if shell is None or not names:
        return rest, []
    stop = shell.start()
    places = [name.start() for name in names if name.start() < stop] + [stop]
    given = [rest[a:b].strip() for a, b in pairwise(places)]
    return rest[stop:].strip(), given


def _joined(directory: str, path: str) -> str:
    """An absolute path, without `.` and `..`."""
    parts: list[str] = []
    for part in (path if path.startswith("/") else f"{directory}/{path}").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return "/" + "/".join(parts)
