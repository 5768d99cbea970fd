"""`settings.toml`: what an installation may choose, and what is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.store.home import Home
from tocsin.store.site import SettingsUnfit, SiteSettings, read_site_settings

OIDC = """
[oidc]
name = "Acme"
issuer = "https://login.example.org/realms/acme"
client_id = "tocsin"
client_secret = "a very secret word"
"""

CHECK = ["-W", "error", "-m", "django", "check", "--deploy", "--fail-level", "INFO"]
CHECK += ["--settings", "tocsin.store.settings"]


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    (folder / "settings.toml").write_text(text)
    (folder / "settings.toml").chmod(mode)
    return folder


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_site_settings(tmp_path) == SiteSettings()
    assert SiteSettings().site.host == "localhost"


def test_a_host_is_read(tmp_path: Path) -> None:
    write(tmp_path, '[site]\nhost = "tocsin.example.org"\n', 0o644)
    assert read_site_settings(tmp_path).site.host == "tocsin.example.org"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[site", "cannot be read"),
        ('[site]\nhost = "*"', "site.host"),
        ("[sight]\n", "sight"),
        (OIDC.replace("https", "http"), "oidc.issuer"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsUnfit, match=says) as refused:
        read_site_settings(write(tmp_path, text))
    assert "very secret" not in str(refused.value)


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsUnfit, match="chmod 600"):
        read_site_settings(write(tmp_path, OIDC, 0o640))


def test_a_provider_without_its_packages_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.store.site._NEEDED_FOR_OIDC", ("no_such_package",))
    with pytest.raises(SettingsUnfit, match=r"tocsin\[oidc\]"):
        read_site_settings(write(tmp_path, OIDC))


def test_the_products_settings_pass_djangos_check_of_deployments(tmp_path: Path) -> None:
    Home(tmp_path).create()
    checked = subprocess.run(
        [sys.executable, *CHECK],
        env={**os.environ, "TOCSIN_HOME": str(tmp_path), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert "no issues (0 silenced)" in checked.stdout
