"""One-time codes and the swindle with the expired SIM: told apart before anything else is read.

Not here: reading a message (messages). Its words are no data of the user's: no file can switch it
off. Where it is in doubt it says that there is a code: then nothing at all is read from the text.
"""

from __future__ import annotations

import re
from enum import Enum

from kzreminder.operators.sms_text import folded_pattern


class Danger(Enum):
    CODE = "a one-time code is shown, or asked for"
    SCAM = "a SIM card is said to have expired, or a closing number comes with a demand"


def _expression(*lines: str) -> re.Pattern[str]:
    return re.compile(folded_pattern("|".join(lines)).replace(" ", r"\s"))


_NO_CODES = _expression(
    # What is dialled, and codes that everybody may know. What is left over is judged.
    r"\b(?:ussd|уссд)\b(?:-?\s?(?:код|kod|code|команд|запрос|сұраныс)\w*)?",
    r"\b(?:код|kod|code|команд|комбинаци|сұраныс)\w*(?: ussd)?:? ?[*#][0-9*]*#",
    # without the # at its end it may be a code between asterisks
    r"(?:\b(?:введите|наберите|енгізіңіз|теріңіз|enter|dial) )?[*#][0-9*]*#",
    r"\bпромо-?\s?код\w*|\bpromo-?\s?(?:code|kod)\w*|\bqr-?\s?(?:код|code|kod)\w*",
    r"\b(?:штрих|бар)-?код\w*|\bbar ?codes?\b",
    r"\b(?:почтовый|телефонный) код\w*|\bкод\w* (?:города|страны|региона|оператора|тарифа|товара)",
    r"\b(?:area|postal|post|zip|country|city|dialling|region) ?codes?\b|\bпошта коды",
    r"二维码|二維碼|优惠码|優惠碼|邮政编码|郵政編碼|区号|區號",
)
_CODE = _expression(
    r"\bкод(?!екс)\w*|\b(?:смс|sms)-?код\w*|\bпарол\w*|\bпин\b|\bпук\b|\bпин-?код",
    r"\bқұпия ?-?сөз\w*|\bқұпия ?-?код\w*|\bодноразов\w*|\bбір ?(?:реттік|жолғы)\b",
    r"\bcodes?\b|\bpass-?\s?(?:word|code|key)s?\b|\botp\b|\bpin\b|\bpuk\b|\btan\b|\bone-?\s?time\b",
    r"\bkod(?:y|u|a|om|ynyz|tar|ty|yn|in|i)?\b|\bparol\w*|\b[qk]upiya ?-?s[oe]z\w*|\bodnorazov\w*",
    r"验证码|驗證碼|校验码|校驗碼|动态码|動態碼|确认码|確認碼|激活码|激活碼|动态口令|口令|密码|密碼",
    r"识别码|識別碼|安全码|安全碼|授权码|授權碼|代码|代碼|(?<=[0-9])\s?是您的",
    # spelled so that it is overlooked, glued to its digits, or by another name
    r"\bк о д\b|\bc o d e\b|\bp i n\b|\bк0д\w*|\bc0de\b|\b(?:code|код|otp|pin)(?=[0-9])|\b2fa\b",
    r"\bsecret\b|\bсекретн\w+ (?:слов|числ|комбинац)|\bverif\w*|\bконтрольн\w*",
    r"\bидентификатор\w*|\bключ\w* доступ\w*|\bcv[vc]2?\b|\bрұқсат\b",
    r"\bподтверждение:? [0-9]|\bномер подтверждения\b|\bconfirmation (?:number|no)\b",
    r"[0-9] (?:жарамды|действител\w*|valid)\b|\b(?:жарамды|действител\w*|valid for) [0-9]{1,2} мин",
)
_PURPOSE = _expression(
    r"\bдля (?:входа|авторизации|аутентификации|верификации|подтверждения|регистрации)",
    r"\bвход (?:в|на)\b(?! личн)|\bвойти\b(?! в личн)|\bавторизаци|\bаутентификаци",
    r"\bверификаци|\bподтвердите",
    r"\bподтверждени[ея] (?:входа|операци|номера|личност|действи)",
    r"\bкіру үшін|\bрастау|\bтіркелу үшін|\bвведите\b|\bенгізіңіз\b|\bпроверочн",
    r"\bto (?:log ?in|sign ?in|verify|confirm|authori[sz]e|authenticate)",
    r"\b(?:log|logging|sign|signing) in\b(?! to my\.)|\b(?:for|your) login\b",
    r"\benter\b|\btoken\b|\bтокен|\bvvedite\b|\bengizi[nñ]iz\b|输入|輸入",
    r"\bverif(?:y|ication)|\bauthenticat|\bdlya (?:vhoda|avtorizac|podtverzhd|registrac)\w*",
    r"\bkiru ushin|\brastau\b|登录(?!my)|登陆|登錄(?!my)|登入|验证|驗證|身份|认证|認證",
)
_TELL_NOBODY = _expression(
    r"никому (?:(?:его|её|их|этот|свой|не) ){0,3}"
    r"(?:сообщ|говор|переда|показ|назыв|дава|отправ|пересыл)",
    r"\bне (?:сообщайте|говорите|передавайте|называйте|показывайте|пересылайте|разглашайте)",
    r"\bне делитесь",
    r"ешкімге (?:\w+ )?(?:айт|бер|жібер|көрсет|хабарла|таратп)|\bбөліспе|\bжария етпе",
    r"\b(?:do not|don'?t|don’t|never) (?:ever )?(?:share|tell|disclose|forward|give|reveal|send)",
    r"\bnikomu (?:ego )?ne \w+|\bne (?:soobsh|govorite|peredavaite|nazyvaite)\w*|\b[ey]shkimge \w+",
    r"(?:请勿|請勿|切勿|勿|不要|别)(?:将|把|向)?\S{0,8}?(?:告诉|告訴|告知|泄露|洩露|透露|转发|轉發|提供|分享)",
)
_ASKED_FOR = _expression(
    r"(?:сообщ|скаж|продикт|назов|отправ|пришл|перешл|введ|вышл|диктуй|айт|жібер|енгіз|хабарла|бер"
    r"|\btell|\bsend|\bgive|\bread|\bsay\b|\bforward|\benter|\bsoobsh|\bskazh|\bprodikt|\bnazov"
    r"|\botprav|告诉|告訴|提供|发送|發送|发给|發給|回复|輸入|输入|报)"
)
_TELL_US = _expression(
    r"\b(?:назови|скажи|продиктуй|диктуй|сообщи|перешли|nazovi|skazhi|soobshi|soobschi)(?:те|te)?\b",
    r"\b(?:айтыңыз|айтыңызшы|айт|жібер|жіберіңіз|введи|reply with|переведите|аударыңыз)\b",
)
_LINK = re.compile(r"(?:https?://|www\.)([^\s/]+)|\b((?:[a-z0-9-]+\.)+[a-z]{2,})/\S", re.IGNORECASE)
_LOOKS_OURS = re.compile(
    r"\b[a-z0-9.-]*(?:kcell|activ|beeline|tele2|altel|izi)[a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b",
    re.IGNORECASE,
)
_KNOWN_HOSTS = re.compile(
    r"(?:[a-z0-9-]+\.)*(?:(?:kcell|activ|beeline|tele2|altel|altel4g|gov|egov|kaspi|homebank)\.kz"
    r"|izi\.me|play\.google\.com|apps\.apple\.com)",
    re.IGNORECASE,
)
_AS_LATIN = str.maketrans("авсеікмнорстухһј", "abceikmhopctyxhj")
_NEAR = 60
"so near to each other a demand and a code word belong together"

