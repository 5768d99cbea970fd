"""The first start: whoever has the link from the console makes the first administrator."""

from datetime import UTC, datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tocsin.base.errors import TocsinError
from tocsin.services.first_start import begin_installation, check_first_start
from tocsin.web.desk.answers import go, show
from tocsin.web.desk.faults import explain_fault
from tocsin.web.desk.forms import refuse
from tocsin.web.desk.view import dress
from tocsin.web.routes import PUBLIC, route


class _Begin(forms.Form):
    organisation = forms.CharField(
        label="Your organisation's name", max_length=200, help_text="As it stands in letters."
    )
    slug = forms.SlugField(
        label="Its short name",
        max_length=50,
        help_text="For commands: small letters, digits and hyphens, such as acme.",
    )
    name = forms.CharField(
        label="Your name", max_length=200, help_text="It is printed beside what you sign."
    )
    email = forms.EmailField(label="Your e-mail address", help_text="You sign in with it.")
    password = forms.CharField(
        label="Password",
        help_text="At least 12 characters. A few words that only you would put together.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same password again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Check that the same password was typed twice."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError("The two passwords are not the same. Type both again.")
        return again


@route(PUBLIC, "GET", "POST")
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first organisation and its administrator, with the link from the console."""
    try:
        check_first_start(token)
    except TocsinError as error:
        return dress(explain_fault(request, error))
    form = _Begin(request.POST or None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            begin_installation(
                token,
                (told["slug"], told["organisation"]),
                (told["email"], told["name"]),
                told["password"],
                datetime.now(tz=UTC),
            )
        except TocsinError as error:
            refuse(form, error, "password" if error.code == "password_weak" else None)
        else:
            said = "Tocsin is yours. Sign in with your address and password."
            return dress(go("account_login", said, request))
    return dress(show(request, "begin/begin.html", form=form))


urlpatterns = [path("begin/<str:token>/", begin, name="begin")]
