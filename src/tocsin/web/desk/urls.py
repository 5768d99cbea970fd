"""The addresses of the desk, gathered from the modules of its pages."""

from tocsin.web.desk import (
    begin,
    demo_pages,
    gaps,
    home,
    import_columns,
    imports,
    jobs,
    list_upload,
    own_account,
    person_links,
    persons,
    plan,
    registries,
    trail,
)

app_name = "desk"
urlpatterns = [
    *begin.urlpatterns,
    *demo_pages.urlpatterns,
    *home.urlpatterns,
    *own_account.urlpatterns,
    *plan.urlpatterns,
    *gaps.urlpatterns,
    *registries.urlpatterns,
    *list_upload.urlpatterns,
    *imports.urlpatterns,
    *import_columns.urlpatterns,
    *person_links.urlpatterns,
    *persons.urlpatterns,
    *trail.urlpatterns,
    *jobs.urlpatterns,
]
