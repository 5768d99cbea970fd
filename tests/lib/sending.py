"""Dispatches by mail to send in tests: an action with letters released, many people, a relay."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from django.db import transaction

from tocsin.outreach.action_states import ActionState
from tocsin.outreach.channels import Channel
from tocsin.outreach.letter import LetterText, letter_bytes
from tocsin.outreach.letter_blocks import Paragraph
from tocsin.services.arming import arm_sender, register_installation
from tocsin.services.dispatch_making import DispatchMaker, Order, write_made
from tocsin.services.letter_values import letter_values
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.home import Home, find_home
from tocsin.store.models import (
    Action,
    LetterRelease,
    LetterSource,
    LetterVersion,
    MatchRun,
    Organisation,
    Person,
    PersonKey,
    Recipient,
    ScopeRelease,
    User,
)
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

PAST = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = LetterText(
    letter="patient-affected",
    audience="patient",
    language="en",
    subject="Please stop using your cartridge",
    blocks=(
        Paragraph(text="Dear {name},"),
        Paragraph(text="The cartridge in your pump may leak. " * 12),
        Paragraph(text="Take a cartridge of another lot, and call us. " * 12),
    ),
)


@dataclass(frozen=True)
class Arranged:
    """An action of which mails wait: its organisation, id and released letter."""

    organisation_id: int
    action_id: int
    release_id: int


def make_home(folder: Path, port: int) -> Home:
    """Make an installation's folder whose relay is at a port of this machine."""
    home = Home(folder)
    home.create()
    (home.folder / "settings.toml").write_text(
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "safety@sender.example"\n'
        'sender_name = "Acme Safety"\n'
    )
    return home


def arm() -> None:
    """Register and arm the installation of the database that Django is pointed to."""
    console = Caller(CONSOLE, None, frozenset(), datetime.now(tz=UTC))
    register_installation(console)
    arm_sender(console, "a test")


def arrange(n_mails: int, domain: str = "recipient.example", slug: str = "acme") -> Arranged:
    """Make an action that runs, and queue a mail to each of many people."""
    with transaction.atomic():
        organisation = Organisation.objects.create(slug=slug, name=slug, created_at=PAST)
        user = User.objects.create(
            email=f"author@{slug}.example", name="Author", password="-", created_at=PAST
        )
        with acting_for(organisation.pk):
            return _arrange(n_mails, domain, organisation.pk, user.pk)


def queue_more(arranged: Arranged, n_mails: int, domain: str = "recipient.example") -> None:
    """Queue mails to more people."""
    with transaction.atomic(), acting_for(arranged.organisation_id):
        release = LetterRelease.objects.get(pk=arranged.release_id)
        version = LetterVersion.objects.get(action_id=arranged.action_id)
        _queue(release, version, n_mails, domain)


def _arrange(n_mails: int, domain: str, organisation_id: int, user_id: int) -> Arranged:
    action = Action.objects.create(
        title="Leaking cartridges", state=str(ActionState.RUNNING), opened_at=PAST
    )
    run = MatchRun.objects.create(
        action=action, number=1, matched_at=PAST, software_version="0", key_stamp="0",
        n_records=0, n_verdicts=0, figures=b"{}", figures_sha256="0" * 64,
        verdicts_sha256="0" * 64,
    )  # fmt: skip
    scope = ScopeRelease.objects.create(
        action=action, run=run, manifest=b"{}", sha256="1" * 64, leavers=b"", n_leavers=0,
        leavers_sha256="0" * 64, reviewed_at=PAST, released_at=PAST,
    )  # fmt: skip
    body = letter_bytes(TEXT)
    digest = sha256(body).hexdigest()
    source = LetterSource.objects.create(
        action=action, key=TEXT.letter, audience="patient", revision=1, body=body, sha256=digest,
        written_by_id=user_id, written_at=PAST,
    )  # fmt: skip
    version = LetterVersion.objects.create(
        action=action, source=source, key=TEXT.letter, language="en", body=body, sha256=digest,
        state="locked", written_by_id=user_id, written_at=PAST, locked_at=PAST,
    )  # fmt: skip
    release = LetterRelease.objects.create(
        action=action, scope_release=scope, manifest=b"{}", manifest_sha256="2" * 64,
        reviewed_at=PAST, released_at=PAST,
    )  # fmt: skip
    _queue(release, version, n_mails, domain)
    return Arranged(organisation_id, action.pk, release.pk)


def _queue(release: LetterRelease, version: LetterVersion, n_mails: int, domain: str) -> None:
    now = datetime.now(tz=UTC)
    vault = Vault(find_home().persons_key)
    maker = DispatchMaker(release.action, now, letter_values(release.action, now))
    made = []
    for _ in range(n_mails):
        person_id = uuid4()
        private = {"name": f"Person {person_id.hex[:6]}", "email": f"{person_id.hex}@{domain}"}
        wrapped = vault.new_key(person_id)
        person = Person.objects.create(
            id=person_id,
            kind="person",
            language="en",
            sealed=vault.seal(person_id, wrapped, private),
        )
        PersonKey.objects.create(person=person, wrapped=wrapped)
        recipient = Recipient.objects.create(
            release=release, person=person, addressee=person, letter_version=version,
            audience="patient", verdict="affected", why="holds a device concerned", n_devices=1,
        )  # fmt: skip
        order = Order(
            recipient, Channel.EMAIL, "first", now - timedelta(seconds=5), now + timedelta(days=3)
        )
        made.append(maker.make(order, private, person))
    write_made(made)


__all__ = ["Arranged", "arm", "arrange", "make_home", "queue_more"]
