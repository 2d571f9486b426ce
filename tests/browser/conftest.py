"""A real browser on the live pages."""

import shutil

import pytest
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def chromium_path():
    """Return where chromium is; its absence fails, for a skipped check would look like a passed one."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.fail("The browser tests need chromium: apt-get install chromium", pytrace=False)
    return found


@pytest.fixture
def browser(chromium_path, monkeypatch):
    # Playwright keeps an event loop on this thread, where Django would refuse its own database calls.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """One person's window, and what it must not have seen: other hosts, errors on the console."""

    def __init__(self, browser, address):
        self.address = address
        self.page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
        self.page.set_default_timeout(30_000)
        self.requests = []
        self.faults = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def log_in(self, username, password):
        self.page.goto(f"{self.address}/admin/login/?next=/admin/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(f"{self.address}/admin/")

    @property
    def foreign_requests(self):
        own = (self.address, "data:")
        return [url for url in self.requests if not url.startswith(own)]


@pytest.fixture
def visit(live_server, browser):
    """Return a function that opens a window on the desk."""
    return lambda: Visit(browser, live_server.url)
