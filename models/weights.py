"""A site's model weights: what is installed, whether it is what it claims to be, and adding more.

`resources/weights.toml` lists the files this version knows, with their SHA-256 and licence. A known
name with other content is damaged and refused; a name it does not know is taken only when a person
says so, and is shown with the licence that the file itself states, else 'unknown', for as long as it is
there. Nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import Known, NotInstalled
from models.rights import require
from models.site import Site
from models.store import Store

MANIFEST = Path(__file__).parents[1] / "resources" / "weights.toml"
UNKNOWN = "unknown"
State = Literal["good", "damaged", "unknown", "absent"]
_AGPL = b"AGPL-3.0"
#: What a detector can load, and what belongs beside it.
MODELS = (".onnx", ".xml", ".gguf")
BESIDE = (".bin", ".yaml")


@dataclass(frozen=True)
class KnownWeights:
    """An entry of the manifest; `files` maps file names to SHA-256, `input` is (width, height) in pixels."""

    name: str
    title: str
    licence: str
    origin: str
    files: dict[str, str]
    input: tuple[int, int] | None = None


@dataclass(frozen=True)
class Installed:
    """Weights as they stand in a site: `path` is the model file to load, None where absent."""

    name: str
    state: State
    licence: str
    origin: str
    path: Path | None
    sha256: str
    size: int
    input: tuple[int, int] | None = None


def known_weights() -> tuple[KnownWeights, ...]:
    """What the manifest lists."""
    entries = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["weights"]
    return tuple(
        KnownWeights(
            e["name"],
            e["title"],
            e["licence"],
            e["origin"],
            dict(e["files"]),
            tuple(e["input"]) if "input" in e else None,
        )
        for e in entries
    )


def list_weights(site: Site) -> list[Installed]:
    """Every known entry, installed or absent, then what else lies in the site's `weights/`."""
    known = known_weights()
    found = [_state_of(site, entry) for entry in known]
    names = {entry.name for entry in known}
    for folder in sorted(p for p in _folder(site).glob("*") if p.is_dir() and p.name not in names):
        if model := _model_in(folder):
            size = sum(p.stat().st_size for p in folder.iterdir())
            found.append(Installed(folder.name, "unknown", stated_licence(model), UNKNOWN, model, sha256(model), size))
    return found


def find_weights(site: Site, name: str) -> Path:
    """The model file of installed weights. Raises NotInstalled where they are absent or damaged."""
    for weights in list_weights(site):
        if weights.name == name and weights.path and weights.state != "damaged":
            return weights.path
    raise NotInstalled(
        f"The weights '{name}' are not in this site, or are damaged.", "Run: python main.py weights add FILE"
    )


def add_weights(store: Store, actor: str, source: Path, *, accept_unknown: bool = False) -> Installed:
    """Copy weights (a file, or the folder of an .xml with its .bin) into the site, verified; audited.

    Raises Known for a file that is missing, not loadable, damaged, or unknown and not accepted, and Denied without
    the right to configure.
    """
    require(store, actor, "configure", f"weights/{source.name}")
    model = _model_of(source)
    files = [model, *_beside(model)]
    if model.suffix == ".xml" and not any(path.suffix == ".bin" for path in files):
        raise Known(f"{model.name} needs its weights, {model.stem}.bin, beside it.", "Give the folder that holds both.")
    hashes = {path.name: sha256(path) for path in files}
    entry = _recognise(hashes)
    if entry is None and not accept_unknown:
        raise Known(
            f"{model.name} is not among the weights this version knows; its origin and licence are unknown.",
            "Add --accept-unknown to use it all the same.",
        )
    folder = _folder(store.site) / (entry.name if entry else model.stem)
    _copy(files, hashes, folder)
    licence = entry.licence if entry else stated_licence(model)
    with store.write(actor, "adding weights") as tx:
        tx.audit("add", f"weights/{folder.name}", files=hashes, licence=licence)
    return next(weights for weights in list_weights(store.site) if weights.name == folder.name)


def remove_weights(store: Store, actor: str, name: str) -> Installed:
    """Take weights out of the site, damaged ones too; audited. Returns what they were.

    Raises NotInstalled where the site has none of that name, and Known where the disk refuses.
    """
    require(store, actor, "configure", f"weights/{name}")
    found = next((weights for weights in list_weights(store.site) if weights.name == name), None)
    folder = _folder(store.site) / name
    if found is None or found.state == "absent":
        raise NotInstalled(f"The weights '{name}' are not in this site.", "Run: python main.py weights list")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise Known(f"The weights cannot be removed: {error.strerror}.", f"Check {folder}.") from error
    with store.write(actor, "removing weights") as tx:
        tx.audit("remove", f"weights/{name}", sha256=found.sha256, licence=found.licence)
    return found


