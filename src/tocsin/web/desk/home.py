"""The first page of the desk, and choosing for which organisation one acts."""

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme

from tocsin.web.desk.answers import show
from tocsin.web.desk.view import DeskRequest, desk_page
from tocsin.web.desk.visitor import ORGANISATION


@desk_page("read_own_account", "GET")
def home(request: DeskRequest) -> HttpResponse:
    """Show what needs the user today."""
    return show(request, "home/home.html")


class _Choice(forms.Form):
    organisation = forms.ChoiceField(label="Organisation", widget=forms.RadioSelect)


@desk_page("read_own_account", "GET", "POST", needs_organisation=False)
def organisation(request: DeskRequest) -> HttpResponse:
    """Let a user who works for several organisations choose one, for this session."""
    form = _Choice(request.POST or None)
    choices = [(each.slug, each.name) for each in request.visitor.account.organisations]
    form.fields["organisation"].choices = choices  # type: ignore[attr-defined] # a ChoiceField
    if form.is_valid():
        request.session[ORGANISATION] = form.cleaned_data["organisation"]
        wanted = request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(
            wanted, {request.get_host()}, require_https=request.is_secure()
        )
        return HttpResponseRedirect(wanted if is_ours else "/desk/")
    return show(request, "home/organisation.html", form=form, has_choice=bool(choices))


urlpatterns = [
    path("", home, name="home"),
    path("organisation/", organisation, name="organisation"),
]
