"""The least that takes a request with FastAPI: `python -m benchmarks.services.echo PORT`."""

import sys

import uvicorn
from fastapi import FastAPI, Request, Response

app = FastAPI()


@app.get("/healthz")
async def healthz() -> str:
    """It is there."""
    return "ok"


@app.post("/v1/records", status_code=202)
async def echo(request: Request) -> Response:
    """The body, as it came."""
    return Response(await request.body(), status_code=202, media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
