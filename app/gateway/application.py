"""The gateway as one ASGI application: the door, the addresses behind it, and one form for every refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.gateway.border import App, Border
from app.gateway.callers import Gateway
from app.gateway.forms import ErrorForm
from app.gateway.problems import WORDS, Problem, of_known, of_validation
from app.gateway.routers import alerts, auth, customers, docs, facts, figures, health, people
from app.gateway.sessions import LiveSession
from models import version
from models.errors import Known

DESCRIPTION = """Figures of a mall are read and rows are sent here, by programs of the mall.

Ask `/v1/auth/token` for a token with an API key and send it as `Authorization: Bearer`; a device that keeps no token
sends its key as `X-API-Key` instead. What a key may do are its rights. Rows sent are known by their sender and key:
sending them again changes nothing, so whoever gets no answer sends the same again. Instants are UTC milliseconds,
money is minor units, days are the site's business days. Live figures come over the WebSocket `/v1/live`: offer the
subprotocols `atrium.v1` and `bearer.<token>`, or send {"token": ..., "topics": ["counts", "sales", "kpi", "alerts"]}
first.
"""
REFUSALS = (400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 421, 422, 429, 431, 500, 501, 503)


def make_application(gateway: Gateway) -> App:
    """The application that answers for `gateway`."""
    app = _addresses()
    app.state.gateway = gateway

    @app.websocket("/v1/live")
    async def live(socket: WebSocket) -> None:
        await LiveSession(socket, gateway).run()

    _say_refusals(app)
    return Border(_with_origins(app, gateway), gateway.config, gateway.buckets, gateway.metrics)


def describe() -> dict[str, Any]:
    """The OpenAPI document."""
    return _addresses().openapi()


def _addresses() -> FastAPI:
    responses: Mapping[int | str, dict[str, Any]] = {
        status: {"model": ErrorForm, "description": WORDS[status][1]} for status in REFUSALS
    }
    app = FastAPI(
        title="Atrium gateway", version=version.PROGRAM, description=DESCRIPTION, openapi_url="/v1/openapi.json",
        docs_url=None, redoc_url=None, responses=dict(responses), redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )  # fmt: skip
    for module in (health, auth, customers, facts, figures, people, alerts, docs):
        app.include_router(module.router)
    return app


def _say_refusals(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> JSONResponse:
        return _answer(request, error)

    @app.exception_handler(Known)
    async def known(request: Request, error: Known) -> JSONResponse:
        return _answer(request, of_known(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return _answer(request, of_validation(error.errors()))

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> JSONResponse:
        number = request.scope["state"].get("request_id", "-")
        return _answer(request, Problem(500, step=f"Tell IT this number: {number}."))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        step = "See /v1/docs for what there is." if error.status_code in (404, 405) else ""
        return _answer(request, Problem(error.status_code, step=step, headers=error.headers))


def _answer(request: Request, problem: Problem) -> JSONResponse:
    document = problem.document(str(request.scope["state"].get("request_id", "-")))
    return JSONResponse(document, problem.status, problem.headers)


def _with_origins(app: FastAPI, gateway: Gateway) -> App:
    """Pages in browsers are let in only from the origins that the settings name: none, as it comes."""
    if not gateway.config.origins:
        return app
    from starlette.middleware.cors import CORSMiddleware

    return CORSMiddleware(
        app, allow_origins=sorted(gateway.config.origins), allow_methods=("GET", "POST"),
        allow_headers=("Authorization", "Content-Type", "X-API-Key"), max_age=600,
    )  # fmt: skip
