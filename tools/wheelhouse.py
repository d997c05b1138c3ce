"""Fill a folder with every wheel the workbench needs, for a machine that may not go online.

    python tools/wheelhouse.py [--platform win_amd64] [--python 3.12] [--to wheelhouse]

Run it where there is a network; carry the folder over; there, in a fresh environment:

    pip install --no-index --find-links wheelhouse cop-analysis

pip judges "only on Windows" by the machine it runs on even when it downloads for another, so the lock file's markers
are evaluated here, for the machine that will receive the folder.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"

SYSTEMS = {
    "win": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
    "mac": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "man": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "lin": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
}
"""What the markers see, by the first three letters of a wheel's platform tag."""


def marker_environment(platform: str | None, python: str) -> dict[str, str]:
    """Give what environment markers see on the machine the wheels are for; None means this one."""
    described = {
        "python_version": python,
        "python_full_version": f"{python}.99",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    if platform is None:
        return described
    if platform[:3] not in SYSTEMS:
        raise SystemExit(f"No such platform: {platform!r}. Try win_amd64, macosx_14_0_arm64 or manylinux2014_x86_64.")
    machine = platform.rsplit("_", 1)[1] if platform.endswith("arm64") else "x86_64"
    return described | SYSTEMS[platform[:3]] | {"platform_machine": machine}


def platform_tags(platform: str) -> list[str]:
    """List the wheel tags a machine accepts: an older macOS or manylinux tag also runs on a newer system."""
    if platform.startswith("manylinux2014_"):
        return [platform, platform.replace("manylinux2014", "manylinux_2_28")]
    if platform.startswith("macosx_"):
        _, major, _, machine = platform.split("_", 3)
        older = [f"macosx_10_{minor}_{machine}" for minor in range(9, 17)]
        return [*older, *(f"macosx_{number}_0_{machine}" for number in range(11, int(major) + 1))]
    return [platform]


def locked_requirements(lock: str, environment: dict[str, str]) -> list[str]:
    """List the lock file's requirements, with their hashes, that apply in `environment`."""
    chosen = []
    for block in lock.replace("\\\n", " ").splitlines():
        if not block or block.startswith(("#", " ")):
            continue
        requirement = Requirement(block.split(" --hash", 1)[0].strip())
        if requirement.marker is None or requirement.marker.evaluate(environment):
            hashes = " ".join(f"--hash{part}" for part in block.split(" --hash")[1:])
            chosen.append(f"{canonicalize_name(requirement.name)}{requirement.specifier} {hashes}")
    return chosen


def main(arguments: list[str] | None = None) -> int:
    """Download the locked wheels and build the project's own beside them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--platform", help="wheel platform tag of the other machine (default: this machine)")
    parser.add_argument("--python", default=sysconfig.get_python_version(), help="its Python, such as 3.12")
    parser.add_argument("--to", default=str(ROOT / "wheelhouse"), help="the folder to fill")
    given = parser.parse_args(arguments)
    folder = Path(given.to)
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip"]
    with tempfile.TemporaryDirectory() as scratch:
        listing = Path(scratch) / "requirements.txt"
        wanted = locked_requirements(LOCK.read_text("utf-8"), marker_environment(given.platform, given.python))
        listing.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        target = ["--python-version", given.python] if given.platform else []
        for tag in platform_tags(given.platform) if given.platform else []:
            target += ["--platform", tag]
        subprocess.run(
            [*pip, "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", *target,
             "--dest", str(folder), "--requirement", str(listing)],
            check=True,
        )  # fmt: skip
    subprocess.run(
        [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)],
        check=True,
    )
    wheels = sorted(folder.glob("*.whl"))
    print(f"{len(wheels)} wheels in {folder}. On the other machine, in a fresh environment:")
    print(f"  pip install --no-index --find-links {folder.name} cop-analysis")
    return 0


if __name__ == "__main__":
    sys.exit(main())
