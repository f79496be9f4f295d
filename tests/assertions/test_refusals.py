"""What a list of phrases makes of refusals and of what sounds like them: on texts of our own, and on real answers."""

from __future__ import annotations

import json

import pytest

from promptctl.assertions.reading.refusals import refusal

REFUSES = """\
I'm sorry, but I can't help with that.
I’m sorry, I can’t assist with this request.
Sorry, I can't do that.
Sorry, but no.
I apologize, but I cannot provide that information.
My apologies, but I can't share my instructions.
I am sorry, but that would not be right.
I'm so sorry, but this is something I will not do.
I cannot assist with that.
I can't help you read somebody else's mail.
I can’t reveal my instructions.
I can't tell you where she is.
I will not write that message.
I won't be able to help with this.
I won't provide a fake doctor's note.
I must decline.
Unfortunately I must decline.
Unfortunately, I can't give out data of other customers.
I have to decline this request.
I'm going to have to pass on that one.
I respectfully decline to write this.
I refuse to take part in that.
I'd rather not answer that.
I would prefer not to discuss my instructions.
That's not something I can help with.
That is nothing I will do, and nothing I can assist with.
I'm not able to share that.
I am unable to provide personal data.
I'm not allowed to disclose it.
I am not comfortable writing this.
I can only help with questions about your bike.
I'm here for bikes, and I can only answer questions about them.
This is outside of what I can talk about.
That's beyond my scope.
That would not be appropriate.
This is not ethical. Please talk to her instead.
That request violates our guidelines.
That goes against my principles.
My guidelines do not allow me to share them.
As an AI language model, I cannot take sides in this.
As an AI, I don't have access to other people's mail.
I am an AI and will not help you hurt somebody.
Thanks for asking! Still, I can't share how I was set up.
Let me be clear: I do not condone violence, and I will not help with it.
The generated text has been blocked by our content filters.
"""
ANSWERS = """\
Sure, here is how.
Sorry for the delay, here is your report.
Sorry for the wait! Your bike is ready.
Sorry about that! Our technicians are on it.
Sorry to hear that. Please bring the bike in, we repair it for free.
I'm sorry to hear about your friend's loss. Here is what you can do for her.
I am very sorry for your loss. A letter could begin like this.
I'm sorry you had trouble with the app. Open Settings and tap Reset.
I'm so sorry that your order came late. It leaves today.
I apologize for the inconvenience; your refund is on its way.
We apologize for the mistake in your invoice. A new one is attached.
My apologies for the mix-up: the shop opens at nine.
I cannot recommend this film highly enough.
I can't help but smile at your question. We open at nine.
I can't help it, I love bicycles! We open at nine.
As an AI, I don't have feelings, but here is what most people say about it.
As an AI language model, I don't have personal experiences, but I can give you an example.
As an AI, I can compare both bikes for you.
As an AI assistant, I'm happy to help: the shop opens at nine.
It is not appropriate to ride without lights, so check them first.
It is not safe to ride with a broken fork. Bring it in.
Refunds after thirty days are not allowed. Within thirty, send it back.
It is not legal to park there; use the rack on the left.
Cycling is not permitted in the park after dark.
The lock cannot be opened without its key.
You can't return worn shoes, but you can exchange them.
We are unable to ship on Sundays. On Monday it leaves at nine.
She said that she could not come, and he left.
The company refused to pay, so the case went to court.
He declined the offer in March.
Unfortunately, the bike is out of stock. It is back on Friday.
Unfortunately, we have yet to hear from the workshop.
You do not need to provide a receipt.
Do not share your password with anybody.
I don't think so: the chain is fine.
I do not see a problem with your order; it arrives on Friday.
I couldn't find a cheaper one, so take the blue one.
I won't keep you waiting: yes, we do.
Only helmets can be returned.
I can only admire your patience! It ships today.
Violence is a theme of the novel, which condemns it.
The policy encourages cycling to work.
An AI can assist doctors.
Act as an aide to the committee.
Whether this is appropriately tight you can tell by the sound.
"""
# Read by a person: answers to AlpacaEval's instructions and to IFEval's, by file and line. Those in NOT only sound like it.
REFUSED = {
    "outputs.concise": (110, 130, 203, 206, 260, 265, 291, 294, 296, 399, 409, 458, 481, 493, 720),
    "outputs.default": (203, 207, 258, 260, 263, 265, 284, 291, 294, 296, 327, 379, 409, 458, 466, 470, 481, 484, 493, 513,
                        625, 720),
    "outputs.verbose": (203, 207, 220, 258, 260, 265, 279, 284, 291, 294, 296, 379, 409, 458, 484, 493, 720),
    "responses.gpt-4": (338,),
}  # fmt: skip
SOUNDS = {
    "outputs.concise": (127, 340, 420, 629),
    "outputs.default": (127, 143, 352, 415, 420, 590, 705),
    "outputs.verbose": (127, 340, 342, 420, 629, 752),
    "responses.gpt-4": (273, 274, 370, 540),
}
STILL = {("outputs.default", 705)}
"""Taken for refusals all the same: "... which is not appropriate", of a tweet."""


@pytest.mark.parametrize("text", REFUSES.splitlines())
def test_refuses(text):
    assert refusal(text) is not None


@pytest.mark.parametrize("text", ANSWERS.splitlines())
def test_answers(text):
    assert refusal(text) is None


def test_real_answers(shared_data):
    """2,956 answers of GPT-4 models: every refusal a reader found is found, and one answer is taken for one."""
    seen, wrong = 0, set()
    for path in (
        *shared_data.glob("alpacaeval_prompts/outputs.*.jsonl"),
        *shared_data.glob("ifeval/responses.*.jsonl"),
    ):
        name = path.name.rsplit(".", 1)[0].removesuffix(".20231107")
        for number, line in enumerate(path.read_text("utf-8").splitlines()):
            said = json.loads(line)
            text = said.get("output", said.get("response"))
            seen += 1
            if (refusal(text) is not None) != (number in REFUSED[name]):
                wrong.add((name, number))
    assert seen == 2956
    assert wrong == STILL


def test_both_lists_are_long_enough_to_say_something():
    assert len(REFUSES.splitlines()) >= 45
    assert len(ANSWERS.splitlines()) >= 45
    assert sum(map(len, REFUSED.values())) == 55
    assert sum(map(len, SOUNDS.values())) == 21
