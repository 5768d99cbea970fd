"""The public address: whether links and codes of letters would lead to it, or do elsewhere."""

from collections.abc import Iterator

from tocsin.outreach.action_states import ActionState
from tocsin.services.health.finding import Finding, Urgency
from tocsin.services.public_address import explain_unfit_address, public_address
from tocsin.store.home import find_home
from tocsin.store.models import LetterRelease, LetterVersion, Vendor
from tocsin.store.site import read_site_settings

_ASIDE = "Nothing was changed. "


def check_address() -> Iterator[Finding]:
    """Yield what is wrong with where letters lead, now and in releases that still run."""
    unfit = explain_unfit_address()
    if unfit is not None:
        found, _, advice = unfit.sentence.partition(_ASIDE)
        urgency = Urgency.SOON if _may_send() else Urgency.NOTE
        yield Finding(
            unfit.code, urgency, found.strip(), f"{advice} Until then no letters can be released."
        )
        return
    ended = [str(ActionState.FIRM_COMPLETE), str(ActionState.AUTHORITY_TERMINATED)]
    lead = LetterRelease.everywhere.filter(released_at__isnull=False)
    lead = lead.exclude(action__state__in=ended).exclude(action__is_exercise=True)
    elsewhere = lead.exclude(public_address__in=["", public_address()])
    places = sorted(set(elsewhere.values_list("public_address", flat=True)))
    if places:
        yield Finding(
            "letters_lead_elsewhere",
            Urgency.SOON,
            f"Letters that were released before lead to {', '.join(places)}, not to "
            f"{public_address()}.",
            "Let the former address lead here as long as anybody may answer those letters.",
        )


def _may_send() -> bool:
    """Whether somebody has made ready to send letters."""
    return (
        read_site_settings(find_home().folder).mail is not None
        or Vendor.everywhere.exists()
        or LetterVersion.everywhere.filter(locked_at__isnull=False).exists()
    )
