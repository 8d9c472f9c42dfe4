"""Lines around an article that are no part of its story: corrections, and the site's furniture."""

import re

_CORRECTION = re.compile(
    r"\A\W{0,2}(?:"
    r"(?:corrections?|corrected|clarifications?|correction and clarification|erratum|errata)\b"
    r"(?: \([^()\n]{1,40}\))?\s{0,3}[:–—-]"
    r"|(?:editor[’']s|publisher[’']s) note\s?:.{0,200}?\b(?:correct|error|amend|update|earlier version)"
    r"|an earlier version of this (?:article|story|report|piece|page|headline|caption)\b"
    r"|this (?:article|story|report|piece) (?:was|has been) (?:corrected|amended)\b)",
    re.IGNORECASE | re.DOTALL,
)
_VERBS = r"(?:share|tweet|pin|print|e-?mail|like|follow|save|bookmark|copy)"
_THING = r"(?:article|story|post|page|link|news|item|report)"
_LINKS = r"(?:articles?|stories|news|posts?|content|links?|topics?|coverage|reading|headlines)"
_ENTER = r"(?:subscribe|sign up|register|log ?in|sign in|join us)"
_MOST = r"most (?:read|popular|viewed|shared)"
_PHRASES = (
    rf"{_VERBS}(?: link| (?:on|via) .{{1,40}}| us (?:on|at) .{{1,40}})?",
    rf"{_VERBS} (?:this|the)(?: {_THING})?(?: (?:on|via|with|to|by) .{{1,40}})?",
    r"(?:(?:read|see|watch|listen|hear|find out) (?:more|also|next|on|too|now)|more)\s?[:>»→–—-].{0,250}",
    r"(?:also (?:read|see|watch)|see also)\s?[:>»→–—-].{0,250}",
    r"(?:read|see|watch) (?:more|also|next|the full (?:story|article|report))(?: (?:here|below))?",
    r"(?:read|see) more (?:on|about) .{1,80}",
    rf"(?:related|recommended|trending|popular|latest|more|top|{_MOST})(?: {_LINKS})?\s?:.{{0,250}}",
    rf"(?:related|recommended|trending|latest|more|top|{_MOST}) {_LINKS}|{_MOST}",
    r"trending(?: now)?|recommended(?: for you)?|don[’']t miss",
    r"you (?:may|might) (?:also )?(?:like|be interested in).{0,40}",
    r"more (?:on this (?:story|topic)|from (?:our|the) .{1,40})",
    rf"{_ENTER}(?: (?:now|here|today))?|{_ENTER} (?:to|for|with) (?:our|the|your|an?|free)\b.{{0,80}}",
    r"(?:get|receive) (?:our|the) .{0,40}newsletter.{0,60}",
    r"follow (?:us|[\w ]{1,30}) on \w{2,20}(?:(?:,| and| or)? \w{2,20}){0,5}",
    r"(?:advert(?:isement|ising)?|sponsored|promoted)(?: content)?",
    r"(?:article|story) continues (?:below|after).{0,40}|continue reading.{0,60}",
    r"skip to .{1,30}|(?:back|return|jump) to (?:the )?(?:top|home|main|start)\b.{0,20}",
    rf"(?:previous|next) {_THING}s?(?:\s?[:>»→–—-].{{0,200}})?",
    r"\d{1,3}[ -]?min(?:ute)?s?(?: read)?",
    r"(?:\d{1,6} |no |leave a |post a |add a )?(?:comments?|shares|views|likes)",
    r"(?:click|tap) (?:here|to)\b.{0,80}|(?:accept|manage|we use) (?:all )?cookies.{0,160}",
    r"(?:tags?|tagged|topics?|keywords?|filed under|posted in|category|categories|labels?)\s?[:–—-].{1,250}",
    r"page \d{1,4}(?: of \d{1,4})?|menu|search|home|loading|close",
)
_FURNITURE = re.compile(rf"\A(?:{'|'.join(_PHRASES)})", re.IGNORECASE)
_RIGHTS = re.compile(r"\A(?:©|\(c\)|copyright)\W{1,3}(?:copyright\W{1,3})?\d{4}", re.IGNORECASE)
_RESERVED = "all rights reserved"
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,500}", re.IGNORECASE)
_MENU_MARK = re.compile(r"\s[|›»>·•]\s")
_LONGEST = 300
_LONGEST_TAG_LINE = 160


def is_correction(text: str) -> bool:
    """Return whether a paragraph mends an earlier version of its article."""
    return bool(_CORRECTION.match(text[:_LONGEST]))


def is_furniture(text: str) -> bool:
    """Return whether a line is a share link, pointer, notice of rights, menu or the like."""
    if len(text) > _LONGEST or "\n" in text:
        return False
    bare = text.strip(" *_[]<>()→»›•")
    if _FURNITURE.fullmatch(bare.rstrip("!…")) or _RIGHTS.match(text) or _ADDRESS.fullmatch(bare):
        return True
    if _RESERVED in text.lower():
        return True
    return is_menu(text) or (text.startswith("#") and all(word[0] == "#" for word in text.split()))


def is_menu(text: str) -> bool:
    """Return whether a line is a row of three or more short links."""
    links = _MENU_MARK.split(text)
    return len(links) >= 3 and all(len(link.split()) <= 3 for link in links)


def is_tag_line(text: str) -> bool:
    """Return whether a line is a list of three or more topics: short, capitalised, without a stop.

    Only its place says the rest: a tag line stands under a title or at an article's end.
    """
    if (
        len(text) > _LONGEST_TAG_LINE
        or "\n" in text
        or ":" in text
        or text.endswith((".", "!", "?", "”", "’", '"'))
    ):
        return False
    topics = [topic.strip() for topic in text.split(",")]
    return len(topics) >= 3 and all(
        topic
        and len(topic.split()) <= 4
        and not topic[0].islower()
        and not topic[0].isdigit()
        and not topic.startswith(("and ", "“", "‘", '"'))
        for topic in topics
    )