_SIM = r"\b(?:sim|сим)(?:\b|ка|ки|карт|card)"
_SAME = r"[^.!?\n]{0,40}?"
_EXPIRED = _expression(
    rf"{_SIM}{_SAME}(?:просроч|истек|закончил|недействит|өтіп|өтт|өтк|бітт|аяқталд|expir"
    r"|out of date|invalid|istek|prosroch)",
    rf"(?:просроч|истек|закончил|expired|istek|prosroch){_SAME}{_SIM}",
    r"(?:срок|мерзім|srok) (?:\w+ ){0,2}(?:номер|nomer)\w* (?:\w+ )?"
    r"(?:истек|закончил|просроч|istek)",
    r"(?:номер|nomer|number)\w* (?:телефона |has |is )?(?:просроч|истек|expired|prosroch|istek)",
    r"нөмір\w* (?:\w+ )?мерзімі (?:\w+ )?(?:өтт|өтіп|өтк|бітт|аяқталд)",
    r"(?:卡|号码|號碼)[^。.!?\n]{0,12}?(?:过期|過期|失效)|sim ?卡[^.!?\n]{0,12}?到期",
)
_CLOSING = _expression(
    r"(?:номер|sim|сим|нөмір|number|nomer)\w*[^.!?\n]{0,60}?(?:закро|закры|отключ|заблок|блокир"
    r"|аннулир|деактив|бұғатта|жабыл|өшіріл|ажыраты|block|clos|deactivat|disconnect|terminat)",
    r"(?:号码|號碼|卡)[^。.!?\n]{0,20}?(?:停用|注销|註銷|关闭|關閉|冻结|凍結|封)",
)
_DEMAND = _expression(
    r"\bt\.me|wa\.me|whatsapp|ватсап|вотсап|telegram|телеграм",
    r"(?:позвон|перезвон|звоните|свяжитесь|хабарлас|қоңырау|\bcall|\bcontact|致电|致電|联系|聯繫|拨打"
    r"|撥打)[^!?\n]{0,40}?\+?(?:[0-9][ ()-]{0,2}){10}",
    r"сообщите|продиктуйте|назовите|скажите|айтыңыз|\btell us\b|\bgive us\b|告诉|告訴",
    r"\bиин\b|\biin\b",
)
_ANY_DIGIT = re.compile(r"\d")
_NOTHING_ELSE = re.compile(
    r"\W*(?:[a-zа-я]{1,2}-)?\d{3,8}\W*|\W*\d{2,4}[ -]\d{2,4}(?:[ -]\d{2})?\W*"
)


