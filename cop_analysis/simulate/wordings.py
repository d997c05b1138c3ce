"""The words of simulated tables: items, topics, comments and outputs, all written for this project; data only."""

from __future__ import annotations

SECTORS = ("hospice", "community provider", "acute trust", "primary care", "care home group")

RATING_ITEMS = (
    ("relevance", "How relevant was this session to your role?"),
    ("ease_of_attendance", "How easy was it for you to attend this session?"),
    ("peer_support", "How far did you feel supported by peers in this session?"),
)

RELATION_WORDINGS = (
    (
        "advice",
        "Whom have you asked for advice about a prescribing decision in the last six months?"
        " (1 once, 2 a few times, 3 monthly, 4 weekly or more)",
    ),
    (
        "knows_of",
        "Whose role and expertise in prescribing do you know of? (1 by name only, 2 have spoken, 3 know well)",
    ),
)

ITEM_WORDINGS = (
    "I am confident that I can assess a patient and reach a working diagnosis before I prescribe",
    "I am confident that I can recognise the limits of my scope of practice and prescribe within it",
    "I am confident that I can choose the right dose and formulation when I prescribe for symptom control",
    "I am confident that I can prescribe anticipatory medicines for someone at the end of life",
    "I am confident that I can stop or reduce a medicine that no longer helps the patient",
    "I am confident that I can explain the benefits and risks of a medicine so that the patient can decide",
    "I am confident that I can manage interactions and the use of many medicines together",
    "I am confident that I can find the right person to ask for prescribing advice in another organisation",
    "I am confident that I can challenge a prescribing decision made by a colleague",
    "I am confident that I can keep prescribing records that meet governance requirements",
)

FURTHER_SITUATIONS = (
    "prescribe for a patient with kidney failure",
    "prescribe for a patient with liver disease",
    "prescribe for a frail older person",
    "prescribe for someone who cannot swallow",
    "prescribe a controlled drug",
    "review a repeat prescription",
    "prescribe after a discharge with incomplete records",
    "prescribe when the patient and the family disagree",
)

NEGATIVE_WORDINGS = (
    "I put off prescribing decisions until a doctor can confirm them",
    "I worry for days about a prescription after I have signed it",
    "I avoid prescribing outside the few medicines that I know best",
    "I feel on my own when I make a prescribing decision",
)

ANSWER_LABELS = {
    "strongly disagree": 1,
    "disagree": 2,
    "neither agree nor disagree": 3,
    "agree": 4,
    "strongly agree": 5,
}

TOPICS = (
    "Scope of practice and how it changes",
    "Anticipatory medicines",
    "Pain that does not respond",
    "Breathlessness at home",
    "Nausea: choosing the first medicine",
    "Stopping medicines well",
    "Prescribing in kidney failure",
    "Learning from prescribing errors",
    "Antibiotics in the last weeks of life",
    "Controlled drugs across organisations",
    "Syringe drivers: what goes with what",
    "Keeping a record others can use",
)

CHANGES = (
    (
        "Sessions moved to the lunch hour",
        "Ease of attendance was rated low: late afternoon clashed with clinics and visits.",
        "ease_of_attendance",
    ),
    (
        "Small groups that mix organisations discuss a case",
        "Peer support was rated lower than relevance: few people spoke in the whole group.",
        "peer_support",
    ),
)

OUTPUTS = (
    "Terms of reference agreed by all organisations",
    "Shared prompt card for anticipatory prescribing",
    "Library of anonymised prescribing cases",
    "Directory of prescribers who offer peer supervision",
    "Single contact list for out-of-hours advice",
    "One-page guide to stopping medicines",
)

# Comments by rating item, tone and stage: "any" always; "before" and "after" a change of design meant for the item.
COMMENTS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "relevance": {
        "low": {
            "any": (
                "Most of it was about inpatients; I prescribe in people's homes.",
                "Not much for physio prescribers in this one.",
                "Too basic after ten years of prescribing, sorry!",
                "I needed more on doses and less on policy.",
                "Good speaker – but not my patients.",
            )
        },
        "middling": {
            "any": (
                "Half of it I could use.",
                "Useful background; I would like one case from the community next time.",
                "OK. Slides afterwards, please?",
                "The first 20 minutes were for me, the rest less so.",
                "Fine, though I knew the guideline already...",
                "Good topic; my patients are younger than the ones you talked about.",
                "Middle part was useful, I took two points away.",
            )
        },
        "high": {
            "any": (
                "Exactly the question I had on Tuesday's visit.",
                "Used it the same afternoon 🙂",
                "The one-page table is now on our office wall.",
                "Best hour of CPD this year",
                "Real cases >> slides. More of this.",
                'The pharmacist\'s comment, "start low, review at 48 hours", was worth the session on its own.',
                "Very relevant: I had two patients like this last month.",
            )
        },
    },
    "ease_of_attendance": {
        "low": {
            "any": (
                "Link did not work until <10 minutes before the end.",
                "Had to dial in from the car park (again).",
                "No cover, so I listened with one ear.",
                "Our wi-fi dropped out twice.",
            ),
            "before": (
                "4 pm is when the discharges happen – impossible.",
                "Could not leave the ward at that hour; joined late.",
                "Please, any time but late afternoon.",
                "Clinic overran, as it does every week at this time.",
            ),
            "after": ("Lunch is the only break I get, and now it is a meeting.",),
        },
        "middling": {
            "any": (
                "Managed most of it; left early for a visit.",
                "Got in once I found the right link.",
                "Depends on who is on shift with me.",
                "Recording would help on days I can't come.",
                "Invite came late; I had to swap a visit.",
                "Fine from home, not from the ward.",
                "OK once the microphone worked.",
                "I can come if somebody holds the phone.",
            ),
        },
        "high": {
            "any": (
                "Easy: one click and no travel.",
                "My manager blocks the time out for me now.",
                "No 90-minute drive – that alone makes it possible.",
            ),
            "after": (
                "Lunchtime is so much better. Thank you for listening!",
                "+1 for the new time",
                "First time I could stay to the end.",
                "The earlier slot suits the whole team.",
            ),
        },
    },
    "peer_support": {
        "low": {
            "any": (
                "I did not feel I could ask my question.",
                "Same three voices as always.",
                "Quiet people stay quiet in there.",
            ),
            "before": (
                "Thirty faces on a screen; nobody wants to go first.",
                "A lecture, really. Who are the others?",
            ),
            "after": ("Our small group had only two people left in it by the end.",),
        },
        "middling": {
            "any": (
                "Nice to hear that others struggle with this too.",
                "Some discussion, then we ran out of time.",
                "Helpful chat box; less so the talk.",
                "Would be good to know who works where.",
                "I listened more than I spoke, which was fine with me.",
                "Friendly. A bit more structure would help.",
                "Two people answered my question, then we had to move on.",
                "Same topics come up again; maybe that is the point?",
            ),
        },
        "high": {
            "any": (
                "Someone from the other hospice rang me the next day to follow up.",
                "I said what I was unsure about and nobody raised an eyebrow.",
                "It helps to hear it's not just me.",
                "Supportive, kind, practical.",
            ),
            "after": (
                "The small groups changed everything: we all spoke.",
                "Breakout with acute + community + hospice: at last we see the same patient from three sides.",
                "Swapped numbers with the hospital pharmacist 👍",
                "Four people, one case, twenty minutes. Perfect.",
            ),
        },
    },
}
