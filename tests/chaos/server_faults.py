"""The desk's own servers killed and restarted, and the ways to them and to the exchange bad."""

import time

from tests.chaos.ground import LEASE_SECONDS, Ground
from tests.chaos.matrix import QUEUES, fault

BOTH = tuple(QUEUES)
DOWN_SECONDS = 2.0
# Each way. A turn asks the database dozens of times, and has its lease for all of them.
SLOW_SECONDS = {"exchange": 0.2, "queue": 0.2, "database": LEASE_SECONDS / 400}


@fault("the database killed in the middle of a walk", walks=True)
def database_killed(ground: Ground) -> int:
    return killed(ground, "database")


@fault("the database restarted in the middle of a walk", walks=True)
def database_restarted(ground: Ground) -> int:
    begin(ground)
    ground.servers["database"].stop()
    ground.servers["database"].start()
    ground.over()
    return 1


@fault("the queue's server killed in the middle of a walk", walks=True, queues=BOTH)
def queue_killed(ground: Ground) -> int:
    return killed(ground, "queue")


def killed(ground: Ground, name: str) -> int:
    begin(ground)
    ended = ground.kill_server(name, DOWN_SECONDS)
    ground.over()
    return ended


def begin(ground: Ground) -> None:
    ground.approve()
    ground.placed()
    time.sleep(ground.chance.uniform(0, 1))


@fault("the way to the exchange cut in the middle of a walk", walks=True)
def cut(ground: Ground) -> int:
    return cut_off(ground, "exchange")


@fault("the way to the database cut in the middle of a walk", walks=True)
def database_cut(ground: Ground) -> int:
    return cut_off(ground, "database")


@fault("the way to the queue cut in the middle of a walk", walks=True, queues=BOTH)
def queue_cut(ground: Ground) -> int:
    return cut_off(ground, "queue")


def cut_off(ground: Ground, what: str) -> int:
    """Break the connections and refuse others for a while, as a server does that is restarted."""
    begin(ground)
    broken = ground.proxies[what].cut()
    time.sleep(DOWN_SECONDS)
    ground.proxies[what].mend()
    ground.over()
    return broken


@fault("connections to the exchange half open in the middle of a walk", walks=True)
def half_open(ground: Ground) -> int:
    return deafened(ground, "exchange")


@fault("connections to the database half open in the middle of a walk", walks=True)
def database_half_open(ground: Ground) -> int:
    return deafened(ground, "database")


@fault("connections to the queue half open in the middle of a walk", walks=True, queues=BOTH)
def queue_half_open(ground: Ground) -> int:
    return deafened(ground, "queue")


def deafened(ground: Ground, what: str) -> int:
    """Nobody says that these connections are dead; the orders have to walk on all the same."""
    begin(ground)
    deaf = ground.proxies[what].half_open()
    ground.over()
    ground.placed(3)
    return deaf


@fault("the way to the exchange slow", walks=True)
def slow(ground: Ground) -> int:
    return slowed(ground, "exchange")


@fault("the way to the database slow", walks=True)
def database_slow(ground: Ground) -> int:
    return slowed(ground, "database")


@fault("the way to the queue slow", walks=True, queues=BOTH)
def queue_slow(ground: Ground) -> int:
    return slowed(ground, "queue")


def slowed(ground: Ground, what: str) -> int:
    delayed = ground.proxies[what].delay(SLOW_SECONDS[what])
    ground.approve()
    ground.placed(2)
    ground.proxies[what].mend()
    ground.over()
    return delayed
