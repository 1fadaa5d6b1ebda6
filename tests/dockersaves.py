"""The forms of `docker save`, and of those who imitate it: manifest.json names what belongs together."""

import json

from analyzer.oci.digest import digest_of
from tests.images import Image, Members, compress, content, dumps
from tests.tars import Dir, Symlink


def docker_save(*images: Image) -> Members:
    """`docker save` before Docker 25: `<v1 id>/layer.tar`, a layer seen before as a symbolic link to it."""
    members: Members = {}
    seen: dict[str, str] = {}
    documents = []
    repositories: dict[str, dict[str, str]] = {}
    for each in images:
        names, parent = [], ""
        for index, part in enumerate(each.layers):
            v1_id = digest_of(f"{parent} {part.diff_id} {each.id if index == len(each.layers) - 1 else ''}".encode())[
                7:
            ]
            name = f"{v1_id}/layer.tar"
            if name not in members:
                members |= {f"{v1_id}/": Dir(), f"{v1_id}/VERSION": b"1.0"}
                members[f"{v1_id}/json"] = dumps({"id": v1_id, **({"parent": parent} if parent else {})})
                known = seen.setdefault(part.diff_id, name)
                members[name] = part.tar if known == name else Symlink(target=f"../{known}")
            names.append(name)
            parent = v1_id
        config = each.id[7:] + ".json"
        members[config] = each.config
        documents.append({"Config": config, "RepoTags": list(each.tags) or None, "Layers": names})
        for tag in each.tags:
            repository, _, version = tag.rpartition(":")
            repositories.setdefault(repository, {})[version] = parent
    members["manifest.json"] = dumps(documents)
    members["repositories"] = dumps(repositories)
    return members


def v1_save(*images: Image) -> Members:
    """`docker save` from before manifest.json: v1 folders and `repositories` alone."""
    members = docker_save(*images)
    for name in ["manifest.json", *(each.id[7:] + ".json" for each in images)]:
        del members[name]
    for each in images:
        document = json.loads(each.config)
        repository, _, version = each.tags[0].rpartition(":")
        v1_id: str | None = json.loads(content(members, "repositories"))[repository][version]
        for step in reversed([step for step in document.get("history", []) if not step.get("empty_layer")]):
            own = json.loads(content(members, f"{v1_id}/json"))
            own |= {"created": document["created"], "os": document["os"], "architecture": document["architecture"]}
            own |= {"docker_version": "1.9.1", "container_config": {"Cmd": [step["created_by"]]}}
            members[f"{v1_id}/json"] = dumps(own)
            v1_id = own.get("parent")
    return members


def podman_save(*images: Image) -> Members:
    """docker-archive as podman, buildah and skopeo write it: `<diffID>.tar`, v1 folders that link to it."""
    members: Members = {}
    documents = []
    repositories: dict[str, dict[str, str]] = {}
    for each in images:
        v1_id = ""
        for part in each.layers:
            members[f"{part.diff_id[7:]}.tar"] = part.tar
            v1_id = digest_of(f"{v1_id} {part.diff_id}".encode())[7:]
            members[f"{v1_id}/VERSION"] = b"1.0"
            members[f"{v1_id}/layer.tar"] = Symlink(target=f"../{part.diff_id[7:]}.tar")
            members[f"{v1_id}/json"] = dumps({"id": v1_id})
        members[f"{each.id[7:]}.json"] = each.config
        for tag in each.tags:
            repository, _, version = tag.rpartition(":")
            repositories.setdefault(repository, {})[version] = v1_id
        layers = [f"{part.diff_id[7:]}.tar" for part in each.layers]
        documents.append({"Config": f"{each.id[7:]}.json", "RepoTags": list(each.tags), "Layers": layers})
    members["repositories"] = dumps(repositories)
    members["manifest.json"] = dumps(documents)
    return members


def kaniko_save(*images: Image) -> Members:
    """As kaniko and crane write it: the config named `sha256:…`, gzip layers, no folders."""
    members: Members = {}
    documents = []
    for each in images:
        members[each.id] = each.config
        blobs = {f"{digest_of(blob)[7:]}.tar.gz": blob for blob in (compress(part.tar, "gzip") for part in each.layers)}
        members |= blobs
        names = [f"{digest_of(compress(part.tar, 'gzip'))[7:]}.tar.gz" for part in each.layers]
        documents.append({"Config": each.id, "RepoTags": list(each.tags), "Layers": names})
    members["manifest.json"] = dumps(documents)
    return members


def jib_save(each: Image) -> Members:
    """As jib writes it: `config.json`, keys in lower case."""
    blobs = [compress(part.tar, "gzip") for part in each.layers]
    names = [f"{part.diff_id[7:]}.tar.gz" for part in each.layers]
    members: Members = dict(zip(names, blobs, strict=True))
    members["config.json"] = each.config
    members["manifest.json"] = dumps([{"config": "config.json", "repoTags": list(each.tags), "layers": names}])
    return members
