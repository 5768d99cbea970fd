"""The addresses of the desk, gathered from the modules of its pages."""

from tocsin.web.desk import home, own_account, plan

app_name = "desk"
urlpatterns = [
    *home.urlpatterns,
    *own_account.urlpatterns,
    *plan.urlpatterns,
]
