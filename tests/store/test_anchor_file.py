"""The file of anchors under several writers."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.store.audit.anchor import read_links
from tocsin.store.audit.anchor_file import AnchorFile


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    key, path = Ed25519PrivateKey.generate(), tmp_path / "anchors.jsonl"

    def write(number: int) -> None:
        for _ in range(25):
            AnchorFile(path).append("tests", number, bytes(32), "2026-11-21", key)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    links = list(read_links(AnchorFile(path).lines()))
    assert len(links) == 100
    assert all(link.follows and link.n_cut_short == 0 for link in links)
