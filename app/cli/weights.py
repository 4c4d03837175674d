"""`weights`: the detector weights of a site, what this machine can afford of them, and training one's own."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.actor import actor
from app.cli.entry import at_least_one, say, site_folder
from models.errors import Known
from models.store import Store, open_store

if TYPE_CHECKING:
    from models.weights import Installed
    from vision.selftest import Trial

Result = tuple[Any, str]
_ACTIONS = ("list", "add", "remove", "bench", "export", "tune", "check")
_CHOICE = (
    "AGPL-3.0 asks for the source of whatever is offered with it over a network: "
    "using these weights is the site's own choice."
)


def register(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("weights", help="the detector weights of the site: list, add, remove, bench, train")
    command.add_argument("action", choices=_ACTIONS, nargs="?", default="list")
    command.add_argument("source", nargs="*", metavar="FILE|FOLDER|NAME")
    command.add_argument("--accept-unknown", action="store_true", help="add: also weights of unknown origin")
    command.add_argument("--cameras", type=at_least_one, help="bench: how many cameras this machine counts")
    command.add_argument("--fps", type=float, default=7.0, help="bench: analysed frames a second of each (7)")
    command.add_argument("--picture", type=size, default=(640, 480), metavar="WxH", help="bench: the cameras' picture")
    command.add_argument("--threads", type=at_least_one, help="bench: processor threads (default: all but two)")
    command.add_argument("--seconds", type=float, default=1.0, help="bench: about how long each input is tried")
    command.add_argument("--save", action="store_true", help="bench: use what was chosen from now on")
    _add_training(command)
    command.set_defaults(run=run_weights)


def _add_training(command: Any) -> None:
    command.add_argument("--size", type=size, metavar="WxH", help="export: the network's input, as in 640x480")
    command.add_argument("--onnx", action="store_true", help="export: an ONNX file instead of an OpenVINO one")
    command.add_argument("--int8", action="store_true", help="export: in 8 bits")
    command.add_argument("--calibrate", type=Path, metavar="FOLDER", help="export: the site's pictures, for --int8")
    command.add_argument("--from", type=Path, dest="start", metavar="MODEL.pt", help="tune: the network to begin with")
    command.add_argument("--epochs", type=at_least_one, default=50, help="tune: rounds over the data set (50)")
    command.add_argument("--data", type=Path, metavar="DATASET.yaml", help="check: the labelled pictures")
    command.add_argument("--to", type=Path, default=Path(), metavar="FOLDER", help="export, tune: where to (here)")


def size(text: str) -> tuple[int, int]:
    """The argument type of a size, as in 640x480."""
    wide, cross, high = text.lower().partition("x")
    if not (cross and wide.isdecimal() and high.isdecimal() and 16 <= int(wide) <= 9999 and 16 <= int(high) <= 9999):
        raise argparse.ArgumentTypeError(f"'{text}' is no width and height such as 640x480")
    return int(wide), int(high)


def run_weights(options: argparse.Namespace) -> Result:
    """One of the actions."""
    act: dict[str, Callable[[argparse.Namespace], Result]] = {
        "list": run_list, "add": run_add, "remove": run_remove, "bench": run_bench,
        "export": run_export, "tune": run_tune, "check": run_check,
    }  # fmt: skip
    return act[options.action](options)


def run_list(options: argparse.Namespace) -> Result:
    """What is installed, with licences."""
    from models.weights import binds_the_site, list_weights

    with _opened(options) as store:
        found = list_weights(store.site)
    lines = [_line(weights) for weights in found]
    if any(binds_the_site(weights.licence) and weights.path for weights in found):
        lines.append(_CHOICE)
    return [_document(weights) for weights in found], "\n".join(lines)


def run_add(options: argparse.Namespace) -> Result:
    """Copy weights into the site, verified."""
    from models.weights import add_weights, binds_the_site

    source = _one(options, "Which weights?", "Give a file, or the folder of an .xml with its .bin.")
    with _opened(options) as store:
        added = add_weights(store, actor(store), Path(source), accept_unknown=options.accept_unknown)
    text = f"Added {added.name}, licence {added.licence}, SHA-256 {added.sha256}."
    return _document(added), f"{text}\n{_CHOICE}" if binds_the_site(added.licence) else text


def run_remove(options: argparse.Namespace) -> Result:
    """Take weights out of the site; where they were its saved choice, the choice goes with them."""
    from models.settings import read, reset_setting
    from models.weights import remove_weights

    name = _one(options, "Which weights?", "Give a name that `weights list` shows.")
    with _opened(options) as store:
        removed = remove_weights(store, actor(store), name)
        if read(store, "vision.weights") == name:
            for setting in ("vision.weights", "vision.input", "vision.runtime"):
                reset_setting(store, actor(store), setting)
    return _document(removed), f"Removed {removed.name}."


def run_bench(options: argparse.Namespace) -> Result:
    """Try inputs and runtimes on this machine, choose, and save the choice where asked."""
    from vision.detectors import live_threads
    from vision.selftest import choose, trials

    if not (0 < options.fps <= 240 and 0 < options.seconds <= 60):
        raise Known("--fps lies in 0 to 240 and --seconds in 0 to 60.", "Give such numbers.", code=2)
    if options.save and not options.cameras:
        raise Known("For how many cameras?", "Add --cameras N, so that an input can be chosen.", code=2)
    with _opened(options) as store:
        files = _to_try(store, options.source)
        say(f"Trying {', '.join(path.stem for path in files)}; leave the machine alone for a moment.")
        threads = options.threads or live_threads()
        found = trials(files, options.picture, threads=threads, seconds=options.seconds)
        chosen = choose(found, options.cameras, options.fps) if options.cameras else None
        if options.save and chosen:
            _save(store, chosen)
    document = {
        "threads": threads, "trials": [_trial(each) for each in found],
        "chosen": _trial(chosen) if chosen else None, "saved": bool(options.save and chosen),
    }  # fmt: skip
    return document, "\n".join([*map(_trial_line, found), *_verdict(options, found, chosen)])


def _verdict(options: argparse.Namespace, found: Sequence[Trial], chosen: Trial | None) -> list[str]:
    if not options.cameras:
        return []
    need = f"{options.cameras} cameras at {options.fps:g} frames a second"
    if chosen:
        saved = " Saved: cameras use it from their next start." if options.save else " Add --save to use it."
        return [f"For {need}: {_name(chosen)} at {chosen.size[0]}x{chosen.size[1]} by {chosen.runtime}.{saved}"]
    best = max(each.rate for each in found)
    return [
        f"None keeps up with {need}; the quickest does {best:.0f} a second. Analyse fewer frames, or add a machine."
    ]


def _to_try(store: Store, names: Sequence[str]) -> list[Path]:
    """The weights named (installed ones, or files), else those that the site uses."""
    from models.settings import read
    from models.weights import find_weights
    from vision.detectors import choose_weights

    if names:
        return [Path(name) if Path(name).is_file() else find_weights(store.site, name) for name in names]
    if saved := str(read(store, "vision.weights")):
        return [find_weights(store.site, saved)]
    chosen = choose_weights(store.site.folder / "weights")
    if chosen is None:
        raise Known("This site has no detector weights.", "Run: python main.py weights add FILE", code=5)
    return [chosen]


def _save(store: Store, chosen: Trial) -> None:
    from models.settings import change_setting

    name = _name(chosen)
    change_setting(store, actor(store), "vision.weights", name)
    change_setting(store, actor(store), "vision.input", f"{chosen.size[0]}x{chosen.size[1]}")
    change_setting(store, actor(store), "vision.runtime", chosen.runtime)


def run_export(options: argparse.Namespace) -> Result:
    """Export a trained network for this machine."""
    from vision.training import export

    model = _one(options, "Which model?", "Give a trained .pt file.")
    if not options.size:
        raise Known("For which size of input?", "Add --size, as in --size 640x480.", code=2)
    made = export(
        Path(model), options.to, size=options.size, int8=options.int8, calibrate=options.calibrate,
        form="onnx" if options.onnx else "openvino",
    )  # fmt: skip
    return {"file": str(made)}, f"{made}\nAdd it: python main.py weights add {made} --accept-unknown"


def run_tune(options: argparse.Namespace) -> Result:
    """Fine-tune a network on the site's own frames."""
    from vision.training import tune

    dataset = _one(options, "Which data set?", "Give its YAML file.")
    if not options.start:
        raise Known("From which network?", "Add --from MODEL.pt.", code=2)
    made = tune(Path(dataset), options.start, options.to, epochs=options.epochs)
    return {"file": str(made)}, f"{made}\nExport it: python main.py weights export {made} --size 640x480"


