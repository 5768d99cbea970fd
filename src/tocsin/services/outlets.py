"""The ways out of this installation that a sender serves: the relay, and organisations' vendors."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Exists, OuterRef, Q

from tocsin.base.errors import TocsinError
from tocsin.delivery.channel import DeliveryChannel
from tocsin.delivery.file_drop import FileDrop
from tocsin.delivery.smtp_relay import SmtpRelay
from tocsin.delivery.webhook import Webhook, WebhookPlace
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.outreach.sending_rules import Rate
from tocsin.services.mail_place import find_mail_place
from tocsin.store.home import find_home
from tocsin.store.models import Dispatch, Vendor
from tocsin.store.sending_buckets import Limits
from tocsin.store.site import read_site_settings

LEAST_SECRET = 16
Key = tuple[Channel, int | None]
_FORMS = {Channel.SMS: (".json", "application/json"), Channel.LETTER: (".zip", "application/zip")}
"""How a vendor's messages are named as files, and as what they are posted."""


class SecretMissing(TocsinError):
    """A vendor's secret is not where it should be, or others may read it."""

    code = "secret_missing"


@dataclass(frozen=True)
class Outlet:
    """One way out.

    Attributes:
        key: the channel and, unless it is the relay, the vendor: what leaves by it.
        name: as people are told of it.
        limits: how fast.
        make: makes the channel; nothing is opened by that.
    """

    key: Key
    name: str
    limits: Limits
    make: Callable[[], DeliveryChannel]


def find_outlets() -> Iterator[Outlet]:
    """Yield the ways out; a vendor whose time is over as long as something waits for it.

    Raises:
        SettingsUnfit: if `settings.toml` cannot be used.
    """
    place = find_mail_place()
    if place is not None:
        relay = place.relay()
        yield Outlet((Channel.EMAIL, None), "the relay", place.limits(), lambda: SmtpRelay(relay))
    waits = Dispatch.everywhere.filter(vendor=OuterRef("pk"), state=DispatchState.QUEUED)
    for row in Vendor.everywhere.filter(Q(ended_at__isnull=True) | Exists(waits)).order_by("pk"):
        yield _outlet_of(row)


def vendor_for(channel: Channel) -> Vendor | None:
    """Return by whom the organisation that we act for sends through a channel now."""
    return Vendor.objects.filter(channel=str(channel), ended_at__isnull=True).first()


def offered_channels() -> frozenset[Channel]:
    """Return by which channels the organisation that we act for can tell people now."""
    offered = {Channel.LETTER, Channel.TELEPHONE, Channel.CLINIC}
    if read_site_settings(find_home().folder).mail is not None:
        offered.add(Channel.EMAIL)
    rows = Vendor.objects.filter(ended_at__isnull=True)
    return frozenset(offered | {Channel(each) for each in rows.values_list("channel", flat=True)})


def read_secret(secret_from: str) -> bytes:
    """Return a secret from where it is.

    Args:
        secret_from: ``env:NAME`` or ``file:PATH``.

    Raises:
        SecretMissing: saying where it was looked for, never the secret.
    """
    kind, _, name = secret_from.partition(":")
    if kind == "env":
        found = os.environ.get(name, "").encode()
    elif kind == "file":
        found = _read_file(Path(name), secret_from)
    else:
        raise SecretMissing(
            f"A secret is told as env:NAME or file:PATH, not as {kind[:10]!r}. Nothing was changed."
        )
    if len(found) < LEAST_SECRET:
        raise SecretMissing(
            f"There is no secret of at least {LEAST_SECRET} characters at {secret_from}. Nothing "
            "was sent or changed. Set it where `tocsin sender run` and the server start."
        )
    return found


def _read_file(path: Path, secret_from: str) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        found = path.read_bytes().strip()
    except OSError as error:
        raise SecretMissing(
            f"The secret at {secret_from} cannot be read ({error.strerror}). Nothing was sent."
        ) from error
    if mode & 0o077:
        raise SecretMissing(
            f"Others may read the secret at {secret_from}. Nothing was sent. Run `chmod 600` on "
            "it, and ask the vendor for a new one if others had access."
        )
    return found


def _outlet_of(row: Vendor) -> Outlet:
    rate = None if row.per_minute is None else Rate(row.per_minute / 60, 1)
    return Outlet(
        (Channel(row.channel), row.pk),
        f"vendor {row.pk} ({row.name})",
        Limits(rate, bucket=f"vendor {row.pk}"),
        lambda: _make_channel(row),
    )


def _make_channel(row: Vendor) -> DeliveryChannel:
    suffix, content_type = _FORMS[Channel(row.channel)]
    if row.kind == "file_drop":
        return FileDrop(Path(row.place), suffix)
    place = WebhookPlace(
        row.place,
        read_secret(row.secret_from),
        ca_file=row.ca_file or None,
        content_type=content_type,
    )
    return Webhook(place)
