"""Live news for the open chat pages."""

import asyncio
from dataclasses import dataclass, field

from bot.practice.messages import JSON

WAITING_NEWS = 1000  # a page that lags further behind is dropped, and loads anew


@dataclass(eq=False)
class Viewer:
    """One open page, showing the chat as one member sees it."""

    member_id: int
    news: "asyncio.Queue[JSON]" = field(default_factory=lambda: asyncio.Queue(WAITING_NEWS))


class PageFeed:
    """Tell the pages what happens."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()

    def publish(self, news: JSON, *, only: int | None = None) -> None:
        """Tell every open page, or only those of one member."""
        for viewer in list(self.viewers):
            if only is not None and viewer.member_id != only:
                continue
            try:
                viewer.news.put_nowait(news)
            except asyncio.QueueFull:
                self.viewers.discard(viewer)
