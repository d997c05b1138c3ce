"""Simulated transcripts: who says what in which order, and where each codable sentence stands; no coding here.

The transcripts are put together from sentences written for this project, each with the code it speaks for. They have
the form of real ones (turns, asides, dissent) but not the depth: they serve benchmarks, planning and trying the
workbench out. In a sentence, {medicine}, {place}, {colleague} and {time} are filled in anew each time it is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from cop_analysis.simulate.draws import Draws
from cop_analysis.simulate.programme import Membership, days, text, wave_dates
from cop_analysis.simulate.settings import SimulationSettings


@dataclass(frozen=True)
class Theme:
    """A code with what people say of it.

    `clause` is how the code reads inside a configured statement, in the `role` it usually has there; the role is a
    property of the link, so a code may serve in others too.
    """

    code: str
    name: str
    parent: str
    role: str
    level: str
    clause: str
    definition: str
    sentences: tuple[str, ...]


PARENTS = (
    ("code-conditions", "Working conditions", "What surrounds a prescriber before and beside the forum."),
    ("code-offer", "What the forum offers", "Resources that the sessions bring in."),
    ("code-response", "How people respond", "What members think and feel in answer to a resource."),
    ("code-results", "What follows", "What members do or stop doing, and what does not change."),
)

THEMES = (
    Theme(
        "code-alone",
        "Only prescriber in the team",
        "code-conditions",
        "context",
        "individual",
        "a prescriber has no other prescriber in the team",
        "The speaker prescribes without a fellow prescriber close by. Not: being busy.",
        (
            "I am the only one here who prescribes, so there is nobody at the next desk to turn to.",
            "In {place} you sign on your own and you go home on your own with it.",
            "When {colleague} left, I became the single prescriber for the whole patch.",
            "There is no second pair of eyes when I write up {medicine}.",
            "People assume there is a team of us, and there is only me.",
        ),
    ),
    Theme(
        "code-protected",
        "Protected time",
        "code-conditions",
        "context",
        "organisational",
        "a manager protects the time for the session",
        "Time for the forum is agreed and covered by the organisation.",
        (
            "My manager put it on the rota, which means somebody covers my visits.",
            "It is in my job plan now, so I do not have to apologise for going.",
            "Because the hour is protected I can come with my head clear.",
            "Since {time} the lead has blocked that hour out for all of us.",
            "Nobody bleeps me during the session, and that was agreed from above.",
        ),
    ),
    Theme(
        "code-pressure",
        "Pressure of work",
        "code-conditions",
        "context",
        "organisational",
        "clinical work overruns into the hour of the session",
        "Work at the time of the session keeps people away or half present.",
        (
            "The session falls when the phones are worst, so I sit there answering messages.",
            "If one of us is off sick, the forum is the first thing to go.",
            "I missed it in {time} because a discharge went wrong at the last minute.",
            "You cannot think about learning with eleven visits left on the list.",
            "I had it on in the background, and that is not the same as being there.",
        ),
    ),
    Theme(
        "code-borders",
        "Borders between organisations",
        "code-conditions",
        "context",
        "system",
        "records and rules differ between organisations",
        "Different systems, forms or policies stand between organisations.",
        (
            "Their chart and our chart do not even use the same names for things.",
            "I cannot see what {place} has prescribed until the letter comes.",
            "Each organisation has its own formulary, and patients move through all of them.",
            "You need three phone calls to find out who last changed the {medicine}.",
            "On paper we are one system, but the records stop at the door.",
        ),
    ),
    Theme(
        "code-cases",
        "Real cases",
        "code-offer",
        "resource",
        "interpersonal",
        "members bring real cases to the session",
        "Cases from members' own practice are discussed.",
        (
            "Somebody brought a patient with {medicine} and we went through it step by step.",
            "It was a real case with all the mess left in, not a tidy one from a book.",
            "We spent twenty minutes on one prescription and I learned more than in a whole study day.",
            "I brought my own case in {time} and got four different views on it.",
            "What I remember is the patients, not the slides.",
        ),
    ),
    Theme(
        "code-faces",
        "Faces from elsewhere",
        "code-offer",
        "resource",
        "interpersonal",
        "members of different organisations meet in small groups",
        "The session brings people of different organisations together.",
        (
            "I had written to {colleague} for years and never knew the face.",
            "In the small group there was one of us from every organisation.",
            "You hear how {place} does it, straight from the person who does it.",
            "Now there is a name and a voice behind the referral form.",
            "We would never have met otherwise, we work eight miles apart.",
        ),
    ),
    Theme(
        "code-slot",
        "A time that fits",
        "code-offer",
        "resource",
        "organisational",
        "the session is moved to an hour that fits the working day",
        "The hour or form of the session makes it possible to come.",
        (
            "Since they moved the time I have not missed one.",
            "An hour on a screen I can do, half a day with the drive I cannot.",
            "The new slot sits between the morning round and the visits, which is clever.",
            "It starts on time and ends on time, so I can promise the team I will be back.",
            "They asked us when, and then they really changed it.",
        ),
    ),
    Theme(
        "code-afterwards",
        "Notes and contacts afterwards",
        "code-offer",
        "resource",
        "interpersonal",
        "notes and contacts are shared after the session",
        "Material or contacts that last beyond the session.",
        (
            "The summary comes round two days later and I keep it in the car.",
            "There is a contact list now, and it has direct numbers on it.",
            "Somebody always writes up the case, so those who missed it can follow.",
            "I printed the page about {medicine} and it hangs beside the cupboard.",
            "If I miss one I read the notes, though it is thinner that way.",
        ),
    ),
    Theme(
        "code-not-just-me",
        "Not just me",
        "code-response",
        "reasoning",
        "individual",
        "see that others are unsure as well",
        "Relief at finding that others share a doubt.",
        (
            "It was a relief to hear that somebody so experienced finds it hard too.",
            "I thought it was just me, and then six hands went up.",
            "You stop thinking that you are the weak one.",
            "When {colleague} said she had got it wrong once, the whole room breathed out.",
            "Knowing that others lie awake over {medicine} makes it lighter.",
        ),
    ),
    Theme(
        "code-permission",
        "Allowed to ask",
        "code-response",
        "reasoning",
        "interpersonal",
        "feel that asking is allowed",
        "Asking is felt to be legitimate, not a sign of failing.",
        (
            "After that I felt I was allowed to ring and ask.",
            "Nobody makes you feel stupid for asking, so you ask.",
            "It is as if the forum gave us permission to use each other.",
            "I would not have dared to contact {place} before, who am I to call them?",
            "She said ring me any time, and I believed her because I had met her.",
        ),
    ),
    Theme(
        "code-compare",
        "Measuring oneself against peers",
        "code-response",
        "reasoning",
        "individual",
        "measure their own decisions against those of peers",
        "Own practice is checked against how others decide.",
        (
            "I go through it in my head and check, would I have done the same?",
            "Hearing their reasons made me look again at my own.",
            "It turned out that what I do is what most of them do.",
            "I noticed that I was the only one who starts {medicine} at that dose.",
            "You hold your own habit up against theirs and sometimes it does not look so good.",
        ),
    ),
    Theme(
        "code-wary",
        "Wary of showing gaps",
        "code-response",
        "reasoning",
        "individual",
        "fear to show what they do not know",
        "Reluctance to speak because colleagues or managers listen.",
        (
            "My manager was in the room, so I kept my question to myself.",
            "I am not going to say in front of thirty people that I do not know.",
            "There is a worry that it gets back to your own organisation.",
            "The hospital people know so much that I went quiet.",
            "For me it is a place where you have to look competent.",
        ),
    ),
    Theme(
        "code-confident",
        "Prescribes with more confidence",
        "code-results",
        "outcome",
        "individual",
        "they prescribe with more confidence",
        "The speaker or others decide and sign with more confidence.",
        (
            "I wrote up the {medicine} that same week and did not lose sleep over it.",
            "I decide now, where I used to wait for the doctor to come back.",
            "My hand is steadier when I sign, if that makes sense.",
            "Families notice that I can explain what I am giving and why.",
            "In {time} I started something on a Friday that I would have left till Monday.",
        ),
    ),
    Theme(
        "code-ask-across",
        "Asks across organisations",
        "code-results",
        "outcome",
        "interpersonal",
        "they ask for advice across organisations",
        "Advice is sought from somebody in another organisation.",
        (
            "I rang {colleague} from the other organisation and had an answer in five minutes.",
            "We now ask {place} directly and do not go round by the practice.",
            "Two of us from different organisations look at difficult charts together.",
            "There are three people outside my own trust whom I message about {medicine}.",
            "She called me for advice, and that had never happened before.",
        ),
    ),
    Theme(
        "code-stops",
        "Stops medicines",
        "code-results",
        "outcome",
        "individual",
        "they review and stop medicines",
        "A medicine is stopped or reduced that would have gone on.",
        (
            "I stopped {medicine} for a lady who had been on it for no reason since a fall.",
            "I look at the whole list now and ask what is still doing any good.",
            "Taking something away used to feel riskier than adding, and it does not any more.",
            "We got one patient from fourteen medicines to eight.",
            "In {time} I reduced it and nothing bad happened.",
        ),
    ),
    Theme(
        "code-unchanged",
        "Nothing changed",
        "code-results",
        "outcome",
        "individual",
        "nothing changes in what they do",
        "The speaker sees no difference in practice.",
        (
            "To be honest, I prescribe exactly as I did before.",
            "It is pleasant, but on Monday it is the same job with the same forms.",
            "I still ring the same two people I always rang.",
            "If anything I became more careful, and not surer.",
            "I could not point to one prescription that is different because of it.",
        ),
    ),
)

QUESTIONS = (
    "Could you tell me how you came to the forum, and what your working day looks like?",
    "Some people say that it matters who else is in the room. How is that for you?",
    "Think of one session that stayed with you. What happened, and what did it do?",
    "We have an idea that meeting people from other organisations makes it easier to ask. Does that fit?",
    "And where does that idea not fit? What would I have missed?",
    "What, if anything, do you do differently now when you prescribe?",
    "Has there been a time when the forum did not help, or got in the way?",
    "What would have to be in place for it to work for somebody who is new?",
    "If the forum stopped tomorrow, what would be lost, and for whom?",
    "You said something about time. Could you say more about what makes it possible to come?",
)

ASIDES = (
    "Let me think how to put it.",
    "It is hard to say in general, so I will say how it was for me.",
    "That was some time in {time}, if I remember rightly.",
    "I work across {place} and two other sites, so I see a bit of everything.",
    "We talked about {medicine} that day.",
    "Sorry, that was my phone, go on.",
    "I would not want to speak for everybody.",
    "You would have to ask {colleague} how she saw it.",
    "Anyway.",
    "I do not know whether that is what you are after.",
    "It takes me a while to trust these things.",
    "People are tired, you have to know that.",
)

REACTIONS = (
    "Yes, the same with us.",
    "I see it differently, if I may.",
    "Can I come in there?",
    "That is what I was going to say.",
    "Not in our place, I am afraid.",
    "Hm, sometimes.",
)

FILLINGS = {
    "medicine": (
        "morphine",
        "midazolam",
        "levomepromazine",
        "furosemide",
        "gabapentin",
        "amitriptyline",
        "an anticoagulant",
        "dexamethasone",
    ),
    "place": ("the hospice", "the hospital", "the community team", "the care home", "the clinic", "the surgery"),
    "colleague": ("the pharmacist", "the lead nurse", "the consultant nurse", "our physiotherapist", "the paramedic"),
    "time": ("the autumn", "November", "January", "the spring", "May", "the summer"),
}

ACTORS = (
    "prescribers who work alone",
    "newly qualified prescribers",
    "experienced prescribers",
    "prescribers in the community",
    "prescribers in hospices",
    "allied health professionals who prescribe",
)


FOCUS_GROUP_EVERY = 8
_FOCUS_GROUP_SIZE = 4


@dataclass(frozen=True)
class Passage:
    """A sentence that speaks for a code: where it stands, in code points, and who said it."""

    document: int
    start: int
    end: int
    theme: int
    speaker: str


@dataclass(frozen=True)
class Transcript:
    """A simulated transcript; `file` is its path inside the study folder."""

    document: str
    file: str
    kind: str
    title: str
    people: tuple[str, ...]
    text: str


def write_transcripts(
    settings: SimulationSettings, members: Membership
) -> tuple[tuple[Transcript, ...], tuple[Passage, ...]]:
    """Write the transcripts of a study and list every passage that can be coded."""
    draws = Draws(settings.seed, "transcripts")
    consenting = np.flatnonzero(members.consents)
    order = consenting[draws.order(len(consenting))]
    width = max(2, len(str(settings.transcripts)))
    transcripts: list[Transcript] = []
    passages: list[Passage] = []
    following = 0
    for number in range(settings.transcripts):
        is_group = number % FOCUS_GROUP_EVERY == FOCUS_GROUP_EVERY - 1 and len(order) > 1
        size = min(_FOCUS_GROUP_SIZE, len(order)) if is_group else 1
        chosen = [str(members.ids[order[(following + k) % len(order)]]) for k in range(size)]
        following += size
        words, found = _talk(draws, number, chosen, settings.transcript_words)
        document = f"D{number + 1:0{width}d}"
        kind = "focus group" if is_group else "interview"
        transcripts.append(
            Transcript(
                document=document,
                file=f"documents/{document}_{kind.replace(' ', '_')}.txt",
                kind=kind,
                title=f"Focus group with {size} members" if is_group else f"Interview with {chosen[0]}",
                people=tuple(chosen),
                text=words,
            )
        )
        passages.extend(found)
    return tuple(transcripts), tuple(passages)


def documents_table(settings: SimulationSettings, transcripts: tuple[Transcript, ...]) -> pd.DataFrame:
    """Give documents.csv; interviews were held in the weeks after the last wave."""
    _, last = wave_dates(settings)
    held = [last + timedelta(days=1 + number % 30) for number in range(len(transcripts))]
    return pd.DataFrame(
        {
            "document": text([transcript.document for transcript in transcripts]),
            "file": text([transcript.file for transcript in transcripts]),
            "kind": text([transcript.kind for transcript in transcripts]),
            "people": text([";".join(transcript.people) for transcript in transcripts]),
            "date": days(np.array(held, dtype="datetime64[D]")),
            "setting": text(["video call"] * len(transcripts)),
            "title": text([transcript.title for transcript in transcripts]),
        }
    )


def _talk(draws: Draws, number: int, people: list[str], least_words: int) -> tuple[str, list[Passage]]:
    # Each speaker leans towards some themes, so that transcripts differ; the rest come up too.
    leanings = {person: [draws.one(len(THEMES)) for _ in range(5)] for person in people}
    turns: list[str] = []
    passages: list[Passage] = []
    position = words = asked = 0

    def say(speaker: str, sentences: list[tuple[str, int | None]]) -> None:
        nonlocal position, words
        turn = f"{speaker}:"
        for sentence, theme in sentences:
            start = position + len(turn) + 1
            turn += f" {sentence}"
            if theme is not None:
                passages.append(Passage(number, start, position + len(turn), theme, speaker))
        turns.append(turn)
        position += len(turn) + 2
        words += turn.count(" ") + 1

    while words < least_words:
        if asked % 2 == 0 or len(people) == 1:
            say("INTERVIEWER", [(QUESTIONS[(asked + number) % len(QUESTIONS)], None)])
        asked += 1
        for person in people:
            if len(people) > 1 and draws.happens(0.3):
                continue
            sentences: list[tuple[str, int | None]] = []
            if len(people) > 1 and draws.happens(0.5):
                sentences.append((draws.pick(REACTIONS), None))
            for _ in range(2 + draws.one(4)):
                theme = draws.pick(leanings[person]) if draws.happens(0.7) else draws.one(len(THEMES))
                if draws.happens(0.45):
                    sentences.append((_filled(draws, draws.pick(ASIDES)), None))
                sentences.append((_filled(draws, draws.pick(THEMES[theme].sentences)), theme))
            say(person, sentences)
    return "\n\n".join(turns) + "\n", passages


def _filled(draws: Draws, sentence: str) -> str:
    if "{" not in sentence:
        return sentence
    for gap, fillings in FILLINGS.items():
        if "{" + gap + "}" in sentence:
            sentence = sentence.replace("{" + gap + "}", draws.pick(fillings))
    return sentence[0].upper() + sentence[1:]
