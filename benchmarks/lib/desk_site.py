"""The pages' settings, with the addresses of the benchmark."""

from tocsin.web.settings import *  # noqa: F403 - the settings that are measured

ROOT_URLCONF = "benchmarks.lib.desk_urls"
