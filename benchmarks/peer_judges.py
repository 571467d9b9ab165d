"""Asks judgments as other packages do; runs in an environment of theirs, see `side_by_side`.

The request names the contender, the server's address, how many may be in flight, and the questions, each with its
prompt and the two answers. The reply tells seconds, CPU seconds, how many verdicts there are, and what broke.
"""

import asyncio
import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ATTEMPTS = 8
SYSTEM = "You compare two answers to the same prompt. End with [[A]], [[B]] or [[C]] for a tie."


def messages_of(pair: dict[str, str], *, swapped: bool) -> list[dict[str, str]]:
    """Return what a judge is sent about a pair in one order."""
    first, second = ("answer_b", "answer_a") if swapped else ("answer_a", "answer_b")
    text = f"[Prompt]\n{pair['prompt']}\n\n[Answer A]\n{pair[first]}\n\n[Answer B]\n{pair[second]}"
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]


def both_orders(request: dict[str, Any]) -> list[list[dict[str, str]]]:
    """Return the messages of every judgment."""
    return [messages_of(pair, swapped=swapped) for pair in request["pairs"] for swapped in (False, True)]


def with_aiohttp(request: dict[str, Any]) -> Callable[[], list[str]]:
    """The barest client: a semaphore, a session, and another try after whatever pause the server asks for."""
    import aiohttp

    url = request["base_url"] + "/chat/completions"

    async def ask(session: aiohttp.ClientSession, slots: asyncio.Semaphore, messages: Any) -> str:
        body = {"model": "m", "messages": messages, "temperature": 0, "max_tokens": 1024}
        async with slots:
            for _ in range(ATTEMPTS):
                async with session.post(url, json=body) as response:
                    if response.status == 200:
                        with contextlib.suppress(ValueError):
                            return str(json.loads(await response.read())["choices"][0]["message"]["content"])
                    pause = float(response.headers.get("Retry-After", 0.5))
                await asyncio.sleep(pause)
        return ""

    async def ask_all() -> list[str]:
        slots = asyncio.Semaphore(request["slots"])
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            return await asyncio.gather(*(ask(session, slots, one) for one in both_orders(request)))

    return lambda: asyncio.run(ask_all())


def with_openai(request: dict[str, Any]) -> Callable[[], list[str]]:
    """The client as its documentation shows it, with its own retries; replies it cannot parse are asked for again."""
    import openai

    async def ask(client: openai.AsyncOpenAI, slots: asyncio.Semaphore, messages: Any) -> str:
        async with slots:
            for _ in range(ATTEMPTS):
                with contextlib.suppress(openai.OpenAIError, ValueError):
                    reply = await client.chat.completions.create(
                        model="m", messages=messages, temperature=0, max_tokens=1024
                    )
                    return reply.choices[0].message.content or ""
        return ""

    async def ask_all() -> list[str]:
        slots = asyncio.Semaphore(request["slots"])
        async with openai.AsyncOpenAI(
            base_url=request["base_url"], api_key="none", max_retries=ATTEMPTS
        ) as client:
            return await asyncio.gather(*(ask(client, slots, one) for one in both_orders(request)))

    return lambda: asyncio.run(ask_all())


def with_alpaca_eval(request: dict[str, Any]) -> Callable[[], list[str]]:
    """alpaca_eval's own way of asking many prompts."""
    os.environ |= {"OPENAI_API_KEY": "none", "OPENAI_API_BASE": request["base_url"]}
    from alpaca_eval.decoders.openai import openai_completions

    prompts = [
        "".join(f"<|im_start|>{m['role']}\n{m['content']}\n<|im_end|>\n" for m in messages)
        for messages in both_orders(request)
    ]

    def ask_all() -> list[str]:
        return list(
            openai_completions(
                prompts,
                "gpt-4",
                max_tokens=1024,
                num_procs=request["slots"],
                client_config_path="/nowhere",
                openai_api_keys=["none"],
                openai_organization_ids=[None],
                openai_api_base=request["base_url"],
            )["completions"]
        )

    return ask_all


def with_fastchat(request: dict[str, Any]) -> Callable[[], list[str]]:
    """FastChat's matches between two models, played by as many threads as requests may be in flight."""
    from concurrent.futures import ThreadPoolExecutor

    import openai
    from fastchat.llm_judge.common import Judge, MatchPair, play_a_match_pair

    # The client FastChat stands on is an old one, set up by its module's variables.
    client: Any = openai
    client.api_base, client.api_key = request["base_url"], "none"
    template = {
        "name": "pair",
        "type": "pairwise",
        "system_prompt": SYSTEM,
        "prompt_template": "[Prompt]\n{question}\n\n[Answer A]\n{answer_a}\n\n[Answer B]\n{answer_b}",
        "output_format": "[[A]]",
    }
    judge = Judge("gpt-4", template)

    def match(number: int, pair: dict[str, str]) -> MatchPair:
        answers = [{"choices": [{"turns": [pair[side]]}]} for side in ("answer_a", "answer_b")]
        question = {"question_id": number, "turns": [pair["prompt"]]}
        return MatchPair(question, "one", "two", *answers, judge, ref_answer=None, multi_turn=False)

    matches = [match(number, pair) for number, pair in enumerate(request["pairs"])]

    def ask_all() -> list[str]:
        with ThreadPoolExecutor(request["slots"]) as threads:
            played = list(threads.map(lambda one: play_a_match_pair(one, output_file=""), matches))
        return [
            f"[[{'C' if one[side] == 'tie' else 'A'}]]" if one[side] != "error" else ""
            for one in played
            for side in ("g1_winner", "g2_winner")
        ]

    return ask_all


CONTENDERS = {
    "aiohttp alone": with_aiohttp,
    "OpenAI client": with_openai,
    "alpaca_eval": with_alpaca_eval,
    "FastChat": with_fastchat,
}


def main() -> None:
    """Read the request, ask, write the reply."""
    asked, replied = map(Path, sys.argv[1:])
    request = json.loads(asked.read_text())
    work = CONTENDERS[request["contender"]](request)
    replies: list[str] = []
    broke = None
    begun, cpu = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            replies = work()
        except Exception as error:
            broke = f"{type(error).__name__}: {error}"[:200]
    reply = {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "verdicts": sum("[[" in text for text in replies),
        "broke": broke,
    }
    replied.write_text(json.dumps(reply))


if __name__ == "__main__":
    main()