def binds_the_site(licence: str) -> bool:
    """Whether using weights of this licence asks something of the site that a permissive one does not."""
    return "GPL" in licence


def stated_licence(model: Path) -> str:
    """The licence that Ultralytics' exports state in the file or in the description beside it, else 'unknown'."""
    beside = model.with_name("metadata.yaml")
    for path in (beside, model) if model.suffix in (".xml", ".onnx") else ():
        if path.is_file() and _AGPL in path.read_bytes():
            return _AGPL.decode()
    return UNKNOWN


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(model: Path) -> str:
    """SHA-256 of a model in hexadecimal: of its file, or of an .xml and its .bin one after the other."""
    digest = hashlib.sha256()
    for part in (model, model.with_suffix(".bin")) if model.suffix == ".xml" else (model,):
        if part.is_file():
            with part.open("rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
    return digest.hexdigest()


def _folder(site: Site) -> Path:
    return site.folder / "weights"


def _state_of(site: Site, entry: KnownWeights) -> Installed:
    folder = _folder(site) / entry.name
    paths = {name: folder / name for name in entry.files}
    present = [path for path in paths.values() if path.exists()]
    main = next(path for name, path in paths.items() if path.suffix in MODELS)
    if not present:
        return Installed(entry.name, "absent", entry.licence, entry.origin, None, "", 0, entry.input)
    good = all(path.exists() and sha256(path) == entry.files[name] for name, path in paths.items())
    state: State = "good" if good else "damaged"
    digest = sha256(main) if main.exists() else ""
    size = sum(path.stat().st_size for path in present)
    return Installed(entry.name, state, entry.licence, entry.origin, main if good else None, digest, size, entry.input)


def _model_of(source: Path) -> Path:
    model = _model_in(source) if source.is_dir() else source
    if model is None or not model.is_file():
        raise Known(f"There are no weights in {source}.", f"Give a file ending in {', '.join(MODELS)}.")
    if model.suffix == ".bin" and (graph := model.with_suffix(".xml")).is_file():
        return graph
    if model.suffix not in MODELS:
        raise Known(f"{model.name} cannot be loaded as weights.", f"Give a file ending in {', '.join(MODELS)}.")
    return model


def _model_in(folder: Path) -> Path | None:
    return next((p for suffix in MODELS for p in sorted(folder.glob(f"*{suffix}"))), None)


def _beside(model: Path) -> list[Path]:
    """The .bin of an .xml, and the description that some exporters put into its folder."""
    if model.suffix != ".xml":
        return []
    candidates = (model.with_suffix(".bin"), model.with_name("metadata.yaml"))
    return [path for path in candidates if path.is_file() and path.suffix in BESIDE]


def _recognise(hashes: dict[str, str]) -> KnownWeights | None:
    """The manifest's entry for these files; None for a name it does not have. Raises Known for a damaged file."""
    for entry in known_weights():
        damaged = sorted(name for name in entry.files.keys() & hashes.keys() if entry.files[name] != hashes[name])
        ours = entry.files.keys() <= hashes.keys()
        if ours and not damaged:
            return entry
        models = [name for name in damaged if Path(name).suffix in (*MODELS, ".bin")]
        if models:
            raise Known(
                f"{', '.join(models)} is damaged or not the original: its SHA-256 differs from the known one.",
                f"Fetch it again from {entry.origin}.",
            )
    return None


def _copy(files: list[Path], hashes: dict[str, str], folder: Path) -> None:
    """Copy into a new folder beside the final one and swap it in, so that no half-copied model is ever loaded."""
    part = folder.with_name(folder.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for path in files:
            shutil.copyfile(path, part / path.name)
            if sha256(part / path.name) != hashes[path.name]:
                raise Known(f"{path.name} was not copied whole.", "Check the disk and try again.")
        shutil.rmtree(folder, ignore_errors=True)
        part.replace(folder)
    except OSError as error:
        raise Known(f"The weights cannot be copied: {error.strerror}.", f"Check {folder.parent}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
