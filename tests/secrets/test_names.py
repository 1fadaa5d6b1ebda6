"""Well-known names of files that hold secrets, and the places where nobody's secrets lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.secrets.names import by_name, suspects
from analyzer.secrets.noise import is_noise
from tests.secrets.made_up import letters, private_key


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("app/.env", "environment file"),
        (".env.production", "environment file"),
        ("root/.npmrc", "npm credentials"),
        ("root/.aws/credentials", "cloud credentials"),
        ("root/.docker/config.json", "Docker registry credentials"),
        ("root/.kube/config", "Kubernetes credentials"),
        ("root/.ssh/id_ed25519", "private key"),
        ("etc/ssl/private/anything", "private key"),
        ("srv/store.p12", "key store"),
        ("infra/terraform.tfstate", "Terraform state or variables"),
        ("run/secrets/db", "mounted secret"),
        ("app/config/master.key", "Rails master key"),
    ],
)
def test_a_well_known_name_has_a_rule(path: str, words: str) -> None:
    rule = by_name(path.encode())
    assert rule is not None
    assert rule.words == words


@pytest.mark.parametrize(
    "path",
    [
        "app/.env.example", "app/env", "app/environment", "root/.ssh/id_rsa.pub", "root/.ssh/known_hosts",
        "srv/config.json", "srv/credentials", "opt/truststore.jks", "srv/ca.pem", "app/master.key",
    ],
)  # fmt: skip
def test_a_name_that_is_only_like_one_has_none(path: str) -> None:
    assert by_name(path.encode()) is None


@pytest.mark.parametrize(
    ("path", "with_secret", "without"),
    [
        (".env", f"DEBUG=1\nexport DB_PASSWORD={letters('a', 9)}", "DEBUG=1\nPASSWORD=\nAPI_KEY=$KEY\n#TOKEN=a"),
        (".npmrc", f"a=b\n//r/:_authToken={letters('b', 30)}", "registry=https://r\n//r/:_authToken=${TOKEN}"),
        (".netrc", "machine a login b password c", "machine a login b"),
        (".git-credentials", "https://a:b@c", "https://c"),
        (".pypirc", "[pypi]\nusername=a\npassword=b", "[pypi]\nrepository=https://r"),
        (".docker/config.json", '{"auths": {"r": {"auth": "YTpi"}}}', '{"credsStore": "pass"}'),
        (".kube/config", "users:\n- user:\n    token: abc", "clusters:\n- cluster:\n    server: https://a"),
        (".aws/credentials", f"[default]\naws_secret_access_key = {letters('c', 40)}", "[default]\nregion = a"),
        (".pgpass", "h:5432:*:u:p", "# h:5432:*:u:p"),
        ("id_rsa", private_key(), "ssh-rsa AAAA"),
        ("config/master.key", "0f" * 16, "no key"),
    ],
)
def test_what_the_file_holds_says_whether_there_is_a_secret(path: str, with_secret: str, without: str) -> None:
    rule = by_name(path.encode())
    assert rule is not None
    assert rule.proof is not None
    assert rule.proof.search(with_secret.encode())
    assert not rule.proof.search(without.encode())


@pytest.mark.parametrize(
    "path",
    [
        "usr/share/doc/a/key.pem", "usr/lib/python3/x.py", "lib/x", "usr/local/lib/python3.11/site-packages/a/test.pem",
        "app/node_modules/dotenv/.env", "src/tests/server.key", "etc/ssl/certs/a.pem", "var/lib/dpkg/status",
    ],
)  # fmt: skip
def test_what_packages_bring_and_tests_hold_is_passed_over(path: str) -> None:
    assert is_noise(path.encode())


@pytest.mark.parametrize(
    "path",
    [
        "etc/ssl/private/a.key",
        "root/.npmrc",
        "app/.env",
        "usr/share/nginx/html/.env",
        "usr/local/bin/run",
        "library/a",
        "opt/x",
    ],
)
def test_what_people_bring_is_not(path: str) -> None:
    assert not is_noise(path.encode())


PARTS = st.sampled_from(
    [
        ".env",
        ".env.x",
        "run",
        "secrets",
        "etc",
        "ssl",
        "private",
        "a.p12",
        "b.keystore",
        ".docker",
        "config.json",
        "id_rsa",
        "x",
    ]
)


@given(
    st.lists(st.lists(PARTS, min_size=1, max_size=4).map(lambda parts: "/".join(parts).encode()), unique=True).map(
        sorted
    )
)
def test_no_path_with_a_rule_is_passed_over(paths: list[bytes]) -> None:
    assert {at for at, path in enumerate(paths) if by_name(path)} <= set(suspects(paths))
