"""Where releases come from: a folder (a stick, a share) or an https address, verified by The Update Framework.

python-tuf's client does the whole workflow of the specification: each metadata file must be signed by enough keys of
the role that the trusted root names, be no older than the last one seen and not expired; each target must have the
signed length and hashes. What is fetched is therefore used only after that, and never by name alone.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from app.update.manifest import Manifest, read_manifest, target_name, this_platform
from models.errors import Known

if TYPE_CHECKING:
    from tuf.ngclient import FetcherInterface

_SCHEME = "folder:///"
_CHUNK = 1 << 20


class Release:
    """The newest release of a source. `manifest` is verified; `fetch` brings one of its archives, verified too."""

    def __init__(self, source: str, root: Path, state: Path) -> None:
        """`root` is the trusted root that came with the program, `state` the folder that remembers what was seen.

        Raises Known where nothing can be fetched, and (exit status 6) where anything is not genuine, expired or
        older than what was seen before.
        """
        from tuf.ngclient import Updater

        metadata, self._kept = state / "metadata", state / "fetched"
        for folder in (metadata, self._kept):
            folder.mkdir(parents=True, exist_ok=True)
        if not (metadata / "root.json").exists():
            if not root.exists():
                raise Known(
                    "This installation has no trusted root for updates.", "Install it from a package with one.", code=5
                )  # fmt: skip
            shutil.copyfile(root, metadata / "root.json")
        logging.getLogger("tuf").setLevel(logging.ERROR)
        base = _base(source)
        with _Guard(source):
            self._updater = Updater(
                str(metadata), f"{base}metadata/", str(self._kept), f"{base}targets/", _fetcher(source)
            )
            self._updater.refresh()
        self.manifest = self._manifest()

    def fetch(self, name: str) -> Path:
        """The verified archive. Raises Known where it is missing or not what was signed."""
        with _Guard(name):
            found = self._updater.get_targetinfo(name)
            if found is None:
                raise Known(f"The release lacks {name}.", "Tell whoever made the release.", code=6)
            kept = self._updater.find_cached_target(found)
            return Path(kept or self._updater.download_target(found))

    def forget(self) -> None:
        """Remove what was fetched."""
        shutil.rmtree(self._kept, ignore_errors=True)

    def _manifest(self) -> Manifest:
        path = self.fetch(target_name(this_platform()))
        manifest = read_manifest(path.read_text(encoding="utf-8"))
        if manifest.platform != this_platform():
            raise Known(f"The release is for {manifest.platform}.", "Use the source for this kind of machine.", code=6)
        return manifest


class _Guard:
    """Turns what the client raises for forged, damaged, expired or missing files into one kind of sentence."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from tuf.api.exceptions import DownloadError, DownloadLengthMismatchError, RepositoryError

        if isinstance(error, RepositoryError | DownloadLengthMismatchError | ValueError):
            raise Known(
                f"The update is refused: {type(error).__name__}: {str(error)[:200]}",
                "Nothing was changed. Get the release anew; if it is refused again, tell whoever made it.", code=6,
                sentence_zh=f"更新被拒绝：{type(error).__name__}：{str(error)[:200]}",
                step_zh="未作任何更改。请重新获取发布文件；若仍被拒绝，请告知发布者。",
            ) from error  # fmt: skip
        if isinstance(error, DownloadError | OSError):
            raise Known(
                f"{self._what} cannot be read.", "Check the folder or the network, and try again.", code=6,
                sentence_zh=f"无法读取 {self._what}。", step_zh="请检查文件夹或网络后重试。",
            ) from error  # fmt: skip


def _base(source: str) -> str:
    if "://" not in source:
        if not Path(source).is_dir():
            raise Known(f"There is no folder {source}.", "Name the folder that holds metadata and targets.", code=2)
        return _SCHEME
    if not source.startswith("https://"):
        raise Known("Updates come from a folder or over https.", "Give an address that begins with https://", code=2)
    return source.rstrip("/") + "/"


def _fetcher(source: str) -> FetcherInterface | None:
    if "://" in source:
        return None
    from tuf.api.exceptions import DownloadHTTPError
    from tuf.ngclient import FetcherInterface

    class FolderFetcher(FetcherInterface):
        """Reads a repository's files from a folder; a missing one is what a server calls 404."""

        def _fetch(self, url: str) -> Iterator[bytes]:
            path = (Path(source) / unquote(url.removeprefix(_SCHEME))).resolve()
            if not path.is_relative_to(Path(source).resolve()) or not path.is_file():
                raise DownloadHTTPError("not found", 404)
            return _pieces(path)

    return FolderFetcher()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
