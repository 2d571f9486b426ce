"""A person in the admin, moved by a program: logs in and approves with the page's own form."""

import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

CALL_SECONDS = 10
FORM = re.compile(r'<form[^>]*action="(?P<action>[^"]*)"[^>]*>(?P<inside>.*?)</form>', re.DOTALL)
INPUT = re.compile(r'<input[^>]*type="hidden"[^>]*name="(?P<name>[^"]+)"[^>]*value="(?P<value>[^"]*)"')


class NoForm(Exception):
    """The page has no such form: this person may not do that. The text names the page."""


class AdminHand:
    """One person's browser, as far as forms go."""

    def __init__(self, url: str) -> None:
        """`url` is the web server's, without a path."""
        self._url = url
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def log_in(self, username: str, password: str) -> None:
        """Log in. Raises NoForm if the password is not taken."""
        page = self._get("/admin/login/?next=/admin/")
        token = _hidden(page)["csrfmiddlewaretoken"]
        filled = {"username": username, "password": password, "csrfmiddlewaretoken": token, "next": "/admin/"}
        if 'name="password"' in self._post("/admin/login/?next=/admin/", filled):
            raise NoForm(f"the admin does not let {username} in")

    def approve(self, order_id: int) -> None:
        """Press Approve on an order's page. Raises NoForm where there is no such button."""
        page = f"/admin/orders/order/{order_id}/change/"
        for form in FORM.finditer(self._get(page)):
            if form["action"].endswith("/approve/now/"):
                self._post(form["action"], _hidden(form["inside"]))
                return
        raise NoForm(f"{page} has no Approve button")

    def _get(self, path: str) -> str:
        with self._browser.open(self._url + path, timeout=CALL_SECONDS) as answer:
            return str(answer.read().decode())

    def _post(self, path: str, filled: dict[str, str]) -> str:
        body = urllib.parse.urlencode(filled).encode()
        with self._browser.open(self._url + path, body, timeout=CALL_SECONDS) as answer:
            return str(answer.read().decode())


def _hidden(html: str) -> dict[str, str]:
    return {found["name"]: found["value"] for found in INPUT.finditer(html)}
