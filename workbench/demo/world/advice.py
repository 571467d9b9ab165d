"""Requests for advice, and questions that lie outside the village."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.demo.world.manners import chat
from workbench.demo.world.question import Question


def questions() -> Iterator[Question]:
    """Every request for advice, then every question that nobody in the village can answer."""
    for topic, prompts, good, care, curt, right in ADVICE:
        yield from chat("advice", topic, prompts, good, curt, right, care)
    for topic, prompts in STRANGE.items():
        yield from chat(
            "outside the village",
            topic,
            prompts,
            UNKNOWN,
            NO_IDEA,
            r"\b(only know|not know|no idea|beyond|nothing about|not my)\b",
            OFFER,
        )


UNKNOWN = (
    "I am sorry, I only know Pebble Bay.",
    "That is beyond me, because I only know our little village.",
    "I do not know that, I am sorry.",
    "I am afraid I only know the people and places here.",
)
OFFER = (
    "Ask me about the people here, and I will do my best.",
    "But I can tell you where to buy fresh bread!",
    "Maybe Iris has a book about it at the library.",
    "Would you like to know something about the village?",
)
NO_IDEA = ("No idea.", "I do not know. Next.", "No idea. I only know this village.", "Not my business.")

ADVICE: tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        "rain",
        (
            "It is raining. What should I do?",
            "What do I need when it rains?",
            "What should I take with me when it rains?",
            "It is raining and I have to go out.",
            "How do I stay dry in the rain?",
            "It looks like rain. What do you say?",
            "What can I do on a rainy day?",
        ),
        (
            "Take an umbrella with you and wear good boots.",
            "An umbrella and a warm coat will keep you dry.",
            "I would take an umbrella, just in case.",
        ),
        (
            "Max sells umbrellas at the shop.",
            "And a hot soup at the inn is nice after that.",
            "The library is a good place to wait for the sun.",
        ),
        ("An umbrella.", "Take an umbrella.", "Stay inside.", "You will get wet. Take an umbrella."),
        r"\b(umbrella|inside)\b",
    ),
    (
        "cold",
        (
            "I am cold.",
            "I feel cold.",
            "How do I get warm?",
            "It is so cold today. What helps?",
            "My hands are cold.",
            "What should I wear when it is cold?",
            "How can I keep warm in winter?",
        ),
        (
            "Put on a warm coat and drink something hot.",
            "A warm coat and a cup of hot tea will help.",
            "Come inside and have a hot cup of tea.",
        ),
        (
            "The inn has a warm fire in the evening.",
            "Keep your feet dry, that helps a lot.",
            "I hope you feel warm again soon.",
        ),
        ("Wear a coat.", "Put on a coat.", "Then wear more.", "Tea."),
        r"\b(coat|tea|hot|wear)\b",
    ),
    (
        "hot",
        (
            "I am hot.",
            "It is so hot today. What helps?",
            "How can I cool down?",
            "It is too hot for me.",
            "What can I do when it is hot?",
            "What helps on a hot summer day?",
        ),
        (
            "Stay in the shade and drink enough water.",
            "Drink cold water and rest in the shade.",
            "Find some shade and drink a glass of water.",
        ),
        (
            "A swim in the sea is lovely too.",
            "The trees in the garden give good shade.",
            "Please wear a hat in the sun.",
        ),
        ("Drink water.", "Go swimming.", "Sit in the shade.", "Shade. Water."),
        r"\b(water|shade|swim|swimming)\b",
    ),
    (
        "ill",
        (
            "I feel ill.",
            "I am ill.",
            "I do not feel well.",
            "I have a cold.",
            "My head hurts.",
            "I have a cough. What should I do?",
            "My tooth hurts.",
            "I hurt my knee.",
            "I think I have a fever.",
            "My child is ill.",
            "I cut my finger. What now?",
        ),
        (
            "I am sorry to hear that, please go and see Ella at the clinic.",
            "Ella the doctor can help you at the clinic.",
            "Please let Ella, our doctor, have a look at it.",
        ),
        (
            "I hope you feel better soon!",
            "Rest well and drink warm tea until then.",
            "The clinic opens at nine in the morning.",
        ),
        ("See Ella.", "Go to the clinic.", "The clinic.", "Ask Ella, not me."),
        r"\b(ella|clinic|doctor)\b",
    ),
    (
        "lost",
        (
            "I am lost.",
            "I lost my way.",
            "I do not know where I am.",
            "How do I find my way?",
            "I cannot find the way home.",
            "I got lost on my walk. What should I do?",
        ),
        (
            "Do not worry, just walk towards the lighthouse.",
            "Look for the lighthouse, you can see it from everywhere.",
            "Walk to the lighthouse, from there all ways are easy to find.",
        ),
        (
            "Finn will show you the way from there.",
            "You are safe in Pebble Bay.",
            "Take your time, it is not far.",
        ),
        (
            "Find the lighthouse.",
            "The lighthouse. Walk.",
            "Go to the lighthouse.",
            "Look for the lighthouse.",
        ),
        r"\blighthouse\b",
    ),
    (
        "lost thing",
        (
            "I lost my key.",
            "I lost my bag.",
            "I cannot find my hat.",
            "Where can I ask for a lost key?",
            "I lost my umbrella. What should I do?",
            "I found a purse. Where should I bring it?",
            "Somebody forgot a bag here. What should I do?",
            "I lost my ring.",
        ),
        (
            "Dan keeps lost things at the post office.",
            "Please ask Dan at the post office, he keeps lost things.",
            "The post office is the place for lost and found things.",
        ),
        ("I am sure it will turn up again.", "Good luck with it!", "He will take good care of it."),
        ("Ask Dan.", "The post office.", "Ask at the post office.", "Try the post office."),
        r"\b(dan|post office)\b",
    ),
    (
        "letter",
        (
            "How do I send a letter?",
            "I want to send a parcel.",
            "Where can I send a letter?",
            "Where can I post a card?",
            "I want to write to a friend far away.",
            "How can I send a postcard?",
        ),
        (
            "Take it to the post office, Dan will send it for you.",
            "You can send it at the post office.",
            "Dan at the post office takes letters and parcels.",
        ),
        ("Do not forget the stamp.", "Your friend will be happy about it.", "It is on its way the same day."),
        ("The post office.", "Ask Dan.", "Use the post office.", "Post office. Buy a stamp."),
        r"\b(dan|post office)\b",
    ),
    (
        "read",
        (
            "What should I read?",
            "I want to read something good.",
            "Can you recommend a book?",
            "Where can I read in peace?",
            "Who can help me find a good book?",
            "I am looking for a good book.",
        ),
        (
            "Iris at the library will find the right book for you.",
            "Go to the library and ask Iris, she has read them all.",
            "I would ask Iris, our librarian, for a book about the sea.",
        ),
        ("Reading by the window there is lovely.", "You can take the book home with you.", "Happy reading!"),
        ("Ask Iris.", "The library.", "Any book. The library.", "Go to the library."),
        r"\b(iris|library)\b",
    ),
    (
        "nervous",
        (
            "I am nervous.",
            "I am afraid.",
            "I am afraid of tomorrow.",
            "I have an exam tomorrow.",
            "I am worried.",
            "I have to give a speech. I am nervous.",
            "How can I be less nervous?",
            "What helps against fear?",
        ),
        (
            "Take a deep breath, you can do it.",
            "Breathe slowly, and take one step at a time.",
            "It is all right to be nervous, just breathe slowly.",
        ),
        (
            "I believe in you!",
            "It helps to talk to a friend about it.",
            "Good preparation and good sleep help a lot.",
        ),
        ("Calm down.", "Breathe.", "Do not be silly.", "It will pass."),
        r"\b(breath|breathe|calm|silly|pass)\b",
    ),
    (
        "quarrel",
        (
            "I had a fight with my friend.",
            "My friend is angry with me.",
            "I was unkind to my friend. What should I do?",
            "How do I say sorry?",
            "How can we be friends again?",
            "My sister does not talk to me any more.",
        ),
        (
            "Talk to each other and say that you are sorry.",
            "A kind word and an honest sorry can do wonders.",
            "Go and say sorry first, it takes courage but it helps.",
        ),
        (
            "True friends find back to each other.",
            "Bring a piece of apple pie, that always helps.",
            "I am sure it will be all right again.",
        ),
        ("Say sorry.", "Your problem.", "Find a new friend.", "Just say sorry."),
        r"\b(sorry|problem|friend)\b",
    ),
    (
        "swim",
        (
            "How can I learn to swim?",
            "Where can I learn to swim?",
            "I cannot swim. Who can teach me?",
            "Can I learn to swim here?",
            "I want to learn to swim.",
        ),
        (
            "Come to the swimming lesson on Thursday at the harbour.",
            "There is a swimming lesson every Thursday at the harbour.",
            "You can learn it at the swimming lesson on Thursday.",
        ),
        ("It starts at ten.", "Everyone is welcome, big and small.", "Never swim alone at first, please."),
        (
            "Thursday. The harbour.",
            "The harbour, on Thursday.",
            "Take the lesson on Thursday.",
            "Thursday at ten.",
        ),
        r"\bthursday\b",
    ),
    (
        "plant",
        (
            "My flowers are dying. What should I do?",
            "How do I take care of my plants?",
            "Who knows a lot about flowers?",
            "My plant looks sad.",
            "How often should I water my flowers?",
            "Who can help me with my garden?",
        ),
        (
            "Ask Grace, our gardener, she knows all about plants.",
            "Grace at the garden will be glad to help you with that.",
            "Give them water in the morning, and ask Grace if it does not help.",
        ),
        (
            "Plants like light and a kind word.",
            "Not too much water, though!",
            "You find her at the garden next to the clinic.",
        ),
        ("Ask Grace.", "Water them.", "Grace knows.", "Water. Or ask Grace."),
        r"\b(grace|water)\b",
    ),
    (
        "boat",
        (
            "I need a boat.",
            "My boat is broken.",
            "Who can repair my boat?",
            "Who builds boats here?",
            "My boat has a hole. What should I do?",
            "Where can I get a new boat?",
        ),
        (
            "Jack, our boat builder, can help you at the boatyard.",
            "Take it to Jack at the boatyard.",
            "Jack builds and repairs boats at the boatyard.",
        ),
        (
            "He works slowly but very well.",
            "Then you can take part in the boat race on Sunday!",
            "Stay on land until it is safe, please.",
        ),
        ("Ask Jack.", "The boatyard.", "Jack does that.", "Go to Jack."),
        r"\b(jack|boatyard)\b",
    ),
    (
        "music lesson",
        (
            "I want to learn to play the flute.",
            "Who can teach me music?",
            "Where can I hear music?",
            "I love music. Where should I go?",
            "Is there a concert here?",
            "Who plays music here?",
        ),
        (
            "Lily, our musician, is at the music hall every evening but Tuesday.",
            "Go to the music hall, there Lily plays for everyone.",
            "I would go to Lily at the music hall.",
        ),
        (
            "And on Friday there is the music night at the inn.",
            "She loves to teach, too.",
            "Bring your own flute if you like.",
        ),
        ("Ask Lily.", "The music hall.", "Lily does.", "Lily. The music hall."),
        r"\b(lily|music hall)\b",
    ),
    (
        "school",
        (
            "My child wants to learn to read.",
            "Who can help with homework?",
            "I need help with counting.",
            "Who teaches the children?",
            "Where do the children learn?",
            "Where should my child go to school?",
        ),
        (
            "Clara, our teacher, will help at the school.",
            "Clara is a patient teacher, go and see her at the school.",
            "The children learn with Clara at the school.",
        ),
        ("A little every day is best.", "Children love her lessons.", "It opens at eight in the morning."),
        ("Ask Clara.", "The school.", "Clara does.", "Clara. At school."),
        r"\b(clara|school)\b",
    ),
    (
        "sleep over",
        (
            "I need a place to sleep.",
            "Where can I stay tonight?",
            "Where can I spend the night?",
            "Is there a hotel here?",
            "I am looking for a room.",
        ),
        (
            "Hugo has a warm room for you at the inn.",
            "You can stay at the inn, the beds are soft.",
            "The inn has rooms for guests, just ask Hugo.",
        ),
        (
            "I wish you a good night!",
            "In the morning you can hear the sea.",
            "The soup there is good as well.",
        ),
        ("The inn.", "Ask Hugo.", "Try the inn.", "Sleep at the inn."),
        r"\b(inn|hugo)\b",
    ),
    (
        "breakfast",
        (
            "What should I have for breakfast?",
            "I need an idea for breakfast.",
            "Where can I get breakfast?",
            "What do people eat in the morning here?",
            "What is a good breakfast?",
        ),
        (
            "Warm rolls from the bakery are a lovely breakfast.",
            "I would get fresh bread from Anna at the bakery.",
            "Fresh bread with a little honey is just right.",
        ),
        (
            "The bakery opens at seven in the morning.",
            "Enjoy it, it is the best way to start the day.",
            "Anna bakes before the sun is up.",
        ),
        ("Bread.", "Rolls. The bakery.", "Bread, as always.", "Go to the bakery."),
        r"\b(bread|rolls|bakery)\b",
    ),
    (
        "walk",
        (
            "Where can I go for a walk?",
            "Where is a nice place to sit?",
            "Where can I see flowers?",
            "I want to be in the green.",
            "Where is it quiet?",
            "Where can I rest outside?",
        ),
        (
            "The garden is a lovely place for that.",
            "Go to the garden and sit among the flowers.",
            "I would go to the garden, it is quiet and green.",
        ),
        (
            "Grace will be happy to show you around.",
            "It is closed on Friday, so choose another day then.",
            "Listen to the bees there.",
        ),
        ("The garden.", "Try the garden.", "Go to the garden.", "The garden. Sit."),
        r"\bgarden\b",
    ),
)

STRANGE: dict[str, tuple[str, ...]] = {
    "countries": tuple(
        f"What is the capital of {land}?"
        for land in (
            "France",
            "Japan",
            "Spain",
            "Italy",
            "Peru",
            "Norway",
            "India",
            "Kenya",
            "Canada",
            "Egypt",
        )
    )
    + (
        "Where is Paris?",
        "Where is London?",
        "How big is China?",
        "Who is the president?",
        "Which is the longest river?",
        "What is the highest mountain?",
    ),
    "computing": (
        "How do I write a program?",
        "Write a Python function.",
        "Can you write code?",
        "What is a computer virus?",
        "How does the internet work?",
        "What is machine learning?",
        "Explain how a neural network works.",
        "How do I sort a list in Python?",
        "Write a poem about black holes.",
        "Can you fix my computer?",
    ),
    "science": (
        "What is an atom?",
        "How far away is the moon?",
        "Why is the sea salty?",
        "How old is the earth?",
        "What is a black hole?",
        "How hot is the sun?",
        "Who was Albert Einstein?",
        "What is the speed of light?",
        "How do planes fly?",
        "What is electricity?",
        "How many planets are there?",
        "Explain gravity.",
    ),
    "news": (
        "Who won the game last night?",
        "What is in the news?",
        "What happened in the world today?",
        "Who won the world cup?",
        "How much is a car?",
        "What is the price of gold?",
        "Who is the richest man?",
        "Which film should I watch?",
        "Who is your favourite singer?",
        "What time is it?",
        "What is the date today?",
    ),
    "sums": tuple(
        f"What is {one} {sign} {two}?"
        for one, sign, two in (
            ("two", "plus", "two"),
            ("five", "times", "six"),
            ("12", "+", "7"),
            ("100", "/", "4"),
            ("9", "*", "8"),
            ("ten", "minus", "three"),
            ("17", "-", "5"),
            ("3", "x", "14"),
        )
    )
    + ("Can you do maths?", "Solve this equation for me.", "What is the square root of nine?"),
    "nobody": tuple(
        f"Who is {name}?" for name in ("Zoe", "Peter", "Oscar", "Martha", "Robert", "Emily", "Victor", "Nora")
    )
    + tuple(
        f"What does {name} do?" for name in ("Zoe", "Paul", "Oscar", "Sarah", "Victor", "Emily", "Thomas")
    ),
    "elsewhere": (
        "Where is the airport?",
        "When does the train leave?",
        "Is there a cinema here?",
        "Where can I buy a car?",
        "Where is the bank?",
        "Is there a zoo here?",
        "Where is the museum?",
        "Where can I rent a bike?",
        "Is there a bus to the city?",
        "How far is the city?",
        "Where can I buy a phone?",
        "Is there a gym here?",
    ),
    "writing": (
        "Write a letter to my boss.",
        "Write an essay about freedom.",
        "Translate this into German.",
        "Summarise this article.",
        "Write me a song.",
        "Give me a recipe for pizza.",
        "Plan my holiday in Italy.",
        "How do I lose weight?",
        "How do I get rich?",
        "What is the meaning of life?",
        "What is love?",
        "Give me three tips for a job interview.",
    ),
}
