"""The pages' server with endpoints that do nothing beside the API's, for `benchmarks.api`.

They read the same body, under the same middleware and the same kind of caller, and answer at once.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.web.settings"
application = get_wsgi_application()

from django.http import HttpRequest, HttpResponse  # noqa: E402 - after set-up
from django.urls import path  # noqa: E402
from ninja import NinjaAPI  # noqa: E402

from tocsin.api.bodies import StrictParser  # noqa: E402
from tocsin.api.callers import Bearer  # noqa: E402
from tocsin.api.check import Device  # noqa: E402
from tocsin.web import urls  # noqa: E402


def empty(request: HttpRequest, body: Device) -> HttpResponse:  # noqa: ARG001 - read, not used
    return HttpResponse(b"{}", content_type="application/json")


_api = NinjaAPI(parser=StrictParser(), docs_url=None, openapi_url=None, urls_namespace="bench")
_api.post("/open", auth=None)(empty)
_api.post("/token", auth=Bearer())(empty)
# Behind the API: an address is looked for in order, and the empty one must not be found earlier.
_place = next(n for n, each in enumerate(urls.urlpatterns) if str(each.pattern) == "api/v1/")
urls.urlpatterns.insert(_place + 1, path("bench/", _api.urls))