def leads_elsewhere(text: str) -> bool:
    """Whether it has a link that swindlers' messages have: to none whom an operator links to.

    Of the text as it was written: folding would take an address apart.
    """
    text = text.casefold().translate(_AS_LATIN)  # an address may be written with look-alikes
    hosts = [found[1] or found[2] for found in _LINK.finditer(text)]
    hosts += [found[0] for found in _LOOKS_OURS.finditer(text)]
    return any(not _KNOWN_HOSTS.fullmatch(host) for host in hosts)


def danger_in(folded: str) -> Danger | None:
    """What must not be read at all, or be answered with a caution."""
    if _NOTHING_ELSE.fullmatch(folded) or _TELL_NOBODY.search(folded):
        return Danger.CODE
    rest = _NO_CODES.sub(" ", folded)
    words = list(_CODE.finditer(rest))
    has_digits = _ANY_DIGIT.search(rest) is not None
    if has_digits and (words or _PURPOSE.search(rest)):
        return Danger.CODE
    for word in words:
        around = rest[max(0, word.start() - _NEAR) : word.end() + _NEAR]
        if _ASKED_FOR.search(around):
            return Danger.CODE
    if has_digits and _TELL_US.search(folded):
        return Danger.CODE
    if _EXPIRED.search(folded):
        return Danger.SCAM
    if _CLOSING.search(folded) and _DEMAND.search(folded):
        return Danger.SCAM
    return None
