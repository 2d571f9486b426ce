"""Wake-up calls: a queue that is down costs nobody time."""

from kombu.exceptions import OperationalError

from orders import queue


def test_a_queue_that_is_down_is_left_alone_for_a_moment(monkeypatch):
    asked, now = [], [100.0]

    def send(task, **_):
        asked.append(task)
        raise OperationalError("connection refused")

    monkeypatch.setattr(queue.current_app, "send_task", send)
    monkeypatch.setattr(queue, "monotonic", lambda: now[0])
    monkeypatch.setattr(queue, "_down", queue.Down())

    for seconds in (0, 0.5, 0.4, 0.2, 0.5):
        now[0] += seconds
        queue.publish("work")

    assert len(asked) == 2
