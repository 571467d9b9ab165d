"""Whether a reply without a verdict declines to judge; only its kind of failure depends on it, never a verdict."""

import re

_BEGINNING = 300

_DECLINES = re.compile(
    r"\bI(?:'|’)?m (?:sorry|unable|not able|afraid)|\bI am (?:sorry|unable|not able|afraid)"
    r"|\bI (?:can(?:not|'t|’t| not)|won(?:'|’)t|must decline|have to decline|will not)"
    r"[^.\n]{0,40}\b(?:assist|help|comply|judge|evaluate|rate|compare|continue|fulfil|engage|provide|do (?:that|this))"
    r"|\b(?:as|being) an AI\b"
    r"|\b(?:tut mir leid|ich kann (?:das|dies|dabei|Ihnen|dir|diese\w*) \w*\s*nicht|kann ich nicht (?:helfen|bewerten))"
    r"|\b(?:je suis désolé|je ne peux pas|je ne suis pas en mesure)"
    r"|\b(?:lo siento|no puedo (?:ayudar|evaluar|juzgar|cumplir))"
    r"|\b(?:desculpe|sinto muito|não posso)|\b(?:mi dispiace|non posso)"
    r"|(?:извините|к сожалению, я не могу|я не могу)"
    r"|(?:抱歉|对不起|對不起|我无法|我無法|我不能)|(?:申し訳|お答えできません|できかねます)|(?:죄송|도와드릴 수 없)"
    r"|(?:آسف|عذر[اً]|لا أستطيع|لا يمكنني)|(?:क्षमा करें|माफ़ करें|मैं .{0,30}नहीं कर सकता)",
    re.IGNORECASE,
)


def sounds_like_refusal(text: str) -> bool:
    """Whether the beginning of `text` declines, in any of a dozen languages."""
    return _DECLINES.search(text.strip()[:_BEGINNING]) is not None
