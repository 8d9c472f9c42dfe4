"""The page reads a stream as it comes: byte by byte, cut short, silent."""

import urllib.request

import pytest

from tests.browser.visit import Visit
from tests.web.fake_archive import make_article
from tests.web.fake_service import FakeService

MANY = "How many people are missing from the Vestra ferry?"

# Answers every question from a stream that the test feeds through `push`; `stopped` tells of an abort.
FED_STREAM = """
const realFetch = window.fetch;
window.fetch = (address, options) => {
  if (address !== "/api/v1/ask") return realFetch(address, options);
  const body = new ReadableStream({
    start(controller) {
      window.push = (bytes) => controller.enqueue(new Uint8Array(bytes));
      window.end = () => controller.close();
      options.signal.addEventListener("abort", () => controller.error(new DOMException("", "AbortError")));
    },
  });
  return Promise.resolve(new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } }));
};
"""


def recorded(url: str, question: str) -> list[bytes]:
    """Return the events of a real answer, each with its blank line."""
    request = urllib.request.Request(
        f"{url}/api/v1/ask",
        data=b'{"question": "%s"}' % question.encode(),
        headers={"Content-Type": "application/json", "Accept": "text/event-stream"},
    )
    with urllib.request.urlopen(request) as reply:
        return [event + b"\n\n" for event in reply.read().split(b"\n\n") if event]


@pytest.fixture
def fed(visit: Visit) -> Visit:
    visit.page.add_init_script(FED_STREAM)
    visit.go()
    return visit


def begin(visit: Visit) -> None:
    visit.page.fill("#q", MANY)
    visit.page.press("#q", "Enter")
    visit.page.locator(".exchange[data-state=loading]").wait_for()


def push(visit: Visit, data: bytes) -> None:
    visit.page.evaluate("bytes => window.push(bytes)", list(data))


def test_words_show_before_the_answer_is_whole(fed: Visit) -> None:
    events = recorded(fed.url, MANY)
    page = fed.page
    begin(fed)
    push(fed, b": ping\n\n" + events[0] + events[1])
    page.locator("#thread").get_by_text("reading them").wait_for()
    push(fed, events[2])
    page.locator(".said", has_text="Four people were still missing").wait_for()
    assert page.locator(".exchange").get_attribute("data-state") == "loading"
    assert not page.locator(".skeleton").is_visible()
    assert page.locator("#status").inner_text() == "Searching 4 articles…"  # not each piece is read aloud
    for event in events[3:]:
        push(fed, event)
    page.locator(".said mark").wait_for()
    assert "Four people" in page.locator("#status").inner_text()


def test_a_stream_in_single_bytes_is_the_same(fed: Visit, service: FakeService) -> None:
    service._articles = (make_article("a", "# T\nVestra ferry: niño missing 😀 people – 名前."),)
    begin(fed)
    whole = b"".join(recorded(fed.url, MANY)).replace(b"\n", b"\r\n")
    fed.page.evaluate("bytes => bytes.forEach(byte => window.push([byte]))", list(whole))
    fed.page.locator(".exchange[data-state=answered]").wait_for()
    assert "niño missing 😀 people – 名前." in fed.page.locator(".said").inner_text()


def test_an_event_that_is_no_json_is_told(fed: Visit) -> None:
    begin(fed)
    push(fed, b"event: done\ndata: <html>\n\n")
    fed.page.locator("#thread").get_by_text("cannot be read as an answer").wait_for()


def test_separators_that_are_no_line_ends_stay_in_the_text(fed: Visit) -> None:
    page = fed.page
    begin(fed)
    push(fed, 'event: delta\ndata: {"text": "before\u2028after\u0085end"}\n\n'.encode())
    page.locator(".said", has_text="end").wait_for()
    assert page.locator(".said").text_content() == "before\u2028after\u0085end"


def test_a_stream_that_breaks_off_is_told(fed: Visit) -> None:
    begin(fed)
    push(fed, recorded(fed.url, MANY)[0])
    fed.page.evaluate("window.end()")
    fed.page.locator("#thread").get_by_text("broke off before the answer was complete").wait_for()


def test_an_error_in_the_stream_is_told(fed: Visit) -> None:
    begin(fed)
    push(fed, b'event: error\ndata: {"detail": "The index was damaged."}\n\n')
    fed.page.locator("#thread").get_by_text("The index was damaged.").wait_for()


def test_a_silent_server_is_given_up_after_a_while(visit: Visit) -> None:
    page = visit.page
    page.clock.install()
    page.add_init_script(FED_STREAM)
    visit.go()
    begin(visit)
    page.clock.fast_forward(40_000)
    push(visit, b": ping\n\n")
    page.wait_for_timeout(50)
    page.clock.fast_forward(40_000)
    assert page.locator(".exchange").get_attribute("data-state") == "loading"
    page.clock.fast_forward(10_000)
    page.locator("#thread").get_by_text("The server has fallen silent").wait_for()
