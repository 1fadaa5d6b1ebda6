"""Files that nobody's secret is looked for in: package managers brought them, or they are examples and tests."""

import re

_OWNED = re.compile(
    rb"(?:usr/)?(?:s?bin|lib|lib32|lib64|libexec|include)/|usr/share/(?!nginx/|caddy/)|boot/|dev/|proc/|sys/"
    rb"|var/lib/(?:dpkg|apt|rpm|pacman)/|var/cache/|lib/apk/|etc/(?:ssl/certs|pki/ca-trust|ca-certificates|apt)/"
)
_FOLDERS = re.compile(
    rb"(?:^|/)(?:node_modules|site-packages|dist-packages|vendor/bundle|gems|go/pkg/mod|registry/src|\.m2/repository"
    rb"|tests?|testdata|__tests__|fixtures|examples?|docs?|locale|\.cache)/"
)


def is_noise(path: bytes) -> bool:
    """Whether the file lies where packages put theirs, or where examples are."""
    return _OWNED.match(path) is not None or _FOLDERS.search(path) is not None
