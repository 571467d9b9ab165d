"""Properties may take longer than hypothesis' default deadline where many tests share few cores."""

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
