"""Images that a real engine built: our history, sizes and merged view are its own, in every form of archive."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands import run
from tests.engine.engine import Engine
from tests.truth import documents, history_of_ours, inodes_of_ours

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

FEATURES = """
FROM base:1
LABEL maintainer="tests"
ENV PATH=/bin
RUN mkdir -p /a/b/c /keep && echo one >/a/b/c/one && echo two >/a/b/two
RUN dd if=/dev/zero of=/keep/zeros bs=1024 count=300
RUN rm /a/b/two
RUN rm -rf /a/b && mkdir /a/b && echo fresh >/a/b/fresh
RUN echo changed >/a/b/fresh && chmod 600 /keep/zeros
RUN chown -R 1000:1000 /keep
RUN echo link >/keep/target && ln /keep/target /keep/hard && ln -s target /keep/soft && mkfifo /keep/fifo
RUN rm -rf /a && echo "a is a file now" >/a
WORKDIR /srv/deep/er
EXPOSE 8080/tcp
VOLUME /data
ENTRYPOINT ["/bin/sh","-c"]
CMD ["ls"]
"""
NAMES = r"""
FROM base:1
ENV PATH=/bin
RUN mkdir -p "/sp ace/ünïcode/日本語" && echo x >"/sp ace/ünïcode/日本語/file name.txt" && echo w >/.whoops
COPY odd.sh /odd.sh
RUN sh /odd.sh && rm /odd.sh
"""
ODD = b"""
echo newline >'/new
line'
echo tab >'/tab\ttab'
mkdir '/<b>markup & "quotes"<' && echo x >'/<b>markup & "quotes"</<script>alert(1)<-script>'
echo b >"$(printf '/bad\\377bytes')"
"""
IMAGES = ["base:1", "features:1", "names:1", "shared:1"]


@pytest.fixture(scope="module")
def engine(docker_host: str, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    built = Engine(docker_host, tmp_path_factory.mktemp("engine"))
    built.build_base()
    built.build("features:1", FEATURES)
    built.build("names:1", NAMES, [("odd.sh", ODD)])
    built.build("shared:1", "FROM features:1\nCOPY lib /opt/lib\n", [("lib", bytes(300_000))])
    return built


def analyzed(archive: Path) -> dict[str, Any]:
    status, text = run("analyze", str(archive), "--json")
    assert status == 0
    document: dict[str, Any] = json.loads(text)
    return document


@pytest.mark.parametrize("compression", [None, "gzip", "zstd"])
@pytest.mark.parametrize("name", IMAGES)
def test_history_and_merged_view_are_the_engines(engine: Engine, name: str, compression: str | None) -> None:
    image = analyzed(engine.save(name, compression=compression))["images"][0]
    inspected = engine.get(f"/images/{name}/json")
    assert history_of_ours(image) == engine.history(name)
    assert image["size"] == inspected["Size"]
    assert [layer["diff_id"] for layer in image["layers"]] == inspected["RootFS"]["Layers"]
    ours = inodes_of_ours(documents(run("files", image["image_id"], "--merged", "--json")[1]))
    assert ours == engine.merged(name)


def test_several_images_of_one_save_are_told_apart(engine: Engine) -> None:
    document = analyzed(engine.save(*IMAGES))
    assert len(document["images"]) == len(IMAGES)
    sizes = {image["references"][0].rpartition("/")[2]: image["size"] for image in document["images"]}
    assert sizes == {name: engine.get(f"/images/{name}/json")["Size"] for name in IMAGES}


def test_an_image_that_comes_again_has_the_same_document(engine: Engine) -> None:
    first, again = (analyzed(engine.save("base:1")) for _ in range(2))
    assert first == again
