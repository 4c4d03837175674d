"""What a package of Atrium holds: which modules, which data files, and which parts of the libraries stay out.

Read by `atrium.spec`. The program finds its own data files (`.sql`, `.toml`, translations, icons) beside its
modules, so each keeps its path relative to the repository's root.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("app", "engines", "models", "vision")

#: Modules that nothing here runs: development's tools, and what libraries bring for other uses of themselves. Python's
#: own sqlite3 is among them, since no process may load two builds of SQLite.
EXCLUDED = (
    "IPython", "PyInstaller", "_pytest", "coverage", "hypothesis", "jedi", "matplotlib", "mypy", "networkx", "notebook",
    "pandas", "pydoc_data", "pytest", "ruff", "schemathesis", "sqlite3", "_sqlite3", "sympy", "tensorflow", "test",
    "tkinter", "torch", "torchvision", "ultralytics", "llama_cpp", "polars", "pyspark",
    "qtpy", "PySide6.QtQml", "pyqtgraph.examples",
    "pyqtgraph.opengl", "PySide6.QtQuick", "PySide6.QtDesigner", "PySide6.QtPdf", "PySide6.QtHelp", "PySide6.QtSql",
    "onnxruntime.transformers", "onnxruntime.quantization", "onnxruntime.tools",
    "openvino.tools", "openvino.torch", "openvino.frontend.tensorflow", "openvino.frontend.pytorch",
    "openvino.frontend.paddle", "openvino.frontend.jax",
    "pyarrow.flight", "pyarrow.substrait", "pyarrow.tests", "sklearn.tests", "scipy._lib.tests",
)  # fmt: skip

#: Libraries and files that modules of ours never reach: other processors' plug-ins of OpenVINO, readers of other
#: frameworks' models, Arrow's network file systems, Qt's other half.
_LEFT_OUT = re.compile(
    r"openvino.*(intel_gpu|intel_npu|tensorflow|pytorch|paddle|jax|gguf|cache\.json)"
    r"|arrow.*(flight|_s3|_gcsfs|_azurefs|_hdfs|cpp_tests)|pyarrow/_substrait\."
    r"|pyarrow/(include|tests)|(^|/)tests/|\.pyx$|\.pxd$|\.h$|\.hpp$|\.lib$|\.a$"
    r"|cv2/data/|sklearn/datasets/(data|images|descr)"
    r"|Qt6?(Qml|Quick|Designer|Pdf|Help|Sql|Test|Labs|Lottie|WaylandCompositor|EglFS|EglFs|UiTools|VirtualKeyboard)"
    r"|PySide6/Qt/(qml|metatypes|libexec)|PySide6/Qt/translations/(?!qtbase_(zh_CN|en))"
    r"|plugins/(sqldrivers|designer|qmltooling|qmllint|egldeviceintegrations|platforms/libqeglfs)"
)


def modules() -> list[str]:
    """Every module of the program by its dotted name: pages, commands and engines are imported by name."""
    return sorted(_dotted(path) for part in PARTS for path in (ROOT / part).rglob("*.py"))


def data_files() -> list[tuple[str, str]]:
    """(file, folder in the package) of what the modules read beside themselves, and of `resources/`."""
    found = [path for part in PARTS for path in (ROOT / part).rglob("*") if path.is_file() and _is_data(path)]
    found += [path for path in (ROOT / "resources").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return [(str(path), str(path.parent.relative_to(ROOT))) for path in sorted(found)]


def kept(entries: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """PyInstaller's (name in the package, source, kind) without what is left out."""
    return [entry for entry in entries if not _LEFT_OUT.search(entry[0].replace("\\", "/"))]


def _is_data(path: Path) -> bool:
    return path.suffix not in (".py", ".pyc") and "__pycache__" not in path.parts


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
