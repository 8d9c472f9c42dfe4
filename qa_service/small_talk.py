"""Messages with no question in them: a greeting, thanks, bare punctuation."""

import re

from qa_service.domain import IndexInfo

_GREETING = (
    "hello|hi|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|how are you|how do you do"
)
_THANKS = "thanks|thank you|many thanks|cheers|thx|ty|great|perfect|nice|ok|okay|bye|goodbye|see you"
_FILLER = (
    "there|all|everyone|again|so much|very much|a lot|you|too|to|and|well|today|doing|then|for now|for that"
    "|for your help"
)
_TALK = re.compile(rf"(?P<lead>{_GREETING}|{_THANKS})(?: (?:{_GREETING}|{_THANKS}|{_FILLER}))*")
_LONGEST = 80


def small_talk_reply(text: str, index: IndexInfo) -> str | None:
    """Return what to say to a message that asks nothing; None when it may be a question."""
    words = re.findall(r"[^\W_]+", text)
    if not words:
        return f"There are no words in this to search for. {_invitation(index)}"
    if len(text) > _LONGEST:
        return None
    talk = _TALK.fullmatch(" ".join(words).lower())
    if talk is None:
        return None
    greeted = re.fullmatch(_GREETING, talk["lead"]) is not None
    return f"{'Hello.' if greeted else 'You are welcome.'} {_invitation(index)}"


def _invitation(index: IndexInfo) -> str:
    articles = "1 article" if index.articles == 1 else f"{index.articles:,} articles"
    return (
        f"Ask about a person, a place, a figure or an event in the {articles} here, in a full question such as"
        " “Who …?”, “When …?”, “How many …?” or “What did … say about …?”; the answer comes in the articles’ own words."
    )