def run_check(options: argparse.Namespace) -> Result:
    """Validate a network on labelled pictures."""
    from vision.training import validate

    model = _one(options, "Which model?", "Give a .pt, .onnx or .xml file.")
    if not options.data:
        raise Known("On which pictures?", "Add --data DATASET.yaml.", code=2)
    found = validate(Path(model), options.data, size=options.size)
    return asdict(found), (
        f"{found.persons} persons: precision {found.precision:.3f}, recall {found.recall:.3f}, "
        f"AP50 {found.ap50:.3f}, AP50-95 {found.ap50_95:.3f}"
    )


def _one(options: argparse.Namespace, question: str, step: str) -> str:
    if len(options.source) != 1:
        raise Known(question, step, code=2)
    return str(options.source[0])


def _opened(options: argparse.Namespace) -> Any:
    from contextlib import closing

    return closing(open_store(site_folder(options)))


def _document(weights: Installed) -> dict[str, object]:
    return {**asdict(weights), "path": str(weights.path) if weights.path else None}


def _line(weights: Installed) -> str:
    return f"{weights.name:<32} {weights.state:<8} {weights.licence:<12} {weights.sha256[:12]:<13} {weights.origin}"


def _name(trial: Trial) -> str:
    """The name under which the site knows the weights: their folder's, else the file's path."""
    inside = trial.weights.parent.parent.name == "weights"
    return trial.weights.parent.name if inside else str(trial.weights)


def _trial(trial: Trial) -> dict[str, object]:
    return {
        "weights": _name(trial), "runtime": trial.runtime, "input": f"{trial.size[0]}x{trial.size[1]}",
        "ms": round(trial.ms, 2), "frames_per_core_second": round(trial.per_core, 1), "memory": trial.memory,
    }  # fmt: skip


def _trial_line(trial: Trial) -> str:
    shown = f"{trial.size[0]}x{trial.size[1]}"
    return (
        f"{trial.weights.stem:<32} {trial.runtime:<12} {shown:<9} {trial.ms:7.1f} ms "
        f"{trial.per_core:6.0f} frames a core-second {trial.memory / 1e6:6.0f} MB"
    )
