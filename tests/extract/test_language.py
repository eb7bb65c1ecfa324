"""Language: right on one sentence, the source's own tag kept where the text does not speak against it."""

import pytest

from wirecopy.transforms.extract.language import detect, languages, standard_tag

SENTENCES = {
    "en": "The two leaders agreed on Thursday to continue talks on security next week.",
    "de": "Die beiden Staatschefs einigten sich am Donnerstag darauf, die Gespräche fortzusetzen.",
    "fr": "Les deux dirigeants ont convenu jeudi de poursuivre les discussions sur la sécurité.",
    "es": "Los dos líderes acordaron el jueves continuar las conversaciones sobre seguridad.",
    "pt": "Os dois líderes concordaram na quinta-feira em continuar as negociações sobre segurança.",
    "it": "I due leader hanno concordato giovedì di proseguire i colloqui sulla sicurezza.",
    "nl": "De twee leiders zijn donderdag overeengekomen de gesprekken over veiligheid voort te zetten.",
    "pl": "Obaj przywódcy zgodzili się w czwartek kontynuować rozmowy na temat bezpieczeństwa.",
    "tr": "İki lider perşembe günü güvenlik konusundaki görüşmeleri sürdürme konusunda anlaştı.",
    "ru": "Два лидера договорились в четверг продолжить переговоры по безопасности.",
    "uk": "Два лідери домовилися в четвер продовжити переговори з питань безпеки.",
    "bg": "Двамата лидери се договориха в четвъртък да продължат разговорите за сигурността.",
    "el": "Οι δύο ηγέτες συμφώνησαν την Πέμπτη να συνεχίσουν τις συνομιλίες.",
    "hy": "Երկու առաջնորդները հինգշաբթի օրը պայմանավորվեցին շարունակել բանակցությունները։",
    "ka": "ორი ლიდერი ხუთშაბათს შეთანხმდა მოლაპარაკებების გაგრძელებაზე.",
    "he": "שני המנהיגים הסכימו ביום חמישי להמשיך בשיחות על הביטחון.",
    "ar": "اتفق الزعيمان يوم الخميس على مواصلة المحادثات بشأن الأمن الأسبوع المقبل.",
    "fa": "دو رهبر روز پنجشنبه توافق کردند که گفتگوها درباره امنیت را ادامه دهند.",
    "hi": "दोनों नेताओं ने गुरुवार को सुरक्षा पर बातचीत जारी रखने पर सहमति जताई।",
    "zh": "两国领导人周四同意下周继续就安全问题举行会谈。",
    "ja": "両首脳は木曜日、来週も安全保障に関する協議を続けることで合意した。",
    "ko": "두 정상은 목요일 안보에 관한 회담을 계속하기로 합의했다.",
}


def test_one_sentence_is_enough_in_a_batch_of_all_languages():
    guesses = detect(list(SENTENCES.values()))
    assert [guess.language for guess in guesses] == list(SENTENCES)


def test_a_guess_does_not_depend_on_the_batch():
    texts = list(SENTENCES.values())
    assert detect(texts) == [detect([text])[0] for text in texts]


@pytest.mark.parametrize("text", ["", "   ", "123 456", "—", "\ud800", "ABC"])
def test_a_text_without_enough_letters_has_no_language(text):
    assert detect([text])[0].language is None


def test_a_region_the_source_gives_is_kept_and_a_wrong_language_is_not():
    german = SENTENCES["de"] * 3
    assert languages([german] * 4, ["de_AT", "en-US", None, "no language"]) == ["de-AT", "de", "de", "de"]
    assert languages(["Reuters"], ["en"]) == ["en"]


@pytest.mark.parametrize(
    ("said", "tag"),
    [("en_US", "en-US"), ("EN", "en"), ("pt-br", "pt-BR"), ("zh-hans-cn", "zh-Hans-CN"), ("deu", "de"), ("en,fr", "en")]
    + [("", None), ("und", None), ("English language", None), ("x" * 50, None), ("12", None)],
)
def test_declared_tags_become_bcp_47(said, tag):
    assert standard_tag(said) == tag
