"""The gate's results as the OpenAPI document shows them."""

from ninja import Field, Schema

from analyzer.gate.yamldoc import MOST_BYTES

PLAIN = r"^[^\x00-\x1f\x7f]*$"  # no column holds a NUL
NAMED = "An image ID, a prefix of it, or a reference."


class GateIn(Schema):
    """What is asked of the gate."""

    image: str = Field(max_length=1_000, pattern=PLAIN, description=NAMED)
    against: str = Field(
        "",
        max_length=1_000,
        pattern=PLAIN,
        description=f"{NAMED} What it is compared with; if empty, what was accepted last.",
    )
    rules: str = Field(
        "", max_length=MOST_BYTES, description="The text of a .layersite-ci.yaml or .dive-ci; our own rules if empty."
    )
    rules_name: str = Field(
        "", max_length=255, pattern=PLAIN, description="What the file is called, for the places in reports."
    )
    team: str = Field(
        "", max_length=100, pattern=PLAIN, description="Whose accepted images count, by its slug; else who holds it."
    )
    keep: bool = Field(True, description="Keep the result: an image that passed is what the next is compared with.")
    format: str = Field("json", description="Of the answer: json, text, junit, sarif or markdown.")
    reports: list[str] = Field([], max_length=4, description="Further formats, as texts within the JSON.")


class SubjectOut(Schema):
    name: str
    image_id: str
    ref: str
    references: list[str]
    size: int | None


class FixOut(Schema):
    what: str
    remedy: str
    size: int | None
    layer: int | None
    instruction: str | None
    hidden_by: str | None
    path: str | None


class JudgedRuleOut(Schema):
    rule: str
    outcome: str = Field(description="passed, failed, skipped, or unknown, which keeps the gate shut too.")
    allowed: str
    detail: str
    unit: str | None = Field(description="Of value and limit: bytes, share (0 to 1) or places.")
    value: float | None
    limit: float | None
    excused: bool = Field(description="The base alone breaks it: what the image adds was judged.")
    line: int | None = Field(description="Of the rules' file.")


class VerdictOut(JudgedRuleOut):
    fixes: list[FixOut] = Field(description="Ten at most, the worst first.")


class GateOut(Schema):
    passed: bool
    changed: bool = Field(
        description="False: the same layers and rules were accepted before, or `against` has the same layers."
    )
    image: SubjectOut
    against: SubjectOut | None
    base: str | None
    rules_file: str | None
    rules: list[VerdictOut]
    fix: list[FixOut] = Field(description="The lines to fix, three at most.")
    kept: bool
    reports: dict[str, str] = Field(description="By format, those that were asked for.")
