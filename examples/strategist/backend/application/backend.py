"""What the parts of the application share."""

from .database import Database
from .faults import Faults
from .rows import Rows
from .settings import Settings
from .traffic import Traffic


class Backend:
    """The settings and the tables of one backend. It holds no state of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database)
        self.rows = Rows(self.database)
        self.traffic = Traffic(self.database)

    def faults(self, endpoint: str) -> Faults:
        """What an endpoint has to suffer."""
        return Faults(self.database, endpoint)
