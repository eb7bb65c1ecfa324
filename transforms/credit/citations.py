"""Whom an article cites: agencies, papers and broadcasters that it says reported, wrote, or were told something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from transforms.credit.agencies import Mention


class Citation(NamedTuple):
    """A cited source and the words that cite it: the fields of schemas.articles.CITATION."""

    name: str
    evidence: str
    where: str
    begin: int | None
    end: int | None


_WINDOW = 70

_FILLER = (
    r"(?:\s+(?:the|a|an|its|to|der|die|das|dem|den|des|la|le|les|el|los|il|lo|gli|al|à|a|o|os|as|ao|de|del|della|"
    r"russian|us|u\.s\.|american|british|german|french|italian|spanish|turkish|chinese|japanese|ukrainian|iranian|israeli|"
    r"state|state-run|state-owned|state-controlled|official|semi-official|private|local|national|public|government|influential|"
    r"news|business|financial|daily|weekly|online|independent|conservative|liberal|respected|"
    r"newspapers?|papers?|agency|agencies|newswire|magazine|broadcaster|channel|station|television|tv|radio|site|website|"
    r"portal|publication|outlet|network|service|tabloid|reporters?|correspondents?|journalists?|"
    r"agentur|nachrichtenagentur|zeitung|sender|deutschen?|presse|magazin|tageszeitung|nachrichtenmagazin|fernsehsender|"
    r"agence|presse|journal|quotidien|chaîne|radio|hebdomadaire|agencia|agenzia|agência|diario|periódico|cadena|canal|emissora|jornal|quotidiano|"
    r"agencji?|agencja|gazecie|gazeta|dziennik|nyhetsbyrån|nyhetsbyrået|tidningen|avisen|persbureau|krant|kantor|berita|"
    r"агентству?а?о?м?|информагентство|информационное|газет[аеуы]|издани[еюя]|телеканал[ау]?|журнал[ау]?|корреспондент[ауе]?|журналист[ауам]*|"
    r"агенці[яїю]|виданн[яю]|газеті|وكالة|قناة|صحيفة|الأنباء|خبرگزاری|روزنامه)\b){0,5}"
)
_BEFORE = re.compile(
    r"(?:\b(?:"
    # English
    r"according to|as per|told|tells|telling|(?:quoted|cited|reported|published|obtained|seen|reviewed|verified|compiled|polled|"
    r"surveyed|interviewed|released|aired|broadcast|carried|commissioned|conducted|analy[sz]ed|first reported) (?:by|in|on)|"
    r"citing|quoting|cites|quotes|quoted|writes|wrote|reports|reported|reporting by|report by|report in|report from|says|said|"
    r"informed|referring to|with reference to|interview(?: \w+)? (?:with|to|for|by|in)|speaking (?:to|with|on)|spoke (?:to|with)|"
    r"talking to|talked to|confirmed to|(?:said|comments?|remarks?|statement|email|message) (?:to|for)|"
    r"(?:report|statement|story|article|poll|survey|tally|count|analysis|investigation|piece|op-ed|column|interview|calculations?) "
    r"(?:by|in|from|of|for|on|with)|as reported by|via|relayed by|noted|"
    # German
    r"laut|nach (?:angaben|informationen|berichten|recherchen) (?:der|des|von)|bericht(?:et|ete|en|e)?|bericht (?:der|des|von)|"
    r"meldet(?:e|en)?|schreibt|schrieb|unter berufung auf|beruft sich auf|sagte|sagten|gegenüber|zitiert(?: von)?|wie|im gespräch mit|im interview mit|"
    # French
    r"selon|d[’']après|rapporte(?:nt)?|rapporté (?:par|à)|citée? par|cités? par|a indiqué|indique|a déclaré|a dit|a confié|auprès d[e’']|auprès|affirme|écrit|"
    r"révèle|a annoncé|a affirmé|a précisé|a expliqué|interrogée? par|assuré|cite|citant|ont indiqué|a rapporté|"
    # Spanish, Portuguese, Italian, Catalan
    r"según|de acuerdo (?:con|a)|informó|informa|reportó|reporta|dijo|declaró|declaraciones|citad[oa]s? por|citando|cita|explicó|señaló|confirmó|"
    r"indicó|publicó|publica|aseguró|entrevista (?:con|a|para|concedida)|segundo|segons|de acordo com|disse|disseram|informou|citad[oa]s? pel[oa]|"
    r"em declarações|declarou|noticia|noticiou|avança|avançou|afirmou|explicou|confirmou|entrevista|conforme|secondo|riferisce|riferito|riporta|riportato (?:da|dall[’']|dal)|"
    r"scrive|ha detto|ha dichiarato|citat[oa] d[a’']l*a?|spiega|intervista|a quanto (?:riferisce|riporta|apprende)|apprende|rende noto|"
    # Dutch, Scandinavian, Finnish, Polish, Czech, South Slavic, Romanian, Hungarian
    r"volgens|meldt|melden|tegen(?:over)?|schrijft|enligt|säger|skriver|uppger|rapporterar|till|ifølge|sier|melder|oplyser|siger|til|"
    r"według|podaje|podała?|poinformowała?|informuje|powiedziała?|pisze|donosi|przekazała?|cytowan\w+ przez|rozmowie z|za|"
    r"uvedl[ao]?|podle|řekla?|informovala?|napsal[ao]?|prema|javlja|prenosi|piše|izvijestil[ao]|izvještava|rekao je|rekla je|izjavio|potrivit|conform|"
    r"declarat pentru|citată?|citat de|relatează|transmite|anunţă|scrie|"
    # Indonesian, Vietnamese, Turkish
    r"menurut|dikutip dari|dikutip|kepada|melansir|dilansir(?: dari)?|lapor|theo|dẫn lời|dẫn"
    r")"
    # Russian, Ukrainian, Bulgarian, Serbian
    r"|\b(?:сообща(?:ет|ют|ло)|сообщил[аио]?|переда[её]т|передают|передал[аио]?|пишет|пишут|написал[аио]?|со ссылкой на|ссылаясь на|"
    r"по (?:данным|информации|сообщению|сообщениям|словам|версии)|рассказал[аио]?|заявил[аио]?|сказал[аио]?|пояснил[аио]?|подтвердил[аио]?|отметил[аио]?|"
    r"уточнил[аио]?|цитирует|цитируют|цитата по|приводит|интервью|беседе с|разговоре с|эфире|эфир|ссылается на|информирует|напоминает|отмечает|указывает|"
    r"повідомля(?:є|ють)|повідомил[аио]?|переда[єю]ть?|пише|пишуть|з посиланням на|посилаючись на|за (?:даними|інформацією|повідомленням)|розповіл[аио]|"
    r"розповів|заявив|сказав|інформує|цитує|съобщава|съобщи|според|предава|пред|по данни на|цитирани? от|јавља|преноси|пише|"
    r"сүйеніп|хабарлайды)"
    # Greek, Arabic, Persian, Hebrew
    r"|(?:σύμφωνα με|μεταδίδει|δήλωσε|επικαλείται|نقلت|قالت|ذكرت|أفادت|وفقا|وفقًا|بحسب|نقلا عن|نقلاً عن|حسب|أوردت|أعلنت|صرح|به گزارش|به نقل از|לפי|מסר)"
    r")" + _FILLER + r"[\s(«“\"„’'‘]*(?:[ldn][’']|all[’']|dell[’']|dall[’'])?[«“\"„]?(?:[ولب]{0,2})$",
    re.IGNORECASE,
)
_HAN_BEFORE = re.compile(r"(?:据|據|援引|引述|引用|告诉|告訴|接受|综合|轉引|转引|向|对|對)(?:[一-鿿]{0,6})?[“「《『]?$")
_AFTER = re.compile(
    r"[»”\"’'」》』]*\s?(?:,\s)?(?:"
    r"(?:\s?(?:news agency|news service|newspaper|daily|newswire|magazine|broadcaster|tv channel|tv|television|channel|radio|website|site|network|business daily|"
    r"correspondents?|reporters?|journalists?|photographers?|team|crew|stringer|also|first|earlier|later|has|had|have|previously|on \w+day|(?:\w+ly))\s){0,4}"
    r"(?:reported|reports|said|says|saying|writes|wrote|noted|quoted|quotes|cited|cites|citing|quoting|adds|added|revealed|reveals|learned|published|"
    r"estimated|estimates|confirmed|understands|claims|claimed|alleged|tallied|calculated|could not|was not able|was unable|were unable|counted|saw|"
    r"recalls|recalled|explains|states|stated|notes|points out|broadcast|aired|asked|spoke|witnessed|showed|announced|reporting)\b"
    r"|(?:[’']s\s|\s)(?:poll|survey|tally|count|calculations?|estimates?|report|reporting|interview|analysis|investigation|article|story|opinion piece|correspondents?|"
    r"reporters?|journalists?|photographers?|witness|news agency (?:reported|said|quoted)|data)\b(?!\s+(?:was|were) (?:killed|arrested|detained|injured|freed|fired))"
    r"|(?:zufolge|berichtet|berichtete|berichten|meldete|meldet|schreibt|schrieb)\b"
    r"|(?:rapporte|a rapporté|indique|écrit|révèle|affirme|informó|informa|publicó|reportó|señaló|noticiou|informou|avança|riferisce|scrive|riporta|"
    r"podaje|informuje|podała|poinformowała|pisze|donosi|skriver|uppger|rapporterar|melder|skriver|meldt|schrijft|bericht|melaporkan|mengutip|đưa tin)\b"
    r"|(?:сообщает|сообщило|сообщил[аио]?|сообщают|передает|передаёт|пишет|пишут|отмечает|цитирует|приводит|со ссылкой|напоминает|передал[аио]?|уточняет|"
    r"повідомляє|передає|пише|зазначає)\b"
    r")",
    re.IGNORECASE,
)
_TURKISH = re.compile(r"[’']\w{1,4}\s|\s(?:muhabirine|haberine göre|bildirdi|aktardı|yazdı|duyurdu|ajansının)")
_EAST_AFTER = re.compile(
    r"[”」》』）)]*(?:[（(][^）)]{1,20}[）)])?(?:社|通信|電子版|电子版|紙|报|網|网|新闻|通讯社|신문|통신)?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:の(?:取材|報道|インタビュー)|など)?"
    r"(?:报道|報道|报导|報導|消息|称|稱|援引|指|记者|記者|引述|によると|によれば|は\d|は|が(?:報|伝)|が\d|に対し|に語|에 따르면|은 |는 |이 |가 |에 |와의|과의|의 보도|が)"
)
_SUFFIX = re.compile(r"\s(?:mukaan|szerint|közölte|के अनुसार|ने|से)\b|\s?(?:के अनुसार|ने |से )")

_SUBJECT = re.compile(
    r"[»”\"]?(?:[’']s)?\s(?:editor|chief|ceo|president|director|general director|deputy|spokes\w+|owner|parent|founder|co-founder|anchor|host|executive|management|"
    r"staff|employees|union|newsroom|headquarters|office|bureau|logo|building|shares|stock|publisher|board|workers|ltd|inc|corp|plc|prize|award)\b"
    r"|[»”\"]?\s(?:said|says|announced|confirmed|reported)\s(?:that\s)?(?:on \w+ )?(?:it|its|in a statement|a (?:\S+ ){0,3}(?:profit|loss|rise in|fall in|drop in|increase in|decline in|revenue|"
    r"quarterly|net income|earnings)|(?:its|quarterly|net|record|higher|lower|strong|weaker) )",
    re.IGNORECASE,
)
_COVERAGE = re.compile(
    r"\b(?:joined|acquired|bought|sued|suing|owns|sold|hacked|blocked|fined|banned|accredit\w*|shut down|expelled|against|owned by|works? (?:for|at)|worked (?:for|at))\s(?:the\s)?$",
    re.IGNORECASE,
)


def cited_names(text: str, names: Sequence[Mention], begin: int = 0) -> Iterator[tuple[Mention, int, int]]:
    """Yield the names that the text cites, each with the code points of the words that do so.

    Args:
        text: the article.
        names: `agencies.mentions(text)`.
        begin: mentions before this code point are of the headline or dateline and cite nobody.
    """
    for name in names:
        if name.begin < begin or name.form == "framed":
            continue
        window = text[max(0, name.begin - _WINDOW) : name.begin]
        after = text[name.end : name.end + 60]
        if _SUBJECT.match(after) or _COVERAGE.search(window):
            continue
        cue = _BEFORE.search(window) or _HAN_BEFORE.search(window)
        if cue:
            yield name, name.begin - len(window) + cue.start(), name.end
            continue
        cue = _AFTER.match(after) or _EAST_AFTER.match(after) or _TURKISH.match(after) or _SUFFIX.match(after)
        if cue and (name.form == "alias" or cue.re is not _AFTER or name.holder.kind == "agency"):
            yield name, name.begin, name.end + cue.end()


def citations(
    text: str, names: Sequence[Mention], begin: int = 0, origin: frozenset[str] = frozenset()
) -> list[Citation]:
    """Return one citation a source, the first that cites it, in order; `origin` names are the article's own and left out."""
    found: dict[str, Citation] = {}
    for name, first, last in cited_names(text, names, begin):
        label = name.holder.name
        if label not in found and label not in origin:
            found[label] = Citation(label, text[first:last], "text", first, last)
    return list(found.values())
