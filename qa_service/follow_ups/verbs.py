"""Past and base forms of English verbs, as far as turning a question round needs them."""

from qa_service.follow_ups.vocabulary import word_set

_IRREGULAR = (
    "be was been; become became become; begin began begun; bear bore born; beat beat beaten; bite bit "
    "bitten; blow blew blown; break broke broken; bring brought brought; build built built; burn burned "
    "burnt; buy bought bought; catch caught caught; choose chose chosen; come came come; cost cost cost; "
    "cut cut cut; deal dealt dealt; die died died; tie tied tied; dig dug dug; do did done; draw drew "
    "drawn; drink drank drunk; drive  drove driven; eat ate eaten; fall fell fallen; feed fed fed; feel "
    "felt felt; fight fought fought; find found found; flee fled fled; fly flew flown; forbid forbade "
    "forbidden; forget forgot forgotten; freeze froze frozen; get got got; give gave given; go went gone; "
    "grow grew grown; hang hung hung; have had had; hear heard heard; hide hid hidden; hit hit hit; hold "
    "held held; hurt hurt hurt; keep  kept kept; know knew known; lay laid laid; lead led led; leave left "
    "left; lend lent lent; let let  let; lie lay lain; light lit lit; lose lost lost; make made made; "
    "mean meant meant; meet met met; pay paid paid; put put put; quit quit quit; read read read; ride "
    "rode ridden; ring rang rung; rise  rose risen; run ran run; say said said; see saw seen; seek sought "
    "sought; sell sold sold; send sent  sent; set set set; shake shook shaken; shoot shot shot; show "
    "showed shown; shut shut shut; sing sang  sung; sink sank sunk; sit sat sat; sleep slept slept; speak "
    "spoke spoken; spend spent spent; split  split split; spread spread spread; stand stood stood; steal "
    "stole stolen; strike struck struck; swear swore sworn; sweep swept swept; swim swam swum; take took "
    "taken; teach taught taught; tear  tore torn; tell told told; think thought thought; throw threw "
    "thrown; understand understood  understood; wake woke woken; wear wore worn; win won won; withdraw "
    "withdrew withdrawn; write wrote  written"
)
_COMMON = word_set(
    "join want receive happen die live agree allow announce appear arrive ask become believe belong create decide "
    "demand deny develop discover earn enter exist expect explain follow form include intervene learn marry "
    "mention move obtain occur offer own perform prefer produce promise provide publish receive refuse reject "
    "release remain require resign retire return reveal serve start stop succeed suggest survive describe "
    "achieve accept add convert collaborate identify reside relinquish influence help play work use try"
)
_FORMS = [tuple(row.split()) for row in _IRREGULAR.split(";")]
_PAST = {base: past for base, past, _ in _FORMS}
_BASE = {form: base for base, past, participle in _FORMS for form in (past, participle)}
_NOT_VERBS = word_set(
    "red bed shed hundred seed speed need feed breed hatred sacred ted fred sled weed bleed greed creed indeed "
    "set cost cut light lead left born people read felt ground found saw lay bore ring spring lit thought spread split "
    "cast shot hit burnt drunk dealt put let"
)
_NOT_GERUNDS = word_set(
    "king ring spring thing something anything nothing everything string wing morning evening building meeting "
    "wedding opening ceiling warning hearing painting recording housing funding ring listing drawing feeling"
)


_ALSO_NOUNS = word_set(
    "run set cut fall rise fight cost light lead lie ring show spread strike stand sleep drink drive deal bite blow "
    "hit hurt swim split ride wear wake read dig draw beat break feed feel put quit sink steal sweep throw bear shake "
    "burn catch"
)


def is_base(word: str) -> bool:
    """Return whether `word` (lower case) is the base form of a verb and seldom a noun."""
    return word in _COMMON or is_irregular_base(word)


def is_irregular_base(word: str) -> bool:
    """Return whether `word` (lower case) is the base form of an irregular verb and no noun."""
    return word in _PAST and word not in _ALSO_NOUNS


def is_past(word: str) -> bool:
    """Return whether `word` (lower case) looks like a past tense or a past participle and little else."""
    if word in _BASE:
        return word not in _NOT_VERBS or word in ("born", "found", "hit", "shot", "left", "hurt", "cut")
    return len(word) > 3 and word.endswith("ed") and word not in _NOT_VERBS


def is_participle(word: str) -> bool:
    """Return whether `word` (lower case) can be a participle where one is expected, as behind "was the bridge"."""
    return is_past(word) or (word in _BASE and word not in ("cost", "thought", "read", "spread"))


def is_gerund(word: str) -> bool:
    """Return whether `word` (lower case) looks like an -ing form that is no common noun."""
    return len(word) > 4 and word.endswith("ing") and word not in _NOT_GERUNDS


def past(base: str) -> str:
    """Return the past tense of a base form.

    >>> [past(word) for word in ("break", "annex", "carry", "move", "stop")]
    ['broke', 'annexed', 'carried', 'moved', 'stopped']
    """
    if base in _PAST:
        return _PAST[base]
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ied"
    short = len(base) <= 4 and base != "open" and base[-1:] not in "aeiouwxy" and base[-2:-1] in "aeiou"
    return base + (base[-1] if short and base[-3:-2] not in "aeiou" else "") + "ed"


def present(base: str) -> str:
    """Return the form of a base form behind he, she or it.

    >>> [present(word) for word in ("have", "plan", "carry", "pass")]
    ['has', 'plans', 'carries', 'passes']
    """
    if base == "have":
        return "has"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x", "o")) else "s")


def base(form: str) -> str:
    """Return the base form of a past tense.

    >>> [base(word) for word in ("broke", "annexed", "carried", "moved", "stopped", "created", "passed")]
    ['break', 'annex', 'carry', 'move', 'stop', 'create', 'pass']
    """
    if form in _BASE:
        return _BASE[form]
    if not form.endswith("ed") or len(form) < 4:
        return form
    stem = form[:-2]
    if stem.endswith("i"):
        return stem[:-1] + "y"
    if stem[-1:] == stem[-2:-1] and stem[-1:] not in "lsfz":
        return stem[:-1]
    return stem + "e" if _lost_its_e(stem) else stem


_E_AFTER = (
    *(
        "creat",
        "ibut",
        "itut",
        "cit",
        "nit",
        "quir",
        "spir",
        "hir",
        "fir",
        "ssur",
        "figur",
        "ptur",
        "xplor",
        "gnor",
    ),
    *("clar", "par", "scor", "stor"),
)
_NO_E_AFTER = ("eat", "oat", "it", "ut", "ing", "ong", "ang", "ss")


def _lost_its_e(stem: str) -> bool:
    """Whether the verb behind `stem` (no -ed) ends in a silent e."""
    if stem.endswith(_E_AFTER):
        return True
    if stem.endswith(_NO_E_AFTER):
        return False
    if stem.endswith(("at", "v", "z", "u", "c", "g", "s")):
        return True
    short = len(stem) <= 5 and stem[-2:-1] in "aiou" and stem[-3:-2] not in "aeiou"
    return (
        short
        and stem.endswith(("k", "m", "n", "p", "d", "l", "r"))
        and not stem.endswith(("ir", "ur", "or", "ar"))
    )
