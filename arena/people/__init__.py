"""How far voters agree with each other, on which battles they do not, and how far each can be relied on."""
