"""The machine itself."""

from __future__ import annotations

from engines.kpi.definition import Kpi

SYSTEM = (
    Kpi(
        "alerts", "Alerts", "异常告警", "count", "system", "alerts raised for days of the period", "期间产生的告警",
        numerator="alerts", sources=("alert",), live=True, good="down",
    ),
    Kpi(
        "camera_uptime", "Camera uptime", "摄像头在线率", "ratio", "system",
        "time cameras delivered frames / time due",
        "摄像机出图时间 / 应出图时间", aggregate="ratio",
        needs="Needs a log of the cameras' connections.", needs_zh="需要摄像机连接日志。",
    ),
)  # fmt: skip
