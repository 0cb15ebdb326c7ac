"""What all tests share: a skip is a failure where everything has to be there, and where real corpora are."""

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from patience import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPOSITORY = Path(__file__).resolve().parents[1]

# The same examples in every run of the same code, so that nobody's change is refused for another one's rare example, and no
# limit of time. New ones are looked for with --hypothesis-profile=search.
settings.register_profile("default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("default"), derandomize=False, max_examples=2000)
settings.load_profile("default")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing in a test reaches out: hubs are off, and Python's hash seed differs from run to run anyway."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_DATASETS_OFFLINE", "1")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With STANDOFF_REQUIRE_ALL=1 a missing part is a failure, not a skip."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("STANDOFF_REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, but STANDOFF_REQUIRE_ALL=1: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def data() -> Path:
    """Real corpora, read in place: $STANDOFF_DATA, or `../shared/data` beside the checkout."""
    folder = Path(os.environ.get("STANDOFF_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real corpora in {folder}; set STANDOFF_DATA")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, without a window: one for all tests of a process, for playwright allows no second."""
    from playwright.sync_api import expect, sync_playwright

    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no Chromium; install Debian's package chromium")
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable)
        yield started
        started.close()
