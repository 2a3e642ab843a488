"""Prints src/api/validation/fastapi.json: what FastAPI answers to requests that break the document. Needs `pip install fastapi httpx`."""

import json
from enum import Enum
from typing import Annotated, Any
from uuid import UUID
from datetime import datetime

from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field, HttpUrl

app = FastAPI(root_path="")
ItemState = Enum("ItemState", {k: k for k in ["PENDING", "PROCESSING", "TERMINATED"]}, type=str)
Reason = Enum("Reason", {k: k for k in ["SUCCEEDED", "USER_ERROR", "SYSTEM_ERROR", "SKIPPED"]}, type=str)
ResourceType = Enum("ResourceType", {k: k for k in ["run", "item", "output_artifact", "share_token"]}, type=str)
SubjectType = Enum(
    "SubjectType", {k: k for k in ["user", "organization_admin", "organization_user", "share_token"]}, type=str
)
Relation = Enum("GrantRelation", {k: k for k in ["owner", "editor", "viewer"]}, type=str)


class Inp(BaseModel):
    name: str
    download_url: HttpUrl
    metadata: dict[str, Any]


class Item(BaseModel):
    external_id: str = Field(max_length=255)
    custom_metadata: dict[str, Any] | None = None
    input_artifacts: list[Inp]


class Sched(BaseModel):
    due_date: datetime | None = None
    deadline: datetime | None = None


class Run(BaseModel):
    application_id: str
    version_number: str | None = None
    custom_metadata: dict[str, Any] | None = None
    scheduling: Sched | None = None
    callback_context: dict[str, Any] | None = None
    items: list[Item] = Field(min_length=1)


class Meta(BaseModel):
    custom_metadata: dict[str, Any] | None = None
    custom_metadata_checksum: str | None = None


class Grant(BaseModel):
    resource_type: ResourceType
    resource_id: UUID
    subject_type: SubjectType
    subject_id: str | None = None
    subject_email: str | None = None
    relation: Relation


class Tok(BaseModel):
    expires_at: datetime | None = None


P = "/api"
PS = Annotated[int, Query(ge=5, le=100)]


@app.get(P + "/v1/applications")
def a(
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=5, le=100, alias="page-size")] = 50,
    sort: Annotated[list[str] | None, Query()] = None,
):
    return []


@app.get(P + "/v1/runs")
def r(
    application_id: str | None = None,
    custom_metadata: Annotated[str | None, Query(max_length=1000)] = None,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: PS = 50,
    submitted_by: str | None = None,
    sort: Annotated[list[str] | None, Query()] = None,
):
    return []


@app.post(P + "/v1/runs", status_code=201)
def rc(body: Run):
    return {}


@app.get(P + "/v1/runs/{run_id}")
def rg(run_id: UUID, share_token: str | None = None):
    return {}


@app.post(P + "/v1/runs/{run_id}/cancel", status_code=202)
def rx(run_id: UUID):
    return None


@app.get(P + "/v1/runs/{run_id}/items")
def ri(
    run_id: UUID,
    item_id__in: Annotated[list[UUID] | None, Query()] = None,
    external_id__in: Annotated[list[str] | None, Query()] = None,
    state: ItemState | None = None,
    termination_reason: Reason | None = None,
    custom_metadata: Annotated[str | None, Query(max_length=1000)] = None,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: PS = 50,
):
    return []


@app.get(P + "/v1/runs/{run_id}/artifacts/{artifact_id}/file")
def rf(run_id: UUID, artifact_id: UUID):
    return {}


@app.put(P + "/v1/runs/{run_id}/custom-metadata")
def rm(run_id: UUID, body: Meta):
    return {}


@app.get(P + "/v1/me")
def me():
    return {}


@app.post(P + "/v1/access/grants", status_code=201)
def gc(body: Grant):
    return {}


@app.get(P + "/v1/access/grants")
def gl(
    resource_type: ResourceType | None = None,
    resource_id: UUID | None = None,
    relation: Annotated[list[Relation] | None, Query()] = None,
    revoked: bool | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: PS = 50,
):
    return []


@app.post(P + "/v1/access/share-tokens", status_code=201)
def tc(body: Tok):
    return {}


@app.get(P + "/v1/access/share-tokens")
def tl(run_id: UUID | None = None, revoked: bool | None = None):
    return []


U = "6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10"


def item(**k):
    i = {
        "external_id": "a",
        "input_artifacts": [{"name": "whole_slide_image", "download_url": "http://127.0.0.1:9/a", "metadata": {}}],
    }
    i.update(k)
    return i


def j(x):
    return json.dumps(x)


