"""What a file holds: each rule finds its own, and no placeholder, piece of base64 or long line fools or slows it."""

import base64
import subprocess
import sys
import time

import pytest

from analyzer.secrets.contents import MOST_PLACES, rules_in
from tests.secrets.made_up import AWS_ID, TOKENS, letters, private_key


@pytest.mark.parametrize("rule", TOKENS)
@pytest.mark.parametrize("frame", ["{}", "key = '{}'\n", "x" * 9000 + "\nTOKEN={}\r\n", '{{"a": "{}"}}'])
def test_a_rule_finds_its_own_token_and_nothing_else_does(rule: str, frame: str) -> None:
    assert rules_in(frame.format(TOKENS[rule]).encode()) == [rule]


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_is_found_as_a_file_and_in_json(kind: str) -> None:
    key = private_key(kind)
    assert rules_in(key.encode()) == ["Private Key"]
    assert rules_in(key.replace("\n", "\\n").encode()) == ["Private Key"]
    assert rules_in(key.replace("\n", "\r\n").encode()) == ["Private Key"]


def test_an_encrypted_key_with_headers_is_found() -> None:
    first, rest = private_key().split("\n", 1)
    assert rules_in(f"{first}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{rest}".encode()) == ["Private Key"]


@pytest.mark.parametrize(
    "text",
    [
        private_key().split("\n")[0],  # a program that looks for keys
        private_key().split("\n")[0] + "\nXXXX\nXXXX\n",  # a manual
        private_key().replace("PRIVATE", "PUBLIC"),
        "AKIA" + "IOSFODNN7" + "EXAMPLE",
        "gh" + "p_" + "x" * 36,
        letters("before", 40) + AWS_ID + letters("after", 40),  # a piece of base64
        "//npm.corp.test/:_auth" + "Token=${NPM_TOKEN}",
        "password = hunter2, https://user:pass@host/ 8.8.8.8",
        base64.b64encode(letters("noise", 9000).encode()).decode(),
    ],
)
def test_what_only_looks_like_one_is_let_alone(text: str) -> None:
    assert rules_in(text.encode()) == []


@pytest.mark.parametrize(
    "data",
    [
        b"//" * 120_000 + b":_authToken=",
        b":_authToken" * 20_000,
        b"sk-" * 80_000 + b"T3BlbkFJ",
        b"aws" * 80_000,
        b"xoxb-" + b"1-" * 120_000,
        private_key().split("\n")[0].encode() * 8_000,
        private_key().split("\n")[0].encode() + b"\n" + b"A: b\n" * 50_000,
    ],
)
def test_no_file_of_the_largest_size_takes_long(data: bytes) -> None:
    rules_in(b"")
    began = time.process_time()
    rules_in(data[: 256 << 10])
    assert time.process_time() - began < 0.5


def test_only_the_first_places_of_a_word_are_tried() -> None:
    token = TOKENS["Stripe Access Key"].encode()
    assert rules_in(b"k_live_ " * (MOST_PLACES + 200) + b" " * 400 + token) == []
    assert rules_in(b"k_live_ " * (MOST_PLACES - 1) + b" " * 400 + token) == ["Stripe Access Key"]


def test_the_rules_are_loaded_only_when_a_file_is_searched() -> None:
    program = "import sys, analyzer.secrets.contents; sys.exit('detect_secrets' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
