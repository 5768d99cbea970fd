"""The addresses of the desk, gathered from the modules of its pages."""

from tocsin.web.desk import (
    begin,
    demo_pages,
    home,
    own_account,
    plan,
)

app_name = "desk"
urlpatterns = [
    *begin.urlpatterns,
    *demo_pages.urlpatterns,
    *home.urlpatterns,
    *own_account.urlpatterns,
    *plan.urlpatterns,
]
