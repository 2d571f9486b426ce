"""Processes that are killed, stopped or restarted, and a queue that repeats itself or forgets."""

import time

from desk.running.readiness import answers
from tests.chaos.ground import LEASE_SECONDS, ORDERS, Ground
from tests.chaos.matrix import QUEUES, fault

BOTH = tuple(QUEUES)
KILLS = 4
POST = {"method": "POST", "path": "/orders$"}


@fault("both workers killed right after their orders were accepted")
def killed_after_acceptance(ground: Ground) -> int:
    ground.market({"kind": "delay", "seconds": 3, "after": True, "match": POST, "times": ORDERS})
    ground.approve()
    accepted = ground.hit("delay", ORDERS, "POST")
    ground.over()
    ground.kill_workers()
    return accepted


@fault("a worker killed in the middle of a walk", walks=True)
def killed_while_walking(ground: Ground) -> int:
    return killed(ground, "worker")


@fault("the streamer killed in the middle of a walk", walks=True)
def streamer_killed(ground: Ground) -> int:
    return killed(ground, "streamer")


@fault("the bot killed in the middle of a walk", walks=True)
def bot_killed(ground: Ground) -> int:
    return killed(ground, "bot")


@fault("beat killed in the middle of a walk", walks=True)
def beat_killed(ground: Ground) -> int:
    return killed(ground, "beat")


def killed(ground: Ground, name: str) -> int:
    ground.approve()
    ground.placed()
    time.sleep(ground.chance.uniform(0, 1))
    ground.over()
    ground.desk.kill(name)
    return 1


@fault("one worker of two stopped at the approval, for longer than its lease")
def one_stopped(ground: Ground) -> int:
    ground.approve()
    time.sleep(ground.chance.uniform(0, 0.3))
    stopped = ground.stop_for(LEASE_SECONDS + 1, ground.chance.choice(ground.workers))
    ground.over()
    return stopped


@fault("both workers stopped in the middle of a walk, for longer than their leases", walks=True)
def both_stopped(ground: Ground) -> int:
    ground.approve()
    ground.placed()
    time.sleep(ground.chance.uniform(0, 1))
    stopped = ground.stop_for(LEASE_SECONDS + 1, *ground.workers)
    ground.over()
    return stopped


@fault("both workers stopped between the commit of an intent and its POST")
def stopped_before_post(ground: Ground) -> int:
    """The database has committed, and its answer is kept back until the workers stand still."""
    ground.proxies["database"].hold_commits(b'INSERT INTO "orders_placement"')
    ground.approve()
    intents = ground.until(lambda: len(found := ground.sending()) == ORDERS and found, "both intents")
    workers = ground.workers
    ground.stop(workers)
    ground.proxies["database"].mend()
    time.sleep(LEASE_SECONDS + 1)
    ground.go_on(workers)
    ground.over()
    ground.until(lambda: not set(intents) & set(ground.sending()), "both intents to be given up")
    assert not set(intents) & set(ground.sent()), "sent after its deadline"
    return len(intents)


@fault("every message of the queue delivered one to five times", walks=True, queues=BOTH)
def flooded(ground: Ground) -> int:
    ground.approve()
    return ground.inside.told("flood", 4, ground.chance.randrange(1000))


@fault("any of worker, streamer, bot, queue and database killed, again and again", walks=True, queues=BOTH)
def killed_at_random(ground: Ground) -> int:
    ground.approve()
    ground.placed()
    for name in ground.chance.choices(["worker", "streamer", "bot", *ground.servers], k=KILLS):
        time.sleep(ground.chance.uniform(0, 1))
        if name in ground.servers:
            ground.kill_server(name)
        else:
            ground.desk.kill(name)
    ground.over()
    return KILLS


@fault("the queue emptied", walks=True, queues=BOTH)
def emptied(ground: Ground) -> int:
    ground.approve()
    ground.placed()
    time.sleep(ground.chance.uniform(0, 1))
    ground.inside.told("empty_queue")
    ground.over()
    return 1


@fault("the exchange restarted", walks=True)
def exchange_restarted(ground: Ground) -> int:
    ground.approve()
    ground.placed()
    ground.desk.kill("exchange")
    ground.until(lambda: answers(f"{ground.stage.exchange.url}/practice/health"), "the exchange")
    ground.over()
    return 1
