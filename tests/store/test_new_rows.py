"""Rows added the quick way stand in the database as the framework would have written them."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from tests.lib.sending import arrange, make_home
from tocsin.store.models import Dispatch, DispatchMessage, Organisation
from tocsin.store.new_rows import add_rows
from tocsin.store.tenancy import OtherOrganisation, acting_for

pytestmark = pytest.mark.usefixtures("database")
OWN = {"id", "purpose", "reference"}


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dispatch:
    home = make_home(tmp_path / "home", 25)
    monkeypatch.setenv("TOCSIN_HOME", str(home.folder))
    arrange(1)
    return Dispatch.everywhere.get()


def like(found: Dispatch, purpose: str) -> Dispatch:
    """Return a dispatch that differs from another in what must be its own."""
    told = {each.attname: getattr(found, each.attname) for each in Dispatch._meta.concrete_fields}
    return Dispatch(**{**told, "id": None, "purpose": purpose, "reference": uuid4()})


def written(pk: int) -> dict[str, object]:
    """Return a row as it stands in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM store_dispatch WHERE id = %s", [pk])
        names = [column[0] for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
    return {name: value for name, value in row.items() if name not in OWN}


def test_both_ways_write_the_same(found: Dispatch) -> None:
    two = [like(found, "one"), like(found, 'two\t\\N "quoted"')]
    with acting_for(found.organisation_id):
        add_rows(two)
        (usual,) = Dispatch.objects.bulk_create([like(found, "three")])
        add_rows([DispatchMessage(dispatch_id=two[0].pk, sealed=b"\x00\\ \xff")])
    assert two[0].pk < two[1].pk < usual.pk
    assert written(two[0].pk) == written(two[1].pk) == written(usual.pk)
    read = Dispatch.everywhere.get(pk=two[1].pk)
    assert (read.purpose, read.reference) == (two[1].purpose, two[1].reference)
    assert bytes(DispatchMessage.everywhere.get(pk=two[0].pk).sealed) == b"\x00\\ \xff"


def test_what_the_database_or_we_refuse_is_not_there(found: Dispatch) -> None:
    other = Organisation.objects.create(slug="other", name="Other", created_at=found.state_at)
    with acting_for(found.organisation_id), pytest.raises(IntegrityError), transaction.atomic():
        add_rows([like(found, "one"), like(found, "one")])
    with acting_for(other.pk), pytest.raises(OtherOrganisation):
        add_rows([like(found, "two")])
    add_rows([])
    assert Dispatch.everywhere.count() == 1


def test_what_waits_is_in_no_batch(found: Dispatch) -> None:
    """Otherwise no sender would find it: the database refuses it."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispatch.everywhere.filter(pk=found.pk).update(batch=1)
