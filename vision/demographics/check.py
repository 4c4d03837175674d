"""A network's answers on pictures of faces whose age and gender are known."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.errors import Known
from vision.boxes import Image
from vision.demographics.attributes import AttributeNetwork, Estimate
from vision.demographics.bands import FEMALE, MALE, UNKNOWN, band_of, group_of
from vision.demographics.faces import FaceFinder

LABELS = "labels.csv"
_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
_UTKFACE = re.compile(r"^(\d{1,3})_([01])(?:_([0-4]))?_")
_UTKFACE_GROUPS = ("White", "Black", "Asian", "Indian", "Others")
_GENDERS = {"female": FEMALE, "f": FEMALE, "1": FEMALE, "male": MALE, "m": MALE, "0": MALE}
_OLDEST = 120


@dataclass(frozen=True, slots=True)
class Label:
    """A picture and what is true of it; `group` is the labelled set's own word, None where it gives none."""

    path: Path
    age: float
    gender: str
    group: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """One face: what is true of it, and what was told (`told_age` None and 'unknown' where no face was found).

    `band` is the true age band, 'unknown' under 16. `face_width` is in pixels of the picture.
    """

    age: float
    band: str
    gender: str
    group: str | None
    told_age: float | None
    told_band: str
    told_gender: str
    face_width: float | None


@dataclass(frozen=True)
class CheckedSet:
    """Every face that was judged, and the names of the files that are no pictures."""

    judged: tuple[Judged, ...]
    unreadable: tuple[str, ...]


def labels_in(folder: Path) -> list[Label]:
    """The labelled pictures of a folder: its labels.csv (file, age, gender and perhaps group), else the pictures
    named as in UTKFace (`age_gender_..._.jpg`, gender 0 male and 1 female). Raises Known where there are none, or
    for a row that cannot be read."""
    if not folder.is_dir():
        raise Known(f"There is no folder {folder}.", "Give a folder of labelled face pictures.")
    listed = folder / LABELS
    found = list(_listed(listed)) if listed.is_file() else list(_named(folder))
    if not found:
        raise Known(
            f"There are no labelled pictures in {folder}.",
            f"Name them age_gender_..., as in 34_1_x.jpg, or give {LABELS} with file, age, gender.",
        )
    return found


def check_faces(
    folder: Path,
    network: AttributeNetwork,
    finder: FaceFinder | None,
    progress: Callable[[int, int], None] | None = None,
) -> CheckedSet:
    """Asks the network about every labelled picture of a folder, one after the other; nothing of them is kept.

    `finder` finds the face first, and cuts it as the cameras do; None says that each picture is such a cut already.
    Raises Known where there is nothing to judge.
    """
    labels = labels_in(folder)
    judged: list[Judged] = []
    unreadable: list[str] = []
    for number, label in enumerate(labels, 1):
        image = _read(label.path)
        if image is None:
            unreadable.append(label.path.name)
        else:
            judged.append(_judged(label, *_told(image, network, finder)))
        if progress is not None:
            progress(number, len(labels))
    network.forget()
    if finder is not None:
        finder.forget()
    if not judged:
        raise Known(f"None of the {len(labels)} pictures in {folder} can be read.", "Look at the files.")
    return CheckedSet(tuple(judged), tuple(unreadable))


def _told(image: Image, network: AttributeNetwork, finder: FaceFinder | None) -> tuple[Estimate | None, float | None]:
    if finder is None:
        return network.look_at(image), None
    faces = finder.find(image)
    if not faces:
        return None, None
    face = max(faces, key=lambda each: each.width)
    return network.look(image, face), face.width


def _judged(label: Label, estimate: Estimate | None, width: float | None) -> Judged:
    band, gender = group_of(estimate.age, estimate.male) if estimate else (UNKNOWN, UNKNOWN)
    age = estimate.age if estimate else None
    return Judged(label.age, band_of(label.age), label.gender, label.group, age, band, gender, width)


def _read(path: Path) -> Image | None:
    """The picture in blue-green-red, None for a file that is none. Paths of any script can be read this way."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    if not data.size:
        return None
    found = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return None if found is None else np.asarray(found, np.uint8)


def _named(folder: Path) -> Iterator[Label]:
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _PICTURES and (match := _UTKFACE.match(path.name)):
            age, gender, group = match.groups()
            if int(age) <= _OLDEST:
                yield Label(path, int(age), _GENDERS[gender], _UTKFACE_GROUPS[int(group)] if group else None)


def _listed(path: Path) -> Iterator[Label]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"file", "age", "gender"} - set(reader.fieldnames or ())
            if missing:
                raise Known(f"{path.name} lacks the column {', '.join(sorted(missing))}.", "Name the columns so.")
            for number, row in enumerate(reader, 2):
                yield _label(path, number, row)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Known(f"{path.name} is not a table in UTF-8.", "Save it as CSV UTF-8.") from error


def _label(path: Path, number: int, row: dict[str, str | None]) -> Label:
    name, gender = (row["file"] or "").strip(), _GENDERS.get((row["gender"] or "").strip().lower())
    try:
        age = float(row["age"] or "")
    except ValueError:
        age = -1.0
    if not name or gender is None or not 0 <= age <= _OLDEST:
        raise Known(
            f"{path.name}, line {number}: a file, an age from 0 to {_OLDEST} and female or male are needed.",
            "Correct the line.",
        )
    return Label(path.parent / name, age, gender, (row.get("group") or "").strip() or None)
