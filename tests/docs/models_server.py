"""The reader's server of models: judges where it is asked as a judge, answers in a sentence or two where it is not."""

from tests.support.scripted_endpoint import Reply, ScriptedEndpoint, Seen, completion
from tests.support.scripted_judge import asked_in, longer

SENTENCES = (
    "Anna bakes it.",
    "It is Anna who bakes the bread, every morning before the sun is up.",
    "Gladly: the baker does.",
    "That depends on what you mean; most people here would say yes.",
)


def models_server() -> ScriptedEndpoint:
    """Return a server that judges the longer answer to be better, and answers by the letters of what it is asked."""

    def compute(seen: Seen) -> Reply:
        asked = "\n".join(message["content"] for message in seen.body["messages"])
        if "</answer" not in asked:
            said = SENTENCES[sum(map(ord, asked + str(seen.body.get("model")))) % len(SENTENCES)]
            if seen.body.get("stream"):
                return Reply(pieces=[word + " " for word in said.split()])
            return Reply(body=completion(said, usage=(len(asked) // 4, len(said) // 4)))
        question = asked_in(seen)
        said = "7" if len(question.answers) == 1 else longer(question)
        if question.structured:
            verdict = '"score": 7' if said == "7" else f'"verdict": "{said}"'
            text = f'{{"explanation": "because", "code": "{question.code}", {verdict}}}'
        else:
            text = f"One is better.\n[[{question.code}: {said}]]"
        return Reply(body=completion(text, usage=(len(asked) // 4, 20)))

    return ScriptedEndpoint(compute=compute)
