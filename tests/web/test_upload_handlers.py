"""Files of forms: only the form that adds images has a place for them."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from tests.cast import PASSWORD, Cast


@pytest.fixture
def file() -> SimpleUploadedFile:
    return SimpleUploadedFile("big.bin", b"x" * (5 << 20))


def test_a_file_that_no_form_asks_for_is_read_past(file: SimpleUploadedFile) -> None:
    request = RequestFactory().post("/anywhere/", {"name": "value", "file": file, "more": "text"})
    assert request.POST.dict() == {"name": "value", "more": "text"}
    assert not request.FILES
    assert [path.name for path in Path(settings.UPLOAD_DIR).iterdir() if path.suffix == ".upload"] == []


def test_a_form_with_such_a_file_is_answered_as_without(cast: Cast, file: SimpleUploadedFile) -> None:
    form = {"username": "alice", "password": PASSWORD, "file": file}
    assert Client().post("/accounts/login/", form).status_code == 302
