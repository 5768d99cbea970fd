"""An organisation with an action over many device records, for the benchmark of the desk's pages.

Case A's records over and over, each with ids of its own; the first of their holders; imported and
matched by the services. Prints as JSON the session of an operator and the pages to measure.

Run: python -m benchmarks.lib.desk_prepare RECORDS (in an initialised home)
"""

import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.lib.desk_site"
django.setup()

from tests.lib.desk_client import signed_in  # noqa: E402 - Django first
from tests.services.kept_actions import keep_action, make_team  # noqa: E402
from tests.services.lists import import_list  # noqa: E402
from tocsin.compute.duck import Duck, duck_database  # noqa: E402
from tocsin.services.action_matching import match_action  # noqa: E402
from tocsin.services.list_imports import add_registry  # noqa: E402
from tocsin.services.samples import case_notices, make_sample  # noqa: E402
from tocsin.services.verdict_list import MOST, WantedVerdicts, list_verdicts  # noqa: E402
from tocsin.store.roles import Role  # noqa: E402

NAME = "pump list"
MOST_HOLDERS = 50_000
"""Each is sealed by itself, which takes long; no page that is measured opens one."""


def write_lists(duck: Duck, folder: Path, n_records: int) -> None:
    """Write device records and holders: every copy of case A has ids and serials of its own."""
    sample = make_sample("a", 1)
    duck.add("one", sample.registry)
    duck.add("own_holders", sample.holders)
    n_copies = -(-n_records // sample.registry.num_rows)
    copies = f"(SELECT i::VARCHAR AS i FROM range({n_copies}) t(i))"
    own = ", ".join(f"{name} || '-' || i AS {name}" for name in ("device_id", "holder_id"))
    duck.connection.execute(
        f"""COPY (SELECT * EXCLUDE (i) REPLACE ({own},
            CASE WHEN serial <> '' THEN serial || i ELSE serial END AS serial)
        FROM one, {copies} LIMIT {n_records}) TO '{folder}/records.csv' (HEADER)"""
    )
    theirs = ", ".join(f"{name} || '-' || i AS {name}" for name in ("holder_id", "represented_by"))
    duck.connection.execute(
        f"""COPY (SELECT * EXCLUDE (i) REPLACE ({theirs}) FROM own_holders, {copies}
        WHERE kind = 'person' LIMIT {MOST_HOLDERS}) TO '{folder}/holders.csv' (HEADER)"""
    )


def main() -> None:
    n_records = int(sys.argv[1])
    told: dict[str, float] = {}
    team = make_team("bench")
    operator = team[Role.OPERATOR]
    add_registry(operator, NAME)
    with TemporaryDirectory() as folder:
        with duck_database() as duck:
            write_lists(duck, Path(folder), n_records)
        for kind in ("records", "holders"):
            began = time.perf_counter()
            import_list(operator, NAME, Path(folder) / f"{kind}.csv", kind)
            told[f"import of {kind}"] = time.perf_counter() - began
    action = keep_action(team, case_notices("a"), NAME)
    began = time.perf_counter()
    match_action(operator, action)
    told["match"] = time.perf_counter() - began
    page = list_verdicts(operator, action, WantedVerdicts(), limit=MOST)
    while page.later and page.first < page.n_all // 2:
        page = list_verdicts(operator, action, WantedVerdicts(), page.later, MOST)
    client = signed_in(operator.user_id or 0)
    client.get(f"/desk/actions/{action}/")  # a browser has the cookie of forms from its first page
    print(
        json.dumps(
            {
                "cookie": "; ".join(f"{name}={it.value}" for name, it in client.cookies.items()),
                "action": f"/desk/actions/{action}/",
                "list": f"/desk/actions/{action}/devices/",
                "deep": page.later or page.earlier,
                "verdicts": page.n_all,
                "seconds": told,
            }
        )
    )


if __name__ == "__main__":
    main()
