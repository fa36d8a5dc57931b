#!/usr/bin/env python3
"""An OCI image of static programs for several architectures, as one tar (OCI image specification 1.0). The same input gives the same bytes.

    oci_image.py OUT.tar NAME VERSION REVISION EPOCH ROOT:ARCHITECTURE…

Each ROOT is a folder with the files of that architecture, and `image.json`: what of the image's configuration is its own."""

import gzip
import hashlib
import io
import json
import pathlib
import sys
import tarfile
import time

USER = 65532  # as distroless images have it: no user of any host


def packed(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Blobs:
    def __init__(self):
        self.all = {}

    def add(self, data, media_type, **more):
        digest = hashlib.sha256(data).hexdigest()
        self.all[f"blobs/sha256/{digest}"] = data
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data), **more}


def entry(name, epoch, **fields):
    info = tarfile.TarInfo(name)
    info.mtime = epoch
    for key, value in fields.items():
        setattr(info, key, value)
    return info


def layer(root, epoch):
    """The files below `root`. What is its user's own is named in image.json; all else is root's and cannot be written."""
    settings = json.loads((root / "image.json").read_text())
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            if name == "image.json":
                continue
            owner = USER if name in settings["owned"] else 0
            if path.is_dir():
                mode = 0o1777 if name == "tmp" else 0o700 if owner else 0o755
                tar.addfile(entry(name, epoch, type=tarfile.DIRTYPE, mode=mode, uid=owner, gid=owner))
            else:
                data = path.read_bytes()
                mode = 0o755 if name.startswith("usr/bin/") else 0o644
                tar.addfile(entry(name, epoch, size=len(data), mode=mode, uid=owner, gid=owner), io.BytesIO(data))
    return raw.getvalue(), settings


def manifest(blobs, root, architecture, labels, epoch):
    tar, settings = layer(root, epoch)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))
    platform = {"os": "linux", "architecture": architecture, **({"variant": "v8"} if architecture == "arm64" else {})}
    configuration = {
        "created": created, **platform,
        "config": {"User": f"{USER}:{USER}", "WorkingDir": "/", "Labels": labels, **settings["config"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]},
        "history": [{"created": created, "created_by": "script/release"}],
    }
    content = {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blobs.add(packed(configuration), "application/vnd.oci.image.config.v1+json"),
        "layers": [blobs.add(gzip.compress(tar, 9, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")],
    }
    return blobs.add(packed(content), content["mediaType"], platform=platform)


def main():
    out, name, version, revision, epoch, *roots = sys.argv[1:]
    epoch = int(epoch)
    labels = {
        "org.opencontainers.image.title": name,
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.revision": revision,
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.description": "Watches TaurusDB to StarRocks synchronization tasks"
        if name == "replmond" else "Stand-in cloud for replmond, for tests and demonstrations",
    }
    blobs = Blobs()
    manifests = []
    for each in roots:
        root, architecture = each.rsplit(":", 1)
        manifests.append(manifest(blobs, pathlib.Path(root), architecture, labels, epoch))
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests}
    top = blobs.add(packed(index), index["mediaType"], annotations={
        "org.opencontainers.image.ref.name": version, "io.containerd.image.name": f"docker.io/library/{name}:{version}"})
    files = {
        "oci-layout": packed({"imageLayoutVersion": "1.0.0"}),
        "index.json": packed({"schemaVersion": 2, "mediaType": index["mediaType"], "manifests": [top]}),
        **blobs.all,
    }
    with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as tar:
        for file in sorted(files):
            tar.addfile(entry(file, epoch, size=len(files[file]), mode=0o644), io.BytesIO(files[file]))


if __name__ == "__main__":
    main()
