"""What files, packages, teams and programs are called."""


def _words(text: str) -> list[str]:
    return text.split()


WORDS = _words(
    "access account action adapter admin agent alarm alert alias api app archive array asset async audit auth backend"
    " base batch billing binary block boot bridge broker buffer build bus cache call card cart catalog channel chart"
    " check client clock cloud cluster code codec color command common compat config connect console content context"
    " control convert cookie core count crypto csv currency cursor daemon data date debug decode default deploy detail"
    " device dialog digest disk dispatch docs domain draw driver edge editor element email emit encode engine entry env"
    " error event exchange export feed field file filter flag flow font form format frame gateway geo graph grid group"
    " handler hash header health helper history hook host http icon image import index info init input inspect invoice"
    " item iter job json kernel key label lang launch layer layout ledger lexer lib limit link list load local lock log"
    " login loop mail main manager map mask match math media memory menu merge message meta metric mixin mock model"
    " module monitor mount native net node notify number object offer option order output pack page panel parser patch"
    " path payment peer pipe pixel plan plugin point policy pool port post price print process product profile proxy"
    " query queue quota random range rate ratio reader record region registry relay render report request resolve"
    " response result retry role route rule runtime scan schema scope score screen search secret section select sensor"
    " serial server service session setting shape share shell shop signal site socket sort source spec stack stage"
    " state stats status step stock storage store stream string style submit suite summary sync system table tag task"
    " team template test text theme thread ticket time token tool trace track transform tree trigger type unit update"
    " upload user util vault vector vendor version video view wallet watch web widget window worker wrap writer zone"
)

LOCALES = _words(
    "af ar ast bg bn bs ca cs cy da de el en_GB eo es et eu fa fi fr ga gl he hi hr hu id is it ja ka kk km ko lt lv mk"
    " ml mr ms nb ne nl nn pa pl pt pt_BR ro ru sk sl sq sr sv ta te th tl tr uk vi zh_CN zh_TW"
)

ZONES = {
    "Africa": "Cairo Lagos Nairobi Johannesburg Tunis",
    "America": "Bogota Chicago Denver Lima Los_Angeles New_York Sao_Paulo",
    "Asia": "Dubai Hong_Kong Kolkata Seoul Shanghai Singapore Tokyo",
    "Europe": "Berlin Dublin Lisbon London Madrid Oslo Paris Prague Rome Vienna Zurich",
}

DISTROS = ("bookworm", "noble", "alpine3.20", "jammy", "bullseye", "ubi9", "trixie", "alpine3.19")
DISTRO_NAMES = {
    "bookworm": ("docker.io/library/debian", "12"),
    "bullseye": ("docker.io/library/debian", "11"),
    "trixie": ("docker.io/library/debian", "13"),
    "noble": ("docker.io/library/ubuntu", "24.04"),
    "jammy": ("docker.io/library/ubuntu", "22.04"),
    "alpine3.20": ("docker.io/library/alpine", "3.20"),
    "alpine3.19": ("docker.io/library/alpine", "3.19"),
    "ubi9": ("registry.access.redhat.com/ubi9/ubi", "9"),
}
SMALL_DISTROS = frozenset({"alpine3.20", "alpine3.19"})

RUNTIMES = (
    ("python", "3.11"),
    ("node", "20"),
    ("eclipse-temurin", "21"),
    ("python", "3.12"),
    ("nginx", "1.26"),
    ("node", "22"),
    ("golang", "1.22"),
    ("postgres", "16"),
    ("ruby", "3.3"),
    ("php", "8.3"),
    ("redis", "7"),
    ("dotnet", "8.0"),
)

TEAMS = ("web", "data", "platform", "mobile", "search", "payments")
