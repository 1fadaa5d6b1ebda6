"""Values that look like secrets, made when the tests run: none stands in this repository, and none opens anything."""

import base64
import hashlib
import string


def letters(seed: str, count: int) -> str:
    """Letters and digits, the same ones each time, all kinds of them."""
    alphabet = string.ascii_letters + string.digits
    digests = b"".join(hashlib.sha256(f"{seed}{turn}".encode()).digest() for turn in range(count // 32 + 1))
    return "".join(alphabet[byte % len(alphabet)] for byte in digests[:count])


def private_key(kind: str = "RSA ") -> str:
    """A PEM block with a body of no key."""
    body = base64.encodebytes(hashlib.sha512(kind.encode()).digest() * 6).decode()
    return "".join(("-" * 5, "BEGIN ", kind, "PRIVATE", " KEY", "-" * 5, "\n", body, "-" * 5, "END\n"))


AWS_ID = "AKI" + "A" + letters("aws", 16).upper()
TOKENS = {
    "AWS Access Key": AWS_ID,
    "Azure Storage Account access key": "Account" + "Key=" + letters("azure", 88),
    "GitHub Token": "gh" + "p_" + letters("github", 36),
    "GitLab Token": "glp" + "at-" + letters("gitlab", 20),
    "NPM tokens": "//npm.corp.test/:_auth" + "Token=npm_" + letters("npm", 36),
    "OpenAI Token": "s" + "k-" + letters("openai", 20) + "T3Blbk" + "FJ" + letters("more", 20),
    "PyPI Token": "pypi-Ag" + "EIcHlwaS5vcmc" + letters("pypi", 80),
    "SendGrid API Key": "S" + "G." + letters("send", 22) + "." + letters("grid", 43),
    "Slack Token": "xo" + "xb-123456789012-" + letters("slack", 24),
    "Square OAuth Secret": "sq0" + "csp-" + letters("square", 43),
    "Stripe Access Key": "sk_" + "live_" + letters("stripe", 24),
}
"""By the rule that finds each."""
