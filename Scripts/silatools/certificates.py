"""A certificate authority of one's own, for a server on loopback. Made with openssl(1)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .errors import ToolError

_DAYS = "825"


def make(folder: Path, domain: str) -> None:
    """Makes `ca.pem`, `server.pem` and `server.key` in `folder`, unless they are there and match.

    For the domain, and for the names before it under which files and nodes are kept.

    The key of the authority is deleted once the server's certificate is signed: nobody can sign
    another one with it.
    """
    stamp = folder / "domain"
    wanted = [folder / name for name in ("ca.pem", "server.pem", "server.key")]
    if all(path.exists() for path in wanted) and stamp.exists() and stamp.read_text() == domain:
        return
    if shutil.which("openssl") is None:
        raise ToolError("openssl is not installed: apt-get install openssl")
    folder.mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    ca_key, request, extensions = folder / "ca.key", folder / "server.csr", folder / "server.ext"
    extensions.write_text(
        "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
        f"subjectAltName=DNS:{domain},DNS:upload.{domain},DNS:pubsub.{domain},IP:127.0.0.1\n")
    try:
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", _DAYS,
            "-subj", "/CN=Test authority on this machine only", "-keyout", str(ca_key), "-out", str(wanted[0]))
        _openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={domain}", "-keyout", str(wanted[2]), "-out", str(request))
        _openssl(
            "x509", "-req", "-in", str(request), "-CA", str(wanted[0]), "-CAkey", str(ca_key), "-set_serial", "1",
            "-days", _DAYS, "-extfile", str(extensions), "-out", str(wanted[1]))
    finally:
        for path in (ca_key, request, extensions):
            path.unlink(missing_ok=True)
    os.chmod(wanted[2], 0o600)
    stamp.write_text(domain)


def _openssl(*arguments: str) -> None:
    done = subprocess.run(
        ["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise ToolError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")