R = "/api/v1/runs"
cases = [
    ("GET", R + "/not-a-uuid", None),
    ("GET", R + "/6f2a3f0e", None),
    ("GET", R + "/6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a1g", None),
    ("GET", R + "/zz/artifacts/yy/file", None),
    ("GET", R + "/6f2a3f0e0f8b4a639a527d7c1f2f4a10x", None),
    ("GET", R + "?page_size=4", None),
    ("GET", R + "?page_size=101", None),
    ("GET", R + "?page=0", None),
    ("GET", R + "?page=-1&page_size=1000", None),
    ("GET", R + "?page=x", None),
    ("GET", R + "?page=", None),
    ("GET", R + "?page=1.5", None),
    ("GET", R + "?page_size=4&page_size=50", None),
    ("GET", R + "?page_size=50&page_size=4", None),
    ("GET", R + "?custom_metadata=" + "x" * 1001, None),
    ("GET", "/api/v1/applications?page-size=4", None),
    ("GET", f"{R}/{U}/items?state=DONE", None),
    ("GET", f"{R}/{U}/items?state=pending", None),
    ("GET", f"{R}/{U}/items?termination_reason=X&page=0", None),
    ("GET", f"{R}/{U}/items?item_id__in={U}&item_id__in=x", None),
    ("GET", f"{R}/bad/items?state=DONE&page_size=1", None),
    (
        "GET",
        "/api/v1/access/grants?resource_id=1&resource_type=slide&revoked=perhaps&relation=viewer&relation=king",
        None,
    ),
    ("GET", "/api/v1/access/grants?revoked=", None),
    ("GET", "/api/v1/access/share-tokens?run_id=x", None),
    ("POST", R, ""),
    ("POST", R, '{"a": "\\q"}'),
    ("POST", R, '{"a": "\\u12"}'),
    ("POST", R, '{"a": "x\ny"}'),
    ("POST", R, '{"a": -}'),
    ("POST", R, '{"a": 1.}'),
    ("POST", R, '{"a": 1e}'),
    ("POST", R, '{"a": [1 2]}'),
    ("POST", R, '{"a": [1,]}'),
    ("POST", R, '{"ä": "é" 5}'),
    ("POST", R, " \n {'a': 1}"),
    ("POST", R, "{"),
    ("POST", R, '{"a": }'),
    ("POST", R, '{"a" 1}'),
    ("POST", R, '{"a": 1,}'),
    ("POST", R, '{"a": "x'),
    ("POST", R, "nonsense"),
    ("POST", R, "{} {}"),
    ("POST", R, '{"a": tru}'),
    ("POST", R, '{"a": 01}'),
    ("POST", R, "null"),
    ("POST", R, "[]"),
    ("POST", R, "5"),
    ("POST", R, '"x"'),
    ("POST", R, "{}"),
    ("POST", R, j({"application_id": 5, "items": []})),
    ("POST", R, j({"application_id": None, "items": None})),
    ("POST", R, j({"application_id": "a", "items": {}})),
    ("POST", R, j({"application_id": "a", "items": "x"})),
    ("POST", R, j({"application_id": "a", "items": [5, None]})),
    ("POST", R, j({"application_id": "a", "items": [{}]})),
    ("POST", R, j({"application_id": "a", "items": [item(external_id="x" * 256)]})),
    (
        "POST",
        R,
        j(
            {
                "application_id": "a",
                "items": [
                    item(external_id=7, custom_metadata=[], input_artifacts=None),
                    item(input_artifacts=[{"name": 1, "download_url": "nope", "metadata": "m"}]),
                ],
            }
        ),
    ),
    (
        "POST",
        R,
        j(
            {
                "application_id": "a",
                "items": [
                    item(
                        input_artifacts=[
                            {"name": "n", "download_url": u, "metadata": {}}
                            for u in [
                                "",
                                "gs://b/k",
                                "file:///etc/passwd",
                                "http://",
                                "http://a/" + "x" * 2083,
                                5,
                                "/a/b",
                                "ftp://a/b",
                                "http://a:99999/",
                            ]
                        ]
                    )
                ],
            }
        ),
    ),
    (
        "POST",
        R,
        j(
            {
                "application_id": "a",
                "version_number": 5,
                "custom_metadata": "x",
                "callback_context": [1],
                "scheduling": "soon",
                "items": [item()],
            }
        ),
    ),
    ("POST", R, j({"application_id": "a", "scheduling": {"due_date": "soon", "deadline": True}, "items": [item()]})),
    (
        "POST",
        R,
        j(
            {
                "application_id": "a",
                "scheduling": {"due_date": "2026-13-01T00:00:00Z", "deadline": "2026-01-01T00:00:00Z"},
                "items": [item()],
            }
        ),
    ),
    (
        "POST",
        R,
        j(
            {
                "application_id": "a",
                "scheduling": {"due_date": "2026-01-01T25:00:00Z", "deadline": ""},
                "items": [item()],
            }
        ),
    ),
    ("POST", R, j({"application_id": "a", "scheduling": {"due_date": [], "deadline": {}}, "items": [item()]})),
    ("PUT", f"{R}/{U}/custom-metadata", j({"custom_metadata": 5, "custom_metadata_checksum": 5})),
    ("PUT", f"{R}/bad/custom-metadata", j({"custom_metadata": []})),
    ("PUT", f"{R}/{U}/custom-metadata", ""),
    ("POST", "/api/v1/access/grants", j({})),
    (
        "POST",
        "/api/v1/access/grants",
        j({"resource_type": "slide", "resource_id": "x", "subject_type": None, "subject_id": 5, "relation": "king"}),
    ),
    (
        "POST",
        "/api/v1/access/grants",
        j({"resource_type": 1, "resource_id": 1, "subject_type": "user", "relation": "viewer"}),
    ),
    ("POST", "/api/v1/access/share-tokens", j({"expires_at": "x"})),
    ("POST", "/api/v1/access/share-tokens", j({"expires_at": "2026-01-01T00:00:00"})),
]

client = TestClient(app, raise_server_exceptions=False)
rows = []
for method, path, body in cases:
    sent = {} if body is None else {"content": body.encode(), "headers": {"content-type": "application/json"}}
    answer = client.request(method, path, **sent)
    if answer.status_code == 422:
        rows.append(json.dumps({"method": method, "path": path, "body": body, "detail": answer.json()["detail"]}))
print("[\n" + ",\n".join(rows) + "\n]")
