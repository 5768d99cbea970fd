"""Dispatches by mail to send in tests: an action with letters released, many people, a relay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

from django.db import transaction

from tocsin.outreach.action_states import ActionState
from tocsin.outreach.channels import Channel
from tocsin.outreach.letter import LetterText, letter_bytes
from tocsin.outreach.letter_blocks import Paragraph
from tocsin.services.arming import arm_sender, register_installation
from tocsin.services.dispatch_making import DispatchMaker, Order, write_made
from tocsin.services.letter_devices import letter_devices
from tocsin.services.letter_making import keep_letters, make_some_letters
from tocsin.services.letter_values import letter_values
from tocsin.services.mail_making import AT_ONCE
from tocsin.services.samples import case_notices
from tocsin.services.vendors import VendorPlan, add_vendor
from tocsin.services.work import CONSOLE, WORKER, Caller
from tocsin.store.answer_links import make_answer_links
from tocsin.store.home import Home, find_home
from tocsin.store.models import (
    Action,
    ActionNotice,
    LetterRelease,
    LetterSource,
    LetterVersion,
    MatchRun,
    Notice,
    Organisation,
    Person,
    PersonKey,
    Recipient,
    ScopeRelease,
    User,
)
from tocsin.store.notice_rows import keep_revision
from tocsin.store.sealed_persons import SealedPersons
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

PAST = datetime(2026, 1, 1, tzinfo=UTC)
PHONE = "+44 1632 960001"
"""Of everybody. Source: Ofcom, numbers for use in drama."""
_REACHED_BY = {
    Channel.SMS: {"phone": PHONE},
    Channel.LETTER: {"address_lines": "1 Example Street|Testwater"},
}
"""What people have besides a mail address, by how they are to be told."""
TEXT = LetterText(
    letter="patient-affected",
    audience="patient",
    language="en",
    subject="Please stop using your cartridge",
    blocks=(
        Paragraph(text="This letter is about the cartridges of your pump."),
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


def arrange_for_vendor(n: int, vendor: VendorPlan, slug: str = "acme") -> Arranged:
    """Make an action of which what a vendor carries, to so many people, waits for it."""
    arranged = arrange(0, slug=slug)
    console = Caller(CONSOLE, arranged.organisation_id, frozenset(), datetime.now(tz=UTC))
    add_vendor(console, vendor)
    if vendor.channel is Channel.LETTER:
        _answer_notice(arranged)
    queue_more(arranged, n, channel=vendor.channel)
    return arranged


def arrange(
    n_mails: int, prefix: str = "p", slug: str = "acme", *, with_dispatches: bool = True
) -> Arranged:
    """Make an action that runs with many recipients, and queue a mail to each unless told not."""
    with transaction.atomic():
        organisation = Organisation.objects.create(slug=slug, name=slug, created_at=PAST)
        user = User.objects.create(
            email=f"author@{slug}.example", name="Author", password="-", created_at=PAST
        )
        with acting_for(organisation.pk):
            made = _arrange(organisation.pk, user.pk)
            _add_recipients(made.release_id, n_mails, prefix)
            if with_dispatches:
                _queue(made.release_id, 0, n_mails)
            return made


def arrange_for(organisation_id: int, channels: Sequence[Channel]) -> int:
    """Make an action of an organisation with one person who waits to be told by each channel."""
    user = User.objects.order_by("pk").values_list("pk", flat=True).first() or 0
    now = datetime.now(tz=UTC)
    with acting_for(organisation_id):
        made = _arrange(organisation_id, user)
        _add_recipients(made.release_id, len(channels), "p")
        action = Action.objects.get(pk=made.action_id)
        maker = DispatchMaker(action, now, letter_values(action, now))
        rows = Recipient.objects.filter(release_id=made.release_id).order_by("pk")
        since, until = now - timedelta(days=30), now + timedelta(days=3)
        write_made(
            [
                maker.make(Order(row, channel, "first", since, until), {}, row.addressee)
                for row, channel in zip(rows, channels, strict=True)
            ]
        )
        return made.action_id


def list_one_more(action_id: int) -> Recipient:
    """Add somebody without any dispatch to the frozen list of an action."""
    release = LetterRelease.everywhere.get(action_id=action_id)
    with acting_for(release.organisation_id):
        _add_recipients(release.pk, 1, "p")
        return Recipient.objects.filter(release=release).latest("pk")


def queue_more(
    arranged: Arranged, n_mails: int, prefix: str = "p", channel: Channel = Channel.EMAIL
) -> None:
    """Queue mails or text messages to more people, or print letters to them for a vendor."""
    with transaction.atomic(), acting_for(arranged.organisation_id):
        n_before = Recipient.objects.filter(release_id=arranged.release_id).count()
        _add_recipients(arranged.release_id, n_mails, prefix, _REACHED_BY.get(channel, {}))
        _queue(arranged.release_id, n_before, n_mails, channel)
    if channel is Channel.LETTER:
        _print_letters(arranged)


def make_dispatches(release_id: int, first: int, n_mails: int) -> None:
    """Queue mails to some of a release's recipients, as many in a transaction as the job does."""
    release = LetterRelease.everywhere.get(pk=release_id)
    with acting_for(release.organisation_id):
        for start in range(first, first + n_mails, AT_ONCE):
            with transaction.atomic():
                _queue(release_id, start, min(AT_ONCE, first + n_mails - start))


