"""`tocsin vendor`: who carries text messages or letters, and how. For the console."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tocsin.services.work import Caller

_organisation = click.option(
    "--organisation", "slug", required=True, envvar="TOCSIN_ORGANISATION", metavar="SLUG",
    help="For which organisation; or TOCSIN_ORGANISATION.",
)  # fmt: skip


_CARRIED = {"sms": "text messages", "letter": "letters"}


@click.group()
def vendor() -> None:
    """Say by whom text messages and letters leave: a folder, or an https address.

    For the machine's administrator. With a vendor of text messages people with an international
    telephone number are told by them too, where the ladder says so. With a vendor of letters each
    letter leaves by itself, instead of in a print batch. docs/how-to/send-letters.md says what a
    vendor gets and what it sends back.
    """


@vendor.command()
@_organisation
@click.argument("name")
@click.argument("place")
@click.option(
    "--channel",
    type=click.Choice(["sms", "letter"]),
    default="sms",
    show_default=True,
    help="What it carries: text messages or letters.",
)
@click.option(
    "--sender", default="", help="Who writes; it stands in every text message, which needs it."
)
@click.option("--receipts", default="", metavar="FOLDER", help="Where the vendor leaves receipts.")
@click.option(
    "--secret",
    "secret_from",
    default="",
    metavar="env:NAME|file:PATH",
    help="Where the secret is that signs messages and receipts; needed for an address.",
)
@click.option("--ca-file", default="", help="Certificates to trust besides the system's.")
@click.option("--per-minute", type=float, help="How many messages a minute at most.")
@click.option(
    "--repeats-h",
    type=float,
    default=0.0,
    help="For how many hours the vendor promises to take a message of the same id as the same. "
    "Only then is one without an answer sent again by itself.",
)
def add(
    slug: str,
    name: str,
    place: str,
    channel: str,
    sender: str,
    receipts: str,
    secret_from: str,
    ca_file: str,
    per_minute: float | None,
    repeats_h: float,
) -> None:
    """Let the vendor NAME carry messages or letters: PLACE is its folder or its https address.

    Who carried them before is ended; what was made for it still leaves by it.
    """
    caller = _console(slug)
    from tocsin.outreach.channels import Channel  # noqa: PLC0415 - slow to import
    from tocsin.services.vendors import VendorPlan, add_vendor  # noqa: PLC0415

    kind = "webhook" if "://" in place else "file_drop"
    plan = VendorPlan(
        name,
        kind,
        place,
        sender,
        receipts,
        secret_from,
        ca_file,
        per_minute,
        repeats_h,
        Channel(channel),
    )
    number = add_vendor(caller, plan)
    click.echo(f"Vendor {number} carries the {_CARRIED[channel]} of {slug} from now on.")
    if kind == "webhook":
        click.echo(f"It posts its receipts to /api/v1/vendors/{number}/receipts, signed.")
    if not receipts and kind == "file_drop":
        click.echo("It leaves no receipts: accepted means that its file lies in the folder.")


@vendor.command("end")
@_organisation
@click.argument("vendor_id", type=int, metavar="VENDOR")
def end(slug: str, vendor_id: int) -> None:
    """Make no more messages for a vendor; what waits still leaves by it until its time is over."""
    caller = _console(slug)
    from tocsin.services.vendors import end_vendor  # noqa: PLC0415 - after Django is ready

    n_waiting = end_vendor(caller, vendor_id)
    click.echo(f"Ended. {n_waiting} messages still wait for it.")


@vendor.command("list")
@_organisation
def list_all(slug: str) -> None:
    """List an organisation's vendors, those of the past too."""
    caller = _console(slug)
    from tocsin.services.vendors import list_vendors  # noqa: PLC0415 - after Django is ready

    for line in list_vendors(caller):
        until = f"until {line.ended_at:%Y-%m-%d %H:%M}" if line.ended_at else "in use"
        click.echo(
            f"{line.vendor_id:>6}  {line.channel}  {line.name:<20} {line.kind:<10} {line.place}  "
            f"{line.n_dispatches} messages, {until}"
        )


def _console(slug: str) -> "Caller":
    from tocsin.services.installation import console_caller, open_installation  # noqa: PLC0415

    open_installation()
    return console_caller(slug)
