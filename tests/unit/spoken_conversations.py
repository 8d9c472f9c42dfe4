"""Conversations written as questions with their answers, for the tests of follow-ups."""

from qa_service.follow_ups import Exchange, KnownAnswer, resolve


def understood(text: str, *turns: tuple[str, str | None]) -> str:
    """Return `text` as it stands alone after questions with their answers."""
    return resolve(text, exchanges(*turns)).text


def exchanges(*turns: tuple[str, str | None]) -> list[Exchange]:
    return [Exchange(asked, answer=KnownAnswer(said) if said else None) for asked, said in turns]