def _arrange(organisation_id: int, user_id: int) -> Arranged:
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
        public_address="https://tocsin.example", reviewed_at=PAST, released_at=PAST,
    )  # fmt: skip
    assert version.pk
    return Arranged(organisation_id, action.pk, release.pk)


def _add_recipients(
    release_id: int, n: int, prefix: str, more: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Freeze people with a mail address each, and perhaps more, as recipients."""
    release = LetterRelease.objects.get(pk=release_id)
    version = LetterVersion.objects.get(action_id=release.action_id)
    vault = Vault(find_home().persons_key)
    persons, keys, recipients = [], [], []
    for _ in range(n):
        person_id = uuid4()
        address = f"{prefix}{person_id.hex}@recipient.example"
        private = {"name": f"Person {person_id.hex[:6]}", "email": address, **more}
        wrapped = vault.new_key(person_id)
        sealed = vault.seal(person_id, wrapped, private)
        person = Person(id=person_id, kind="person", language="en", sealed=sealed)
        persons.append(person)
        keys.append(PersonKey(person=person, wrapped=wrapped))
        recipients.append(
            Recipient(
                release=release, person=person, addressee=person, letter_version=version,
                audience="patient", verdict="affected", why="holds a device concerned",
                n_devices=1,
            )
        )  # fmt: skip
    Person.objects.bulk_create(persons)
    PersonKey.objects.bulk_create(keys)
    Recipient.objects.bulk_create(recipients)


def _answer_notice(arranged: Arranged) -> None:
    """Let the action answer a notice: a letter on paper names it, and the maker."""
    told = case_notices("a")[0]
    with acting_for(arranged.organisation_id):
        notice = Notice.objects.create(name=told.notice, title=told.title, added_at=PAST)
        keep_revision(notice, told, "notice.yaml", PAST)
        ActionNotice.objects.create(action_id=arranged.action_id, notice=notice, added_at=PAST)


def _print_letters(arranged: Arranged) -> None:
    """Print what waits to be printed for a vendor, as the worker does."""
    now = datetime.now(tz=UTC)
    worker = Caller(WORKER, arranged.organisation_id, frozenset(), now)
    with acting_for(arranged.organisation_id):
        while (made := make_some_letters(arranged.action_id, now)) is not None:
            keep_letters(worker, arranged.action_id, made)


def _queue(release_id: int, first: int, n_mails: int, channel: Channel = Channel.EMAIL) -> None:
    """Queue mails, text messages or letters to the recipients of a release from one on."""
    now = datetime.now(tz=UTC)
    action = LetterRelease.objects.get(pk=release_id).action
    rows = (
        Recipient.objects.filter(release_id=release_id)
        .select_related("addressee__key")
        .prefetch_related("letter_version__source")
        .order_by("pk")[first : first + n_mails]
    )
    tokens = make_answer_links(list(rows), now) if channel is Channel.SMS else {}
    run = LetterRelease.objects.get(pk=release_id).scope_release.run
    values = letter_values(action, now, tokens)
    maker = DispatchMaker(action, now, values, letter_devices(run, list(rows)))
    sealed = SealedPersons()
    since, until = now - timedelta(seconds=5), now + timedelta(days=3)
    write_made(
        [
            maker.make(
                Order(recipient, channel, "first", since, until),
                sealed.open(recipient.addressee),
                recipient.addressee,
            )
            for recipient in rows
        ]
    )


__all__ = [
    "Arranged",
    "arm",
    "arrange",
    "arrange_for_vendor",
    "make_dispatches",
    "make_home",
    "queue_more",
]
