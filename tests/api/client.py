"""The HTTP API as a program calls it."""

import base64
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from analyzer.services.tokens import issue_token


class Api:
    """A client of the API that bears a token of `user`; without one it is anybody."""

    def __init__(self, user: User | None, **limits: Any) -> None:
        self.http = Client()
        self.bearer = {"Authorization": f"Bearer {issue_token(user, 'tests', **limits)[1]}"} if user else {}

    def call(self, method: str, path: str, data: Any = b"", type: str = "", **headers: str) -> Any:
        """`headers` by keyword: Upload_Offset="5"."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if type:
            named["Content-Type"] = type  # the test client leaves it out where there is no body
        address = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        response = self.http.generic(
            method, address, data, content_type=type or "application/octet-stream", headers=self.bearer | named
        )
        return response

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def create(self, length: int | None, name: str = "app.tar", team: str = "", **headers: str) -> Any:
        """tus creation."""
        told = {"Upload_Defer_Length": "1"} if length is None else {"Upload_Length": str(length)}
        metadata = f"filename {encoded(name)}" + (f",team {encoded(team)}" if team else "")
        return self.call("POST", "uploads/", **told, Upload_Metadata=metadata, Tus_Resumable="1.0.0", **headers)

    def patch(self, url: str, offset: int, data: bytes, **headers: str) -> Any:
        """tus PATCH."""
        return self.call(
            "PATCH",
            url,
            data,
            type="application/offset+octet-stream",
            Upload_Offset=str(offset),
            Tus_Resumable="1.0.0",
            **headers,
        )

    def head(self, url: str) -> Any:
        return self.call("HEAD", url, Tus_Resumable="1.0.0")

    def delete(self, url: str, **headers: str) -> Any:
        return self.call("DELETE", url, **headers)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
