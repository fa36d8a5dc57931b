"""Files that change as the kubelet of Kubernetes changes them."""

import os
import pathlib


class ProjectedVolume:
    """A ConfigMap or Secret as the kubelet mounts it: all files lie in a folder to which the symlink `..data` leads, and are replaced together
    by moving that link."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.generation = 0

    def write(self, **files):
        """The text of every file by its name, in which `__` stands for `/` and `_yaml` at the end for `.yaml`."""
        self.generation += 1
        data = self.folder / f"..generation_{self.generation}"
        names = {(name[: -len("_yaml")] + ".yaml" if name.endswith("_yaml") else name).replace("__", "/"): text for name, text in files.items()}
        for name, text in names.items():
            path = data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (self.folder / "..data_tmp").symlink_to(data.name)
        os.replace(self.folder / "..data_tmp", self.folder / "..data")
        for top in {name.split("/")[0] for name in names}:
            if not (self.folder / top).is_symlink():
                (self.folder / top).symlink_to(f"..data/{top}")
