"""Beat, which keeps one connection for good, is heard again as soon as the queue's server is back."""

import gc

import pytest
from celery import Celery
from celery.beat import Scheduler, SchedulingError

from tests.chaos.desks import wait_until
from tests.chaos.matrix import QUEUES
from tests.chaos.servers import running
from tests.surroundings import needs

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # kombu drops the socket of a dead server unclosed
@pytest.mark.parametrize("queue", QUEUES)
def test_beat_outlives_the_queues_server(queue, monkeypatch):
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)  # Celery would take it before the app's own
    outlive(queue)
    gc.collect()  # here, and not in another test


def outlive(queue):
    with needs(running(QUEUES[queue])) as server:
        app = Celery("beat")
        app.config_from_object("django.conf:settings", namespace="CELERY")
        app.conf.broker_url = server.url
        beat = Scheduler(app, lazy=True)
        sweep = beat.Entry(name="sweep", task="orders.tasks.sweep", schedule=1, app=app)

        def is_sent():
            try:
                return beat.apply_async(sweep, producer=beat.producer, advance=False)
            except SchedulingError:
                return False

        assert is_sent()
        server.kill()
        wait_until(lambda: not is_sent(), "the loss to be noticed")

        server.start()

        wait_until(is_sent, "a call to be taken", 20)
        app.close()
