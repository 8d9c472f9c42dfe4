"""One person's visit: a page, and a record of what it must not do."""

import time
from typing import Any
from urllib.parse import urlencode


class Visit:
    """A browser page at a server's address.

    Attributes:
        service: what answers behind the server, where a state depends on it.
        foreign_requests: addresses fetched from any other host.
        policy_violations: what the content policy stopped; our own pages give it nothing to stop.
        script_errors: exceptions of the page's scripts.
    """

    def __init__(self, browser: Any, url: str, service: Any = None) -> None:
        self._browser, self.url, self.service = browser, url, service
        self.foreign_requests: list[str] = []
        self.policy_violations: list[str] = []
        self.script_errors: list[str] = []
        self._contexts: list[Any] = []
        self._page: Any = None

    @property
    def page(self) -> Any:
        """The page that was opened last; one of the usual size when there is none yet."""
        return self._page or self.open()

    def open(self, **options: Any) -> Any:
        """Open a page of its own, with Playwright's context options, and make it the visit's page."""
        context = self._browser.new_context(
            **{"viewport": {"width": 1200, "height": 800}, "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = self._page = context.new_page()
        page.on("request", self._note_request)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.script_errors.append(str(error)))
        return page

    def go(self, path: str = "/", **query: str) -> Any:
        """Load an address of the server."""
        self.page.goto(self.url + path + (f"?{urlencode(query)}" if query else ""))
        return self.page

    def ask(self, question: str) -> Any:
        """Type a question and wait for what comes of it."""
        self.page.wait_for_load_state()  # before the scripts are there, the plain form would answer
        asked = self.page.locator(".exchange:visible").count()
        self.page.fill("#q", question)
        self.page.press("#q", "Enter")
        settled = self.page.locator(".exchange:visible:not([data-state='loading'])").nth(asked)
        settled.wait_for()
        return settled

    def until(self, expression: str, argument: Any = None) -> None:
        """Wait until the page's `expression`, or function of `argument`, is true.

        Playwright's own wait leaves the evaluating to the page, where the content policy forbids it.
        """
        ends = time.monotonic() + 10
        while not self.page.evaluate(expression, argument):
            assert time.monotonic() < ends, f"never came true: {expression}"
            self.page.wait_for_timeout(30)

    def check(self) -> None:
        """Fail when anything left the host, was stopped by the content policy, or broke a script."""
        assert self.foreign_requests == []
        assert self.policy_violations == []
        assert self.script_errors == []

    def close(self) -> None:
        """End the visit."""
        for context in self._contexts:
            context.close()

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.foreign_requests.append(request.url)

    def _note_console(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            self.policy_violations.append(message.text)
