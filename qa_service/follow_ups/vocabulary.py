"""Small closed classes of English words, and the nouns that tell what a name stands for."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of `text`, parted by white space."""
    return frozenset(text.split())


WH = word_set("who whom whose what which when where why how")
AUXILIARIES = word_set(
    "is are was were am be been being do does did has have had can could will would shall should may might must "
    "isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't couldn't won't wouldn't shouldn't"
)
BE = word_set("is are was were isn't aren't wasn't weren't")
DETERMINERS = word_set("the a an this that these those any some every each no another")
PREPOSITIONS = word_set(
    "in on at by for from of to with about against between during after before since until under over near through "
    "across into onto within without among around behind beside beyond towards toward upon despite via per along "
    "outside inside above below regarding concerning as like than"
)
PRONOUNS = word_set(
    "i you he she it we they me him her us them his its their my your our hers theirs yours ours "
    "himself herself itself themselves one ones someone somebody something anyone anybody anything everyone "
    "everybody everything nobody nothing none others there here"
)
CONJUNCTIONS = word_set(
    "and or but so if that because while when where who which than as whether though although nor"
)
ADVERBS = word_set(
    "not also then now else too still yet ever never just only even really exactly precisely very quite more most "
    "much less least many few several other same such own again already always often soon later earlier once twice "
    "finally originally actually currently first last next ago away back together alone today tomorrow yesterday "
    "tonight instead there here up down out off well long please maybe perhaps both either all so else's n't "
    "afterwards before since further far"
)
FUNCTION = WH | AUXILIARIES | DETERMINERS | PREPOSITIONS | PRONOUNS | CONJUNCTIONS | ADVERBS

MONTHS = word_set(
    "january february march april may june july august september october november december "
    "jan feb apr jun jul aug sep sept oct nov dec"
)
DAYS = word_set("monday tuesday wednesday thursday friday saturday sunday")
TIMES = (
    MONTHS
    | DAYS
    | word_set(
        "year years month months week weeks weekend day days morning afternoon evening night midnight noon spring "
        "summer autumn fall winter decade century today tomorrow yesterday tonight now time period minute hour date "
        "beginning end start while moment season era christmas easter am pm gmt"
    )
)

MALE_TITLES = word_set(
    "mr sir lord king prince duke brother father husband son uncle nephew grandfather monsieur"
)
FEMALE_TITLES = word_set(
    "mrs ms miss lady queen princess duchess sister mother wife daughter aunt niece grandmother madame widow"
)
MALE_NOUNS = MALE_TITLES | word_set("man boy men boys businessman policeman fisherman actor gentleman")
FEMALE_NOUNS = FEMALE_TITLES | word_set("woman girl women girls businesswoman policewoman actress lady")
PERSON_NOUNS = (
    MALE_NOUNS
    | FEMALE_NOUNS
    | word_set(
        "person people mayor president premier minister chancellor secretary chief leader head captain coach judge "
        "lawyer attorney doctor dr professor senator governor ambassador commissioner director manager chairman "
        "chairwoman chair boss owner founder author writer poet novelist artist painter singer musician drummer "
        "guitarist actor actress composer player striker goalkeeper athlete champion winner soldier general colonel "
        "officer sergeant admiral sheriff activist journalist reporter editor critic scientist biologist engineer "
        "volunteer pioneer economist specialist "
        "inspector diver firefighter baker farmer worker driver pilot docker student pupil teacher nurse patient "
        "victim survivor witness suspect prisoner hostage candidate rival opponent successor predecessor deputy "
        "spokesman spokeswoman spokesperson expert analyst architect child kid baby parent neighbour neighbor friend "
        "partner spouse twin pope bishop priest monk saint treasurer councillor diplomat envoy dictator strongman"
    )
)
GROUP_NOUNS = word_set(
    "company firm corporation business group organisation organization agency authority union party league alliance "
    "club team band orchestra choir council board committee commission court parliament senate congress assembly "
    "government ministry department office bank university college school hospital police army navy force troops "
    "service association society federation institute foundation charity church newspaper station broadcaster "
    "network publisher label crew staff family couple trio duo tribe community majority opposition regime bloc airline "
    "inc ltd corp plc co llc fc rovers united city wanderers athletic brigade guard movement coalition administration"
)
PLACE_NOUNS = word_set(
    "country nation state province region county district city town village suburb capital quarter street road "
    "square avenue lane river lake sea sound bay island peninsula coast mountain hill valley forest heath desert "
    "port harbour harbor airport station bridge stadium theatre theater museum park castle palace building house "
    "mine hall place area site border continent planet prison camp zone republic kingdom"
)
COLLECTIVE = word_set(
    "people police men women children parents media data cattle media staff crew siblings criteria"
)
EVENT_NOUNS = word_set(
    "flood fire storm strike war battle election vote match game final race march rally protest demonstration attack "
    "accident crash trial case concert tour festival meeting summit debate talks outbreak earthquake explosion "
    "revolt uprising coup crisis inquiry investigation murder death wedding party opening ceremony"
)
WORK_NOUNS = word_set(
    "album song single record film movie book novel play show series episode programme poem painting picture magazine "
    "musical opera symphony ballet documentary video comic ship boat ferry vessel disease virus vaccine drug"
)
RELATIONAL = word_set(
    "mayor president premier minister chancellor king queen leader head chief director manager chairman captain coach "
    "owner founder author writer creator editor capital population currency language name title size age height "
    "length width depth weight value price cost budget cause causes origin purpose result results outcome "
    "consequences effect effects impact victims survivors participants members member headquarters seat location "
    "anthem flag area border reaction response reception winner winners losers loser cast plot theme sequel producer "
    "composer designer architect inventor successor predecessor governor opposition parliament government police "
    "treasurer ambassador turnout death burial funeral childhood career wife husband father mother parents children "
    "brother sister son daughter family"
)
PUBLIC_NOUNS = word_set(
    "capital population currency budget border anthem flag area headquarters parliament government opposition governor "
    "treasurer police"
)
VAGUE_NOUNS = word_set(
    "people person persons man woman men women thing things problem problems issue issues reaction reactions response "
    "result results reason reasons number numbers detail details information fact facts aspect aspects difference "
    "effect effects impact consequence consequences criticism controversy controversies injury injuries death deaths "
    "victim victims survivor survivors casualties damage cost costs money arrests award awards honor honors honour "
    "honours success success others plan plans change changes kind kinds sort type part parts way ways event events "
    "point view opinion opinions public critics fans media year date place time day name names interesting article "
    "important notable significant main famous popular new big good bad successful happen happened happening known "
    "influence influences influenced inspiration conflict conflicts trouble highlights accomplishments achievements "
    "accomplishment achievement anniversary end start beginning involved affected responsible die died dead hurt "
    "injured killed missing arrested wounded work works"
)
DOCUMENT_NOUNS = word_set("article story text page piece topic subject report item")
SMALL_TALK = word_set(
    "thanks thank ok okay yes no hello hi hey sure great good fine really bye please sorry wow nice cool"
)
